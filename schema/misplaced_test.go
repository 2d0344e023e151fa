package schema

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/schema/tree"
)

// in puts text in place of another into an otherwise valid plan.
func in(was, is string) string { return strings.Replace(wrap("to: latest"), was, is, 1) }

// TestAWrongKeySuggestsTheRightOne has keys of other tools and of other places. Each
// is one mistake, and has one message.
func TestAWrongKeySuggestsTheRightOne(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"brokers as librdkafka names them": {in("bootstrapServers", "metadata.broker.list"),
			`unknown key "metadata.broker.list"; did you mean bootstrapServers?`},
		"ZooKeeper":              {in("bootstrapServers", "zookeeper.connect"), "did you mean bootstrapServers?"},
		"a security protocol":    {in("bootstrapServers", "security.protocol: SSL, bootstrapServers"), "write tls: {}"},
		"a truststore":           {in("bootstrapServers", "ssl.truststore.location: x, bootstrapServers"), "write tls: {caFile: FILE}"},
		"a mechanism with a dot": {in("bootstrapServers", "sasl.mechanism: PLAIN, bootstrapServers"), "write sasl: {mechanism: PLAIN}"},
		"the consumer's default": {in("topic: t", "topic: t, auto.offset.reset: latest"),
			"remove it; write the target in a step: to: earliest, or to: latest"},
		"stage state of EnOS": {strings.ReplaceAll(in("topic: t", "clearStageState: true"), "to: latest", "to: default"),
			"remove it; EnOS clears the state of one operator at a time"},
		"a group in the connection":        {in("bootstrapServers", "group.id: g, bootstrapServers"), "write it in a step: target: {group: …}"},
		"a group under the step":           {in("to: latest", "group: h, to: latest"), "write target: {group: …}"},
		"a time under the step":            {in("to: latest", "timestamp: now"), "write to: {timestamp: now}"},
		"a guard under the step":           {in("to: latest", "maxSkip: 5, to: latest"), "write guards: {maxSkip: 5}"},
		"a wait under the step":            {in("to: latest", "wait: 5m, to: latest"), "write idle: {wait: 5m}"},
		"a document's key under the step":  {in("to: latest", "onError: stop, to: latest"), "write onError at the top of the document"},
		"a word as a key":                  {in("to: latest", "to: {latest: true}"), "steps[0].to.latest: unknown key \"latest\"; write to: latest"},
		"a word as a key, without a value": {in("to: latest", "to: {earliest: ~}"), "write to: earliest"},
		"a duration":                       {in("to: latest", "to: {by_duration: PT2H}"), "write to: {timestamp: now-2h}"},
		"a dry run":                        {in("to: latest", "dryRun: true, to: latest"), "`resetplan plan` shows the effect"},
		"no space after the colon":         {in("provider: k", "provider:k"), "write a space after the colon: provider: …"},
		"a comma in a number":              {in("to: latest", "to: {offset: 1,000}"), `unknown key "000"`},
		"a Cyrillic letter in a key": {in("topic: t", "tоpic: t"),
			"the character U+043E at column 46 looks like Latin o; type o instead; did you mean topic?"},
		"a zero-width space in a key": {in("topic: t", "to\u200bpic: t"),
			"the character U+200B at column 47 is not allowed here; did you mean topic?"},
		"a Cyrillic letter in a word": {in("latest", "lаtest"),
			"the character U+0430 at column 61 looks like Latin a; type a instead; did you mean latest?"},
		"required": {strings.Replace(declaring("type: integer, required: true, default: 5"), "required", "required", 1),
			"a parameter without a default is required"},
		"a zone by another name": {in("to: latest", "to: {timestamp: 2026-11-18T00:00:00, tz: UTC}"),
			`unknown key "tz"; did you mean timezone?`},
		"groups without a value":        {in("group: g", "groups: ~"), "no value given"},
		"merge keys":                    {in("{id: a,", "{<<: {a: b}, id: a,"), "merge keys (<<) are not supported; write the keys out"},
		"an alias that contains itself": {in("to: latest", "to: &x {offsets: *x}"), "the alias *x contains itself; write the value out"},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := parse(t, c.text, nil)
			if len(errs) != 1 || !strings.Contains(errs.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", errs, c.want)
			}
		})
	}
}

// TestAWrongValueHasARemedy has values that a person writes by mistake.
func TestAWrongValueHasARemedy(t *testing.T) {
	to := func(s string) string { return in("to: latest", "to: "+s) }
	at := func(s string) string { return to("{timestamp: " + s + "}") }
	step := func(s string) string { return in("to: latest", "to: latest, "+s) }
	connection := func(s string) string { return in("bootstrapServers", s+", bootstrapServers") }
	served := func(endpoint string) string {
		return "version: 1\nname: p\nproviders:\n  k: {type: enos-pipeline, orgId: o, endpoint: '" + endpoint + "'}\n" +
			"steps:\n  - {id: a, provider: k, target: {pipelineId: i}, to: default}\n"
	}
	for name, c := range map[string]struct{ text, want string }{
		"thousands in an offset":        {to("{offset: 5k}"), `"5k" is not written in plain digits; write 5000`},
		"a blank in an offset":          {to("{offset: 5 000}"), "write 5000"},
		"a full-width digit":            {to("{offset: ５}"), "the character U+FF15 at column 69"},
		"an end as an offset":           {to("{offset: end}"), `"end" is not an offset; write to: latest`},
		"Kafka's word for the end":      {to("{offset: -1}"), "write to: latest for what Kafka clients call -1"},
		"Kafka's word for the start":    {at("-2"), "write to: earliest for what Kafka clients call -2"},
		"a negative offset":             {to("{offset: -5}"), "write {shift: -5} to move back"},
		"a topic for a partition":       {to("{offsets: {t: 5}}"), "write {0: 5}, or {t: {0: 5}} for a topic"},
		"offsets of nothing":            {to("{offsets: {}}"), "the mapping is empty; write at least one key"},
		"a date for a target":           {to("2026-11-18"), "write to: {timestamp: 2026-11-18T00:00:00Z}"},
		"a duration for a target":       {to("24h"), "write to: {timestamp: now-24h}"},
		"a plus for a target":           {to(`"+5"`), "write to: {shift: 5}"},
		"milliseconds for a target":     {to("1795231425782"), "write to: {timestamp: 1795231425782} for a time"},
		"a list for a target":           {to("[latest]"), "write one target, such as to: latest"},
		"no commit, in other words":     {to("none"), "write to: unset"},
		"words for a duration":          {step("guards: {maxAge: 3 days}"), "write 3d"},
		"an ISO duration":               {step("guards: {maxAge: PT1H30M}"), "write 1h30m"},
		"a year":                        {step("guards: {maxAge: 1y}"), "y is not a unit; write days, such as 365d for a year"},
		"a month":                       {step("guards: {maxAge: 1M}"), "M is not a unit; write 1m for minutes, or days such as 30d for a month"},
		"a negative duration":           {step("idle: {wait: -5m}"), "-5m is negative"},
		"octal, and a unit is missing":  {step("guards: {maxAge: 030}"), "a unit is missing; write 30h"},
		"an exponent without a unit":    {step("guards: {maxAge: 1e3}"), "write 1000h"},
		"milliseconds for a timeout":    {connection("timeout: 30000"), "write 30000ms for milliseconds, or 30000s for seconds"},
		"a duration for idle":           {step("idle: 5m"), "write idle: {wait: 5m}"},
		"yes":                           {step("guards: {clamp: yes}"), "write true"},
		"off":                           {step(`guards: {clamp: "off"}`), "write false"},
		"one for true":                  {step("guards: {clamp: 1}"), "write true"},
		"tls: true":                     {connection("tls: true"), "write tls: {}"},
		"sasl: PLAIN":                   {connection("sasl: PLAIN"), "write sasl: {mechanism: …}"},
		"a rate in quotes":              {connection(`rateLimit: "0.5"`), "remove the quotes: 0.5"},
		"a list for the group":          {in("group: g", "group: [g, h]"), "write groups: […] for several"},
		"seconds":                       {at("1795231425"), "write milliseconds: 1795231425000"},
		"seconds with a fraction":       {at("1795231425.782"), "write milliseconds since 1970: 1795231425782"},
		"microseconds":                  {at("1795231425782000"), "this looks like microseconds; write milliseconds: 1795231425782"},
		"a date in digits":              {at("20261118"), "20261118 looks like a date"},
		"a date and a time in digits":   {at("20261118103000"), "20261118103000 looks like a date"},
		"slashes":                       {at("2026/11/18 10:30:00"), "write 2026-11-18T10:30:00Z"},
		"a month of one digit":          {at(`"2026-1-8T00:00:00Z"`), "write 2026-01-08T00:00:00Z"},
		"UTC in words":                  {at("2026-11-18T00:00:00 UTC"), "write 2026-11-18T00:00:00Z"},
		"a zone's name behind the time": {at("2026-11-18T00:00:00 Asia/Shanghai"), "write timestamp: 2026-11-18T00:00:00, timezone: Asia/Shanghai"},
		"an abbreviated zone":           {at("2026-11-18T00:00:00CST"), "write its zone as an offset"},
		"a zone of 24 hours":            {at("2026-11-18T00:00:00+24:00"), "the zone +24:00 does not exist"},
		"more decimals than are kept":   {at("2026-11-18T00:00:00.1234567891Z"), "has more than nine decimals"},
		"the future":                    {at("now+1h"), "is in the future"},
		"blanks around the minus":       {at("now - 24h"), "write now-24h"},
		"minus without now":             {at("-24h"), "write now-24h"},
		"now without a unit":            {at("now-24"), "a unit is missing; write now-24h"},
		"now and months":                {at("now-1y"), "write for example now-24h or now-30d"},
		"a word for a time":             {at("latest"), "write to: latest"},
		"the year 10000":                {at("10000-01-01T00:00:00Z"), "is after the year 9999"},
		"a zone's name in lower case":   {at("2026-11-18T00:00:00, timezone: asia/shanghai"), "write Asia/Shanghai"},
		"a zone misspelt":               {at("2026-11-18T00:00:00, timezone: Asia/Shangai"), "did you mean Asia/Shanghai?"},
		"a city":                        {at("2026-11-18T00:00:00, timezone: Shanghai"), "did you mean Asia/Shanghai?"},
		"an offset for a zone":          {at("2026-11-18T00:00:00, timezone: GMT+8"), "write the offset after the time"},
		"a list in quotes of brokers":   {in("b:1", "b:1,c:1"), "contains several brokers"},
		"brokers with a semicolon":      {in("b:1", "b:1;c:1"), "contains several brokers"},
		"no broker":                     {in("b:1", ""), "the value is empty"},
		"one broker in two cases":       {in(`"b:1"`, `"b:1", "B:1"`), "duplicate broker"},
		"a host that is none":           {in("b:1", "b..c:1"), "two dots in a row"},
		"an address that is none":       {in("b:1", "256.1.1.1:9092"), "is not an IPv4 address"},
		"a star for a host":             {in("b:1", "*:9092"), `invalid host "*"`},
		"a Cyrillic letter in a host":   {in("b:1", "bо:9092"), "the character U+043E looks like Latin o"},
		"an invisible host":             {in("b:1", `b\u200b:9092`), "remove the character U+200B"},
		"an endpoint without a scheme":  {served("host.example"), "write https://host.example"},
		"an endpoint in capitals":       {served("HTTPS://h"), "write https://h"},
		"an endpoint that is no host":   {served("https://h..i"), "two dots in a row"},
		"an endpoint of brokers":        {connection("endpoint: https://b:9092"), `unknown key "endpoint"; write bootstrapServers: [host:port]`},
		"a fraction for a target":       {to("1.5"), "write for example to: latest"},
		"yes for until":                 {step("until: true"), "write for example until: former"},
		"a topic twice":                 {in("topic: t", "topics: [t, t]"), `"t" is listed twice`},
		"a group twice":                 {in("group: g", "groups: [g, g]"), `"g" is listed twice`},
		"a need twice": {strings.Replace(wrap("to: latest"), "to: latest}",
			"to: latest}\n  - {id: b, provider: k, target: {group: h}, to: latest, needs: [a, a]}", 1), `"a" is listed twice`},
		"nothing left of the groups": {in("group: g", `groups: ["a*"], exclude: ["*"]`), "no names are left: exclude excludes all of groups"},
		"a copy of itself":           {to("{group: g}"), "group g is the step's own group"},
		"a copy of one of its groups": {strings.Replace(in("group: g", "groups: [h, g]"), "to: latest", "to: {group: g}", 1),
			"group g is the step's own group"},
		"credentials in two places": {connection("tls: {}, credentials: {env: {username: U, password: P}}, sasl: {mechanism: PLAIN, env: " +
			"{username: U, password: P}}"), "credentials.env and sasl.env are mutually exclusive"},
		"a text for a plan":         {"bootstrap.servers=b:1\n", "`resetplan init` writes a plan to start from"},
		"a value that is a comment": {strings.Replace(connected(""), "name: p", "name: #p", 1), "put quotes around a value that begins with #"},
		"an empty zone":             {at(`2026-11-18T00:00:00, timezone: ""`), "timezone: the value is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := parse(t, c.text, nil)
			if len(errs) != 1 || !strings.Contains(errs.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", errs, c.want)
			}
		})
	}
}

// TestASyntaxErrorIsAtItsCause has texts of which the parser notices the
// error elsewhere.
func TestASyntaxErrorIsAtItsCause(t *testing.T) {
	flow := func(s string) string { return "version: 1\nsteps:\n  - " + s + "\n" }
	block := func(s string) string { return "version: 1\nsteps:\n  - id: a\n    to: latest\n" + s + "\n" }
	for name, c := range map[string]struct{ text, want string }{
		"a parameter without quotes":       {flow("{id: ${x}}"), "3:10: a value with { in it needs quotes"},
		"a parameter inside a text":        {flow("{id: a-${x}, to: latest}"), "3:10: a value with { in it needs quotes"},
		"a missing comma":                  {flow("{id: a to: latest}"), "3:12: a comma is missing before this key"},
		"a missing comma at a line's end":  {flow("{id: a\n    to: latest}"), "4:5: a comma is missing before this key"},
		"a missing comma before a bracket": {flow("{id: [a] [b]}"), "3:14: a comma is missing before this value"},
		"a missing comma before a quote":   {flow(`{id: "a" "b"}`), "3:14: a comma is missing before this value"},
		"two commas":                       {flow("{id: a,, to: latest}"), "3:12: a comma without a value before it"},
		"a bracket too many":               {flow("{id: [a]]}"), "3:5: this { is closed by ] on line 3"},
		"a brace too many":                 {flow("{id: a}}"), "3:12: this } closes nothing"},
		"a brace too early":                {flow("{id: {a: b}}, to: latest}"), "3:17: the brackets before this comma are all closed"},
		"text after a quote":               {block(`    name: "a" b`), "5:15: there is text after the closing quote"},
		"an unknown escape":                {block(`    name: "C:\locks"`), `5:14: the escape \l does not exist`},
		"a colon in a value":               {block("    name: a: b"), "5:11: a value with a colon and a space in it"},
		"an at sign":                       {block("    name: @a"), "5:11: a value cannot begin with @"},
		"a star":                           {block("    name: *"), "5:11: a value that begins with * needs quotes"},
		"a pipe":                           {block("    name: |a"), "5:11: text follows the | on its line; begin the text on the next line"},
		"a list behind a key":              {block("    name: - a"), "5:11: a list cannot start after a key on the same line"},
		"no space after a colon":           {block("    name:a"), "5:10: a space is missing after the colon"},
		"no space after a dash":            {"version: 1\nsteps:\n  -id: a\n   to: latest\n", "3:4: a space is missing after the dash"},
		"a long dash": {"version: 1\nsteps:\n  — id: a\n    to: latest\n",
			"3:3: the character U+2014 is not -, which it looks like"},
		"a no-break space after a colon": {block("    name:\u00a0a"), "5:10: the character U+00A0 is not a space"},
		"a full-width colon":             {block("    name： a"), "5:9: the character U+FF1A is not :"},
		"a tab in the next line":         {block("\tname: a"), "5:2: a tab indents this line"},
		"a merge conflict":               {block("<<<<<<< HEAD\n    name: a\n=======\n    name: b\n>>>>>>> x"), "5:1: unresolved merge conflict"},
		"a template":                     {block("{% if x %}\n    name: a\n{% endif %}"), "5:1: a template that is not filled in"},
		"a comment as in JSON":           {"{\"version\": 1, // first\n\"name\": \"p\"}\n", "1:16: // does not begin a comment"},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := parse(t, c.text, nil)
			if len(errs) != 1 || !strings.Contains(errs.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", errs, c.want)
			}
		})
	}
}

// TestALongListIsOneError has more items than are checked one by one.
func TestALongListIsOneError(t *testing.T) {
	_, errs := parse(t, in("topic: t", "topic: t, partitions: ["+strings.Repeat("x,", tree.MostItems+1)+"]"), nil)
	if len(errs) != 1 || !strings.Contains(errs.Error(), "more than 10000 items, the limit") {
		t.Errorf("%d errors, %.200s", len(errs), errs.Error())
	}
	if _, errs := parse(t, in("topic: t", "topics: one, partitions: [0]"), nil); len(errs) > 0 {
		t.Error(errs)
	}
}

func TestAnErrorHasItsStep(t *testing.T) {
	_, errs := parse(t, in("latest", "erliest"), nil)
	if len(errs) != 1 || errs[0].Step != "a" {
		t.Errorf("got %+v", errs)
	}
}

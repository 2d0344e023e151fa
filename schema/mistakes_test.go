package schema

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	safe "github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/tree"
)

// rendered is what a person reads of a plan's errors.
func rendered(t *testing.T, text string) string {
	t.Helper()
	_, errs := Parse("p.yaml", []byte(text), nil)
	var out bytes.Buffer
	if err := errs.Render(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// connected puts the keys of a kafka connection into a plan, in block style.
func connected(lines string) string {
	return "version: 1\nname: p\nproviders:\n  k:\n    type: kafka\n    bootstrapServers: b:9092\n" + lines +
		"\nsteps:\n  - {id: a, provider: k, target: {group: g, topic: t}, to: latest}\n"
}

func TestALineThatMayHoldASecretIsNeverShown(t *testing.T) {
	for name, lines := range map[string]string{
		"a key twice in a flow mapping":   "    sasl: {mechanism: PLAIN, password: S3CR3T, password: S3CR3T}",
		"a key twice in lines":            "    password: S3CR3T\n    password: S3CR3T",
		"a number for a variable":         "    sasl: {mechanism: PLAIN, env: {username: A, password: 8437562910}}",
		"a list for a variable":           "    credentials: {env: {username: A, password: [S3CR3T]}}",
		"a list for it in lines":          "    credentials:\n      env:\n        password:\n        - S3CR3T",
		"a tag":                           "    timeout: !vault S3CR3T",
		"a tag with a block":              "    timeout: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      S3CR3T",
		"text for a mapping":              "    credentials: S3CR3T",
		"a colon in it":                   "    password: S: S3CR3T",
		"an unclosed quote":               "    password: \"S3CR3T",
		"an unclosed quote, other lines":  "    password: 'a\n  S3CR3T\n\tS3CR3T",
		"a text for sasl":                 "    sasl: S3CR3T",
		"an unknown escape":               "    password: \"S3CR3T\\qS3CR3T\"",
		"text after a quote":              "    password: \"S3CR3T\" S3CR3T",
		"a missing comma":                 "    sasl: {mechanism: PLAIN password: S3CR3T}",
		"no space after the colon":        "    password:S3CR3T",
		"an unclosed bracket":             "    sasl: {password: S3CR3T\n    x: S3CR3T",
		"a control character":             "    password: S3CR3T\x07",
		"pwd":                             "    pwd: S3CR3T",
		"pass":                            "    pass: S3CR3T",
		"sk":                              "    sk: S3CR3T",
		"ak":                              "    ak: S3CR3T",
		"an access key":                   "    accessKeySecret: S3CR3T",
		"an API key":                      "    apiKey: S3CR3T",
		"a key and a value in one":        "    sasl: {mechanism: PLAIN, password:S3CR3T}",
		"a wrong type of a neighbour":     "    sasl: {mechanism: [], password: S3CR3T}",
		"a URL":                           "    sasl: {mechanism: OAUTHBEARER, oauth: {tokenEndpoint: 'https://me:S3CR3T@host'}}",
		"a URL of a key it does not have": "    endpoint: https://me:S3CR3T@host",
		"a broker":                        "    insecure: me:S3CR3T@host:9092",
		"a text over lines":               "    password: >\n      S3CR3T\n\n      S3CR3T\n    insecure: 1",
	} {
		t.Run(name, func(t *testing.T) {
			said := rendered(t, connected(lines))
			if said == "" || strings.Contains(said, "S3CR3T") || strings.Contains(said, "8437562910") {
				t.Errorf("it shows\n%s", said)
			}
		})
	}
}

func TestCommonMistakes(t *testing.T) {
	step := func(s string) string { return wrap(s) }
	named := func(n string) string { return strings.Replace(wrap("to: latest"), "name: p", "name: "+n, 1) }
	target := func(s string) string { return strings.Replace(wrap("to: latest"), "topic: t", s, 1) }
	for name, c := range map[string]struct{ text, want string }{
		"a version in quotes":       {strings.Replace(wrap("to: latest"), "version: 1", `version: "1"`, 1), "remove the quotes: version: 1"},
		"a time for a target":       {step("to: 2026-11-18T00:00:00Z"), "write to: {timestamp: 2026-11-18T00:00:00Z}"},
		"a number for a target":     {step("to: 5"), "write to: {offset: 5}"},
		"end":                       {step("to: end"), "write to: latest"},
		"start":                     {step("to: start"), "write to: earliest"},
		"a duration without a unit": {step("to: latest, guards: {maxAge: 72}"), "a unit is missing; write 72h"},
		"a limit of zero":           {step("to: earliest, until: {former: true, within: 0}"), "the limit is zero; write for example 6h"},
		"a quoted limit of zero":    {step(`to: earliest, until: {former: true, within: "0"}`), "the limit is zero; write for example 6h"},
		"a timeout of zero":         {strings.Replace(wrap("to: latest"), "type: kafka", "type: kafka, timeout: 0", 1), "the timeout is zero; write for example 30s"},
		"a wait without a unit":     {step(`to: latest, idle: {wait: "5"}`), "a unit is missing; write 5m"},
		"a long name":               {named(strings.Repeat("x", 64)), "the name has 64 characters; write at most 63"},
		"a dash first":              {named("-orders"), "must begin with a lower-case letter or a digit"},
		"a Cyrillic o":              {named("оrders"), "the character U+043E at column 7 looks like Latin o"},
		"more than 64 bits": {step("to: {offset: 18446744073709551616}"),
			"18446744073709551616 is too large; the maximum is 9223372036854775807"},
		"a guard beyond 64 bits": {step("to: latest, guards: {maxSkip: 99999999999999999999}"), "99999999999999999999 is too large"},
		"half a record":          {step("to: latest, guards: {maxSkip: 1.5}"), "1.5 is not a whole number"},
		"half a million":         {step("to: latest, guards: {maxSkip: 1.5M}"), "1.5M is not a whole number"},
		"thousands of 64 bits":   {step("to: latest, guards: {maxSkip: 99999999999G}"), "99999999999G is too large"},
		"a mode that is none": {strings.Replace(wrap("to: latest, start: {executionMode: 2}"), "kafka, boot", "kafka, boot", 1),
			"0 is standalone, 1 is cluster"},
		"start on Kafka": {step("to: latest, start: {executionMode: 1}"), "start is only allowed for enos-pipeline; remove it"},
		"30 February":    {step(`to: {timestamp: "2026-02-30T00:00:00Z"}`), "the day 2026-02-30 does not exist"},
		"a zone without a colon": {step(`to: {timestamp: "2026-11-18T00:00:00+0800"}`),
			"the zone +0800 is written +08:00; write 2026-11-18T00:00:00+08:00"},
		"a key of a Java client": {strings.Replace(wrap("to: latest"), "bootstrapServers", "bootstrap.servers", 1),
			"did you mean bootstrapServers?"},
		"a key of another tool":       {target("consumer_group: g, partition: 0"), "did you mean partitions?"},
		"a segment's name":            {step("to: {offset: 00000000000000000144}"), "00000000000000000144 has a leading zero; write 144"},
		"a segment's name, not octal": {step("to: {offset: 00000000000000000189}"), "write 189"},
		"a large number with a point": {step("to: {offset: 9007199254740993.0}"), "write 9007199254740993"},
		"hexadecimal":                 {step("to: {offset: 0x10}"), "write 16"},
		"underscores":                 {step("to: {offset: 1_000}"), "write 1000"},
		"an exponent":                 {step("to: {offset: 1e3}"), "write 1000"},
		"a partition beyond 32 bits":  {target("topic: t, partitions: [4294967296]"), "4294967296 is too large; the maximum is 2147483647"},
		"a range beyond 32 bits":      {target("topic: t, partitions: 0-99999999999"), `the range "0-99999999999" is too large; the numbers go from 0 to 2147483647`},
		"a partition twice":           {target("topic: t, partitions: [0, 2-4, 3]"), "partition 3 is selected twice"},
		"the machine's zone": {step(`to: {timestamp: "2026-11-18T00:00:00", timezone: Local}`),
			`timezone: "Local" is a different zone on each machine`},
		"an hour that does not exist": {step(`to: {timestamp: "2026-03-08T02:30:00", timezone: America/New_York}`),
			"does not exist in America/New_York: the clock was set forward past it; write the time with its zone, such as 2026-03-08T03:30:00-04:00"},
		"an hour that happened twice": {step(`to: {timestamp: "2026-11-01T01:30:00", timezone: America/New_York}`),
			"write 2026-11-01T01:30:00-04:00 or 2026-11-01T01:30:00-05:00"},
		"the year 0":        {step(`to: {timestamp: "0000-11-01T01:30:00Z"}`), "the year 0000 is out of range"},
		"the year 0 in UTC": {step(`to: {timestamp: "0001-01-01T01:30:00+08:00"}`), "is in the year 0 in UTC"},
		"flat offsets, two topics": {strings.Replace(wrap("to: {offsets: {0: 1}}"), "topic: t", "topics: [t, u]", 1),
			"offsets without a topic, and the step has several topics"},
		"offsets of another topic": {step("to: {offsets: {orders: {0: 1}}}"), `topic "orders" is not in the step's target`},
		"offsets of another partition": {strings.Replace(wrap("to: {offsets: {1: 1}}"), "topic: t", "topic: t, partitions: [0]", 1),
			"partition 1 is not in the step's partitions"},
		"a port that is none": {strings.Replace(wrap("to: latest"), "b:1", "b:abc", 1), `invalid port "abc"`},
		"a port too large":    {strings.Replace(wrap("to: latest"), "b:1", "b:99999", 1), "port 99999 is out of range"},
		"no port":             {strings.Replace(wrap("to: latest"), "b:1", "broker", 1), "write broker:9092"},
		"half a pair": {strings.Replace(wrap("to: latest"), "bootstrapServers",
			"sasl: {mechanism: PLAIN, env: {username: A}}, bootstrapServers", 1), "username without password; add password, or remove username"},
		"half a certificate": {strings.Replace(wrap("to: latest"), "bootstrapServers", "tls: {certFile: a}, bootstrapServers", 1),
			"certFile without keyFile"},
		"an unknown field under env": {strings.Replace(wrap("to: latest"), "bootstrapServers",
			"sasl: {mechanism: PLAIN, env: {user_name: A}}, bootstrapServers", 1), `unknown key "user_name"`},
		"a key without a value":        {"version: 1\nname: p\nproviders:\nsteps: []\n", "providers: no value given"},
		"a step that needs itself":     {step("to: latest, needs: [a]"), "step a needs itself; remove it from needs"},
		"an alias without an anchor":   {step("to: *nope"), "5:60: the alias *nope has no anchor"},
		"a bracket that is not closed": {"version: 1\nname: p\nproviders:\n  k: {type: kafka\nsteps:\n  - id: a\n", "4:6: this { is not closed"},
		"a wrong indent": {"version: 1\nproviders:\n  k:\n    type: kafka\n   endpoint: x\n",
			"5:4: this line's indentation matches no line above it"},
		"something invisible": {named("or\u200bders"), "the character U+200B at column 9 is not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, errs := parse(t, c.text, nil); !strings.Contains(errs.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", errs, c.want)
			}
		})
	}
}

// TestOneMistakeHasOneMessage has mistakes of which nothing else follows.
func TestOneMistakeHasOneMessage(t *testing.T) {
	for _, to := range []string{"{timestamp: .nan}", "{timestamp: .inf}", "{timestamp: !mine x}", "{timestamp: ~}", "{timestamp: now-1h, tz: UTC}",
		"~", "{offset: 010}", "{timestamp: 010}", "5", "{offset: five}"} {
		if _, errs := parse(t, wrap("to: "+to), nil); len(errs) != 1 {
			t.Errorf("%s: %v", to, errs)
		}
	}
}

func TestValidPlansHaveNoErrors(t *testing.T) {
	plain := wrap("to: {timestamp: now-1w}, guards: {maxSkip: 5M, maxReplay: 10k}, idle: {wait: 1h30m}")
	for name, text := range map[string]string{
		"with k, M and w":         plain,
		"%YAML 1.2":               "%YAML 1.2\n---\n" + plain,
		"a byte order mark":       "\ufeff" + plain,
		"both":                    "\ufeff%YAML 1.2\n---\n" + plain,
		"CRLF":                    strings.ReplaceAll(plain, "\n", "\r\n"),
		"a trailing ---":          plain + "---\n",
		"a trailing ...":          plain + "...\n",
		"single values for lists": strings.NewReplacer("topic: t", "topics: t, partitions: 3", `["b:1"]`, "b:1").Replace(plain),
		"an IPv6 broker":          strings.Replace(plain, "b:1", "[::1]:9092", 1),
		"anchors and aliases": "version: 1\nname: p\nguards: &g {maxSkip: 0}\nproviders: {k: {type: kafka, bootstrapServers: " +
			"b:1}}\nsteps:\n  - {id: a, provider: k, target: {group: g, topic: t}, to: latest, guards: *g}\n",
		"names that look like globs": strings.NewReplacer("group: g", `group: "g*"`, "topic: t", `topic: "t?"`).Replace(plain),
	} {
		t.Run(name, func(t *testing.T) {
			if _, errs := parse(t, text, nil); len(errs) > 0 {
				t.Error(errs)
			}
		})
	}
}

func TestSingleValuesBecomeLists(t *testing.T) {
	d, errs := parse(t, strings.NewReplacer("topic: t", "topics: t, partitions: 3", `["b:1"]`,
		"b:1").Replace(wrap("to: latest, guards: {maxSkip: 5M}")), nil)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if got := fmt.Sprint(d.Steps[0].Target["topics"], d.Steps[0].Target["partitions"], d.Providers[0].Config["bootstrapServers"],
		d.Steps[0].Guards.MaxSkip.N); got != "[t] [3] [b:1] 5000000" {
		t.Error(got)
	}
}

func TestLimitsApplyAfterExpansion(t *testing.T) {
	long := strings.Repeat("y", 1_000_000)
	head := "version: 1\nname: p\nparams: {x: {type: string, default: " + long + "}}\n"
	for name, text := range map[string]string{
		"in many values": head + "labels:\n" + strings.Repeat("  a: \"${x}\"\n", 1) + manyLabels(9_000),
		"in one value":   head + "description: \"" + strings.Repeat("${x}", 20_000) + "\"\n",
		"a long key":     "labels: {? \"" + long + "\" : [" + strings.Repeat("1,", 50_000) + "]}\n",
	} {
		_, errs := parse(t, text, nil)
		if len(errs) == 0 || name != "a long key" && (len(errs) != 1 || !strings.Contains(errs.Error(), "too large")) {
			t.Errorf("%s: %d errors, %.300s", name, len(errs), errs.Error())
		}
	}
}

func manyLabels(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "  l%d: \"${x}\"\n", i)
	}
	return out.String()
}

func TestManyErrorsAreCounted(t *testing.T) {
	var text strings.Builder
	text.WriteString(wrap("to: latest"))
	for i := range 5_000 {
		fmt.Fprintf(&text, "k%05d: 1\n", i)
	}
	_, errs := parse(t, text.String(), nil)
	if len(errs) != diag.MostShown+1 || errs[0].Path != "k00000" || errs[diag.MostShown].Reason != "and 4900 more errors" {
		t.Errorf("%d errors, %v ... %v", len(errs), errs[0], errs[len(errs)-1])
	}
}

func TestAnErrorOfAValueIsInItsFile(t *testing.T) {
	given, errs := ParseParams("v.yaml", []byte("# values\nother: 1\nn:   0144\n"))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	_, errs = Read("p.yaml", []byte(declaring("type: integer")), given, nil)
	want := "v.yaml:2:8: other: a value is given for \"other\", but the plan declares no such parameter; declare it under params, or leave it out\n" +
		"v.yaml:3:6: n: invalid value for parameter n: 0144 has a leading zero; write 144"
	if errs.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", errs, want)
	}
}

func TestASecretParameterIsNotRepeated(t *testing.T) {
	text := strings.Replace(declaring("type: integer"), "  n:", "  password: {type: integer, default: S3CR3T}\n  n:", 1)
	_, errs := parse(t, text, map[string]string{"n": "1", "password": "S3CR3T"})
	if !strings.Contains(errs.Error(), `params.password: "password": secrets must not be written in a plan`) || strings.Contains(errs.Error(),
		"S3CR3T") {
		t.Error(errs)
	}
}

func TestAParameterOrLabelNamedLikeASecretIsRefused(t *testing.T) {
	for _, name := range []string{"password", "dbPassword", "token", "api-key", "accessKeySecret", "client_secret"} {
		for _, text := range []string{
			strings.Replace(declaring("type: integer"), "  n:", "  "+name+": {type: string}\n  n:", 1),
			strings.Replace(declaring("type: integer"), "params:", "labels: {"+name+": S3CR3T}\nparams:", 1),
		} {
			given := map[string]string{"n": "1"}
			if !strings.Contains(text, "labels") {
				given[name] = "S3CR3T"
			}
			if _, errs := parse(t, text, given); len(errs) != 1 || !strings.Contains(errs.Error(), "secrets must not be written in a plan") ||
				strings.Contains(errs.Error()+errs[0].Source, "S3CR3T") {
				t.Errorf("%s: %v", name, errs)
			}
		}
	}
}

func TestADefaultContainsNoParameter(t *testing.T) {
	if _, errs := parse(t, declaring("type: string, default: '${nosuch}'"), map[string]string{"n": "1"}); !strings.Contains(errs.Error(),
		"params.n.default: a default or an allowed value cannot contain a parameter") {
		t.Error(errs)
	}
	if _, errs := parse(t, declaring("type: integer, description: 'like ${nosuch}'"), map[string]string{"n": "1"}); !strings.Contains(errs.Error(),
		`unknown parameter "nosuch"`) {
		t.Error(errs)
	}
}

func TestThePatternsThatAreExplainedAreThoseOfTheSchema(t *testing.T) {
	for _, pattern := range []string{tree.NamePattern, durationPattern, brokerPattern, endpointPattern, limitPattern, partPattern, numberKey} {
		if quoted := strings.ReplaceAll(pattern, `\`, `\\`); !strings.Contains(string(JSON(Plan)), `"`+quoted+`"`) {
			t.Errorf("%s is not in the schema", pattern)
		}
	}
}

func TestSafeTextShowsHiddenCharacters(t *testing.T) {
	for given, want := range map[string]string{
		"a\u200bb\u00adc": `a\u200bb\u00adc`, "\x1b[31m\u202e": `\u001b[31m\u202e`, "a\nb\tc": "a b c", "日本 עברית é": "日本 עברית é",
		"👩\u200d🚀": "👩\u200d🚀", "a\u200db": `a\u200db`, "\U000e0041": `\U000e0041`, "\u2066x\u3164": `\u2066x\u3164`, "می\u200cخواهم": "می\u200cخواهم",
	} {
		if got := safe.Safe(given); got != want {
			t.Errorf("%q: got %q, want %q", given, got, want)
		}
	}
}

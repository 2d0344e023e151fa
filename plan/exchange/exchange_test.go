package exchange

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

const described = `GROUP                  orders billing
COORDINATOR-NODE       1
COORDINATOR-PARTITION  __consumer_offsets/7
STATE                  Stable
BALANCER               range
MEMBERS                1
TOTAL-LAG              400

TOPIC   PARTITION  CURRENT-OFFSET  LOG-START-OFFSET  LOG-END-OFFSET  LAG  MEMBER-ID  CLIENT-ID  HOST
orders  0          300             0                 500             200  c-1        c          /127.0.0.1
orders  1          -               0                 500             500             

GROUP             g2
COORDINATOR-NODE  1
STATE             Empty

TOPIC  PARTITION  CURRENT-OFFSET  LOG-START-OFFSET  LOG-END-OFFSET  LAG  MEMBER-ID  CLIENT-ID  HOST
audit  3          7               0                 9               2
`

const kclDescribed = `{"_command": "group.describe", "_version": 1,
 "groups": [
  {"balancer": "range", "error": "", "group": "g1", "lag": [
    {"topic": "orders", "partition": 0, "current_offset": 300, "log_end_offset": 500, "lag": 200},
    {"topic": "orders", "partition": 1, "current_offset": -1, "log_end_offset": 500, "lag": 500}]},
  {"lag": [{"topic": "orders", "partition": 0, "current_offset": 9}], "group": "g2"}]}
`

func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		format Format
		text   string
		want   string // rows as group/topic/partition=offset, or errors as line: part of the reason
	}{
		"rows without a group":            {KafkaCSV, "orders,1,20\norders,0,10\n", "/orders/0=10 /orders/1=20"},
		"rows with a group":               {KafkaCSV, "\"a,b\",orders,0,10\r\n\"x\"\"y\",orders,0,5\r\n", "a,b/orders/0=10 x\"y/orders/0=5"},
		"spaces are part of a group only": {KafkaCSV, " g ,orders , 0, 10\n", " g /orders/0=10"},
		"the largest offset":              {KafkaCSV, "t,0,9223372036854775807", "/t/0=9223372036854775807"},
		"a missing offset is not 0":       {KafkaCSV, "hz,0,1\nhz,1\n", "2: got 2"},
		"an empty offset is not 0":        {KafkaCSV, "hz,0,\n", "1: offset is missing"},
		"the same partition twice":        {KafkaCSV, "hz,0,1\nhz,1,1\nhz,0,2\n", "3: first on line 1"},
		"all errors at once": {KafkaCSV, "hz,a,1\nhz,1,-5\nhz,-1,x\n,1,1\n",
			"1: not a number 2: negative 3: partition -1 is negative 3: offset \"x\" is not a number 4: topic name"},
		"a header": {KafkaCSV, "TOPIC,PARTITION,OFFSET\nhz,0,1\n",
			"1: partition \"PARTITION\" is not a number 1: offset \"OFFSET\""},
		"rows of different lengths":          {KafkaCSV, "hz,0,1\ng,hz,1,1\n", "2: expected 3 fields as on line 1, got 4"},
		"an offset beyond 64 bits":           {KafkaCSV, "hz,0,9223372036854775808\n", "1: offset 9223372036854775808 is out of range"},
		"an offset below 64 bits":            {KafkaCSV, "hz,0,-9223372036854775809\n", "1: offset -9223372036854775809 is negative"},
		"a partition beyond 32 bits":         {KafkaCSV, "hz,2147483648,1\n", "1: partition 2147483648 is out of range"},
		"a glob is not a topic":              {KafkaCSV, "*,0,1\n", "1: not a valid topic name"},
		"an unclosed quote":                  {KafkaCSV, "hz,0,1\n\"hz,0,1\n", "2: not CSV"},
		"a group that is not UTF-8":          {KafkaCSV, "ok,hz,0,1\n\xff,hz,0,1\n", "2: not UTF-8"},
		"an empty file":                      {KafkaCSV, "\n \n", "1: empty"},
		"a seek file of rpk":                 {Rpk, "\norders 0 1\norders\t2\t3\n", "/orders/0=1 /orders/2=3"},
		"a seek file with errors":            {Rpk, "orders 0\norders x 3\n", "1: got 2 2: not a number"},
		"the output of rpk group describe":   {Rpk, described, "g2/audit/3=7 orders billing/orders/0=300"},
		"commits of rpk without their group": {Rpk, "TOPIC  PARTITION  CURRENT-OFFSET\norders 0 4\n", "/orders/0=4"},
		"rpk's output of a seek":             {Rpk, "TOPIC   PARTITION  PRIOR-OFFSET  CURRENT-OFFSET\norders  0  1  2\n", "/orders/0=2"},
		"a truncated description":            {Rpk, "TOPIC   PARTITION  PRIOR-OFFSET  CURRENT-OFFSET\norders  0  1\n", "2: row ends"},
		"only a summary":                     {Rpk, "GROUP  g\nSTATE  Empty\n", "1: no committed offset"},
		"a seek file of kcl":                 {Kcl, `[{"topic": "orders", "partition": 0, "offset": 100}]`, "/orders/0=100"},
		"the output of kcl group describe":   {Kcl, kclDescribed, "g1/orders/0=300 g2/orders/0=9"},
		"a missing offset of kcl is not 0": {Kcl, "[\n{\"topic\": \"t\", \"partition\": 0},\n{\"topic\": \"t\", \"offset\": 1}]",
			"2: offset is missing 3: partition is missing"},
		"a string instead of a number":        {Kcl, "[{\"topic\": \"t\", \"partition\": 0, \"offset\": \"x\"}]", "1: not a valid partition"},
		"a fraction":                          {Kcl, "[{\"topic\": \"t\", \"partition\": 0, \"offset\": 1.5}]", "1: not a number"},
		"truncated JSON":                      {Kcl, "[\n{\"topic\": \"t\"", "2: not JSON"},
		"text after the JSON":                 {Kcl, "[{\"topic\": \"t\", \"partition\": 0, \"offset\": 1}]\n{}", "2: unexpected text"},
		"a group that kcl could not describe": {Kcl, `{"groups": [{"group": "g", "error": "GROUP_ID_NOT_FOUND", "lag": []}]}`, "1: could not read"},
		"another JSON value":                  {Kcl, "42", "1: expected"},
	} {
		t.Run(name, func(t *testing.T) {
			f, errs := Parse(c.format, "f", []byte(c.text))
			if len(errs) > 0 {
				if !matches(errs, c.want) {
					t.Fatalf("got %v, want %s", errs, c.want)
				}
				return
			}
			if got := words(f.Rows); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// matches reports whether the errors are the expected ones: "line: words line: words".
func matches(errs diag.Errors, want string) bool {
	for i, f := range errs {
		prefix := fmt.Sprintf("%d: ", f.Line)
		if !strings.HasPrefix(want, prefix) {
			return false
		}
		want = strings.TrimPrefix(want, prefix)
		part := want
		for j := i + 1; j < len(errs); j++ {
			if cut := strings.Index(part, fmt.Sprintf(" %d: ", errs[j].Line)); cut >= 0 {
				part = part[:cut]
				break
			}
		}
		if !strings.Contains(f.Reason, part) {
			return false
		}
		want = strings.TrimPrefix(strings.TrimPrefix(want, part), " ")
	}
	return want == ""
}

func words(rows []Row) string {
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s/%s/%d=%d", r.Group, r.Topic, r.Partition, r.Offset))
	}
	return strings.Join(out, " ")
}

func TestWriteRoundTrips(t *testing.T) {
	one := []Row{{"", "audit", 7, 0}, {"", "orders", 0, 10}, {"", "orders", 1, 1 << 62}}
	many := []Row{{"a, \"b\"\nc", "orders", 0, 1}, {"g", "orders", 0, 2}}
	for _, f := range Written() {
		text, err := Write(f, one)
		if err != nil {
			t.Fatal(err)
		}
		back, errs := Parse(f, "f", []byte(text))
		if len(errs) > 0 || !slices.Equal(back.Rows, one) {
			t.Errorf("%s: %v %v of\n%s", f, back, errs, text)
		}
	}
	text, err := Write(KafkaCSV, many)
	if err != nil {
		t.Fatal(err)
	}
	if back, errs := Parse(KafkaCSV, "f", []byte(text)); len(errs) > 0 || !slices.Equal(back.Rows, many) {
		t.Errorf("%v of\n%s", errs, text)
	}
	if _, err := Write(Rpk, many); err == nil {
		t.Error("rpk accepts two groups")
	}
	if _, err := Write(Kcl, append(one, one[0])); err == nil {
		t.Error("a partition is written twice")
	}
}

func TestDraftNeedsAGroup(t *testing.T) {
	at := schema.Provider{Name: "kafka", Type: "kafka", Config: map[string]any{"bootstrapServers": []any{"b:1"}}}
	for name, c := range map[string]struct {
		rows  []Row
		group string
		want  string // the steps, or part of the error
	}{
		"given":          {[]Row{{"", "orders", 0, 1}}, "g", "g"},
		"in the file":    {[]Row{{"g", "audit", 0, 1}, {"g", "orders", 0, 1}, {"h", "orders", 0, 1}}, "", "g-audit g-orders h"},
		"in neither":     {[]Row{{"", "orders", 0, 1}}, "", "name it with --group"},
		"not UTF-8":      {[]Row{{"", "orders", 0, 1}}, "g\xff", "not UTF-8"},
		"different ones": {[]Row{{"g", "orders", 0, 1}}, "h", "remove --group"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := (&File{Rows: c.rows}).Draft(at, "p", c.group)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Error(err)
				}
				return
			}
			var ids []string
			for _, s := range d.Steps {
				ids = append(ids, s.ID)
			}
			if strings.Join(ids, " ") != c.want {
				t.Error(ids)
			}
		})
	}
}

func TestRowsOfAPlan(t *testing.T) {
	part := func(before, after providers.Position) plan.Part {
		return plan.Part{Part: providers.Part{Topic: "orders"}, Before: before, After: after}
	}
	step := func(id, group string, action plan.Action, p plan.Part) *plan.Plan {
		return &plan.Plan{Steps: []plan.Step{{ID: id, Group: group, Action: action, Parts: []plan.Part{p}}}}
	}
	five, nine := providers.AtOffset(5), providers.AtOffset(9)
	for name, c := range map[string]struct {
		plan   *plan.Plan
		before bool
		want   string // the rows, or part of the error
	}{
		"after":                                {step("s", "g", plan.Reset, part(five, nine)), false, "g/orders/0=9"},
		"before":                               {step("s", "g", plan.Reset, part(five, nine)), true, "g/orders/0=5"},
		"a group with a slash":                 {step("s", "a/b", plan.Keep, part(five, nine)), false, "a/b/orders/0=9"},
		"an older plan, one of several groups": {step("s[a/b]", "", plan.Keep, part(five, nine)), false, "a/b/orders/0=9"},
		"an older plan, unknown group":         {step("s", "", plan.Reset, part(five, nine)), false, "consumer group is unknown"},
		"to a time": {step("s", "g", plan.Reset, part(five, providers.At(providers.Latest))), false,
			"can only express offsets"},
		"no commit before": {step("s", "g", plan.Reset, part(providers.At(providers.Unset), nine)), true, ""},
		"blocked":          {step("s", "g", plan.Blocked, part(five, nine)), false, "is blocked"},
	} {
		t.Run(name, func(t *testing.T) {
			rows, _, err := Rows(c.plan, nil, nil, c.before)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) || c.want == "" {
					t.Error(err)
				}
				return
			}
			if got := words(rows); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestALineThatMayHoldASecretIsNotShown(t *testing.T) {
	_, errs := Parse(KafkaCSV, "f", []byte("orders,0,1\naws_secret_access_key=ZZSECRET\norders,x,2\n"))
	if len(errs) != 2 || errs[0].Source != "" || errs[1].Source != "orders,x,2" {
		t.Errorf("got %+v", errs)
	}
}

func TestANumberOutOfRangeHasItsLimit(t *testing.T) {
	for row, want := range map[string]string{
		"hz,2147483648,1\n":              "the partition 2147483648 is out of range; the maximum is 2147483647",
		"hz,0,9223372036854775808\n":     "the offset 9223372036854775808 is out of range; the maximum is 9223372036854775807",
		"hz,0,1\nhz,1,x\n":               `the offset "x" is not a number; write it in digits, such as 42`,
		"group,topic,partition,offset\n": `the offset "offset" is not a number; if this line is a header, remove it: the format has none`,
	} {
		if _, errs := Parse(KafkaCSV, "f", []byte(row)); !strings.HasSuffix(errs.Error(), want) {
			t.Errorf("%q: got %v", row, errs)
		}
	}
}

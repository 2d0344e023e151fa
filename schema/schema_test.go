package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
)

var update = flag.Bool("update", false, "rewrite golden files")

func parse(t *testing.T, text string, values map[string]string) (*Document, diag.Errors) {
	t.Helper()
	return Parse("p.yaml", []byte(text), values)
}

// wrap puts a step's `to` and more into an otherwise valid document.
func wrap(step string) string {
	return "version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: [\"b:1\"]}}\nsteps:\n  - {id: a, provider: k, target: {group: " +
		"g, topic: t}, " + step + "}\n"
}

func TestTheExampleOfTheSpecification(t *testing.T) {
	raw, err := os.ReadFile("testdata/spec.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, errs := Parse("spec.yaml", raw, map[string]string{"since": "2026-11-18T00:00:00Z"})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	age := 72 * time.Hour
	want := Step{
		ID: "rewind-orders", Description: "Billing re-reads its orders.", Provider: "ali",
		Target: map[string]any{"group": "orders-billing", "topic": "orders", "partitions": []any{json.Number("0"), json.Number("1"), json.Number("2")}},
		To: To{Form: ToTimestamp, Time: literal.Instant{Text: "2026-11-18T00:00:00Z", Time: time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)},
			WhenPastEnd: "end"},
		Guards: Guards{MaxReplay: &Limit{N: 2000000}, MaxSkip: &Limit{}, MaxAge: &age}, Idle: Idle{Wait: 5 * time.Minute}, Needs: []string{"other-step"},
	}
	if got := d.Steps[1]; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if d.Name != "orders-replay" || d.Labels["incident"] != "INC-4711" || d.OnError != "stop" || d.History != 20 ||
		d.Values["limit"] != int64(2000000) || !strings.HasPrefix(d.Digest, "sha256:") {
		t.Errorf("got %+v", d)
	}
	if f := d.ErrorAt("why", "do", "steps", 1, "to"); f.Line != 26 || f.Column != 9 {
		t.Errorf("an error at steps[1].to is placed at %d:%d", f.Line, f.Column)
	}
}

// TestAllErrorsAtOnce shows the errors of a plan with many mistakes.
func TestAllErrorsAtOnce(t *testing.T) {
	raw, err := os.ReadFile("testdata/invalid.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, errs := Parse("invalid.yaml", raw, map[string]string{"sincee": "x"})
	var got bytes.Buffer
	if err := errs.Render(&got); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/invalid.golden", got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/invalid.golden")
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%s", got.String())
	}
	if strings.Contains(got.String(), "hunter2") {
		t.Error("it shows a secret")
	}
}

// TestASecretInPlaceOfAVariableIsNotShown has a value where the name of a
// variable belongs.
func TestASecretInPlaceOfAVariableIsNotShown(t *testing.T) {
	for _, keys := range []string{`sasl: {mechanism: PLAIN, env: {username: ME, password: "p@ss w0rd!"}}`,
		`credentials: {env: {password: "p@ss w0rd!"}}`} {
		text := strings.Replace(wrap("to: latest"), "bootstrapServers", keys+", bootstrapServers", 1)
		_, errs := Parse("p.yaml", []byte(text), nil)
		var shown bytes.Buffer
		if err := errs.Render(&shown); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(shown.String(), "p@ss") || !strings.Contains(shown.String(), "not its value") {
			t.Errorf("%s\n%s", keys, &shown)
		}
	}
}

func TestErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a tab indents":            {"version: 1\n\tname: p\n", "2:2: a tab indents this line"},
		"an empty file":            {"", "1:1: the file is empty"},
		"nothing but a comment":    {"# plan\n", "1:1: the file is empty"},
		"a second document":        {"version: 1\n---\nversion: 1\n", "2:1: a second document"},
		"a list at the top":        {"- a\n", "1:1: expected a mapping, got a list"},
		"a key twice":              {"version: 1\nname: p\nversion: 1\n", `3:1: duplicate key "version" (first on line 1)`},
		"a byte that is not UTF-8": {"version: 1\nname: \xff\n", "2:7: this byte is not UTF-8"},
		"a NUL":                    {"version: 1\nname: a\x00b\n", "2:8: the character U+0000"},
		"a binary value":           {"version: 1\nname: !!binary aGk=\n", "2:7: name: the tag !!binary is not supported"},
		"a tag of one's own":       {"version: 1\nname: !mine x\n", "2:7: name: the tag !mine is not supported"},
		"a merge key":              {"version: 1\n<<: {name: p}\n", "2:1: merge keys (<<) are not supported"},
		"a newer version":          {"version: 2\nfuture: {}\n", "1:10: version: version 2 is not supported"},
		"a bad name": {"version: 1\nname: Orders\n",
			`2:7: name: invalid name "Orders"; use lower-case letters, digits and dashes: orders`},
		"no steps": {"version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: [\"b:1\"]}}\nsteps: []\n",
			"4:8: steps: the list is empty"},
		"an unknown type": {"version: 1\nname: p\nproviders: {k: {type: kafke}}\nsteps: [{id: a, provider: k, target: {}, " +
			"to: latest}]\n", "did you mean kafka?"},
		"a provider without its keys": {"version: 1\nname: p\nproviders: {k: {type: kafka}}\nsteps: [{id: a, provider: k, target: " +
			"{group: g}, to: latest}]\n", "3:13: providers.k: the key bootstrapServers is missing"},
		"credentials in the clear": {"version: 1\nname: p\nproviders: {k: {type: aliyun-kafka, region: r, instanceId: i, endpoint: " +
			"\"http://example.com\"}}\nsteps: [{id: a, provider: k, target: {group: g}, to: latest}]\n", "unencrypted to example.com"},
		"what is to be written is a whole time": {wrap(`to: {timestamp: 2026-11-18 10:00}`), "write 2026-11-18T10:00:00Z, or add timezone"},
		"a date without a zone":                 {wrap(`to: {timestamp: "2026-11-18T00:00:00"}`), "has no time zone"},
		"a date alone":                          {wrap(`to: {timestamp: 2026-11-18}`), "write 2026-11-18T00:00:00Z"},
		"seconds for milliseconds":              {wrap(`to: {timestamp: 1795231425}`), "looks like seconds"},
		"a zone next to a zone":                 {wrap(`to: {timestamp: "2026-11-18T00:00:00Z", timezone: Asia/Shanghai}`), "already has a zone"},
		"a zone that is none":                   {wrap(`to: {timestamp: "2026-11-18T00:00:00", timezone: Mars/Phobos}`), "is not a time zone"},
		"two ways at once":                      {wrap(`to: {offset: 1, shift: 2}`), "offset and shift are mutually exclusive"},
		"whenPastEnd without a time":            {wrap(`to: {offset: 1, whenPastEnd: keep}`), "whenPastEnd is only allowed with timestamp"},
		"nowhere":                               {wrap(`to: {}`), "no target given"},
		"a negative offset":                     {wrap(`to: {offset: -5}`), "-5 is too small"},
		"an offset beyond 64 bits": {wrap(`to: {offset: 9223372036854775808}`),
			"9223372036854775808 is too large; the maximum is 9223372036854775807"},
		"a float offset":   {wrap(`to: {offset: 1.5}`), "1.5 is not a whole number"},
		"a wrong guard":    {wrap(`to: latest, guards: {maxSkip: lots}`), `invalid count "lots"`},
		"a wrong duration": {wrap(`to: latest, guards: {maxAge: 3 days}`), `invalid duration "3 days"; write 3d`},
		"start without a pause": {wrap(`to: latest, start: {executionMode: 0, kafkaRate: 1}`),
			"start is only allowed for enos-pipeline; remove it"},
		"a parameter that is not declared": {wrap(`to: {offset: "${of}"}`), `unknown parameter "of"`},
		"a reference without an end":       {wrap(`to: {timestamp: "x${of"}`), "without a closing brace"},
		"partitions of two topics": {strings.Replace(wrap("to: latest"), "topic: t", "topics: [t, u], partitions: [1]", 1),
			"partitions requires exactly one topic"},
		"a range that runs backwards": {strings.Replace(wrap("to: latest"), "topic: t", "topic: t, partitions: [3-1]", 1), "runs backwards"},
		"group and groups": {strings.Replace(wrap("to: latest"), "group: g", `group: g, groups: [h]`, 1),
			"group and groups are mutually exclusive"},
		"exclude without groups": {strings.Replace(wrap("to: latest"), "group: g", `group: g, exclude: [h]`, 1),
			"exclude is only allowed with groups"},
		"an invalid partition number":      {wrap(`to: {offsets: {x: 1}}`), `"x" is not a partition number`},
		"a duplicate partition":            {wrap(`to: {offsets: {0: 1, 00: 2}}`), `"00" is not a partition number`},
		"a duplicate partition of a topic": {wrap(`to: {offsets: {t: {3: 1, 03: 2}}}`), `invalid key "03"; write 3`},
		"a partition with a sign":          {wrap(`to: {offsets: {t: {+4: 1}}}`), `invalid key "+4"; write 4`},
		"a duplicate shard":                {wrap(`to: {checkpoints: {1: MA==, 01: MA==}}`), `invalid key "01"; write 1`},
		"a provider's name with a blank": {"version: 1\nname: p\nproviders: {K k: {type: kafka, bootstrapServers: [\"a:1\"]}}\n",
			`3:13: providers.K k: invalid key "K k"`},
		"a key that is a list": {"version: 1\n? [a]\n: 1\n", "a key must be a word or a number"},
		"credentials as values": {"version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: [\"b:1\"], credentials: {env: {username: " +
			"\"not a name\"}}}}\nsteps: []\n", "not its value"},
		"mapping values where none can be": {"version: 1\nname: a: b\n",
			"2:7: a value with a colon and a space in it; put quotes around the value"},
		"a column behind two-byte characters":     {wrap(`description: "äöü", to: erliest`), "5:80: steps[0].to: "},
		"carriage returns do not move the column": {strings.ReplaceAll(wrap(`to: erliest`), "\n", "\r\n"), "5:60: steps[0].to: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := parse(t, c.text, nil)
			if !strings.Contains(errs.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", errs, c.want)
			}
			var out bytes.Buffer
			if err := errs.Render(&out); err != nil || out.Len() == 0 {
				t.Errorf("it renders as %q, %v", out.String(), err)
			}
		})
	}
}

// TestGroupAndTopicAreLiteral writes names that would be globs in a list.
func TestGroupAndTopicAreLiteral(t *testing.T) {
	text := strings.Replace(wrap("to: latest"), "group: g, topic: t", `group: "g*[x]", topic: "t?", partitions: [0, "2-3"]`, 1)
	d, errs := Parse("p.yaml", []byte(text), nil)
	if len(errs) > 0 || d.Steps[0].Target["group"] != "g*[x]" || d.Steps[0].Target["topic"] != "t?" || d.Steps[0].Select != nil {
		t.Errorf("got %v", errs)
	}
}

func TestParametersKeepTheirType(t *testing.T) {
	text := "version: 1\nname: p\nparams: {n: {type: integer}, g: {type: string, enum: [a, b]}, d: {type: duration, default: 5m}, b: {type: " +
		"boolean, default: true}}\n" +
		"providers: {k: {type: kafka, bootstrapServers: [\"b:1\"]}}\nsteps:\n  - {id: a, provider: k, description: \"$${n} is ${n}\", target: " +
		"{group: \"x-${g}\", topic: t}, to: {offset: \"${n}\"}, idle: {wait: \"${d}\"}, guards: {clamp: \"${b}\"}}\n"
	d, errs := parse(t, text, map[string]string{"n": "9007199254740993", "g": "b"})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	s := d.Steps[0]
	if s.To.Offset != 9007199254740993 || s.Target["group"] != "x-b" || s.Description != "${n} is 9007199254740993" ||
		s.Idle.Wait != 5*time.Minute || !s.Guards.Clamp {
		t.Errorf("got %+v", s)
	}
	for name, c := range map[string]struct {
		values map[string]string
		want   string
	}{
		"none given":        {nil, "3:10: params.n: parameter n has no value"},
		"a wrong type":      {map[string]string{"n": "ten", "g": "a"}, `"ten" is not a whole number`},
		"not in the enum":   {map[string]string{"n": "1", "g": "c"}, `"c" is not one of a, b`},
		"a name misspelt":   {map[string]string{"n": "1", "g": "a", "dd": "1s"}, `a value is given for "dd"`},
		"a duration is one": {map[string]string{"n": "1", "g": "a", "d": "soon"}, "invalid duration"},
	} {
		if _, errs := parse(t, text, c.values); !strings.Contains(errs.Error(), c.want) {
			t.Errorf("%s: got %v", name, errs)
		}
	}
}

func described(t *testing.T, at string, v any) {
	object, ok := v.(map[string]any)
	if !ok {
		return
	}
	properties, _ := object["properties"].(map[string]any)
	for name, p := range properties {
		own, _ := p.(map[string]any)
		text, _ := own["description"].(string)
		if ref, isRef := own["$ref"].(string); text == "" && !isRef && own["const"] == nil {
			t.Errorf("%s.%s has no description (%s)", at, name, ref)
		}
	}
	for name, inner := range object {
		switch inner := inner.(type) {
		case map[string]any:
			described(t, at+"."+name, inner)
		case []any:
			for _, one := range inner {
				described(t, at+"."+name, one)
			}
		}
	}
}

func TestHostileInput(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'l'; c++ {
		p := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [*" + p + strings.Repeat(",*"+p, 9) + "]\n"
	}
	for name, text := range map[string]string{
		"an alias bomb":         bomb,
		"an alias of itself":    "a: &a [*a]\n",
		"a text of 50 MB":       "name: " + strings.Repeat("x", 50<<20),
		"brackets without end":  strings.Repeat("[", 100_000),
		"braces without end":    strings.Repeat("{a: ", 100_000),
		"dashes without end":    strings.Repeat("- ", 100_000),
		"questions without end": strings.Repeat("? ", 100_000),
		"an indent of ten thousand": func() string {
			s := ""
			for i := range 2000 {
				s += strings.Repeat(" ", i) + "a:\n"
			}
			return s
		}(),
		"a thousand errors": "version: 1\n" + strings.Repeat("x", 3) + strings.Join(strings.Split(strings.Repeat("k", 2000), ""), ": 1\nk") + ": 1\n",
		"keys without end": func() string {
			var b strings.Builder
			for i := range 60_000 {
				b.WriteString("k" + strings.Repeat("y", i%50) + string(rune('a'+i%26)) + ": 1\n")
			}
			return b.String()
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			if _, errs := parse(t, text, nil); len(errs) == 0 || len(errs) > diag.MostShown+1 {
				t.Errorf("%d errors", len(errs))
			}
		})
	}
}

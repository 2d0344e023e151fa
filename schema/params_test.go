package schema

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// declaring puts the declaration of a parameter n into a valid document,
// which uses it for an offset.
func declaring(param string) string {
	return "version: 1\nname: p\nparams:\n  n: {" + param + "}\n" +
		"providers: {k: {type: kafka, bootstrapServers: [\"b:1\"]}}\nsteps:\n  - {id: a, provider: k, target: {group: g, topic: t}, to: {offset: " +
		"\"${n}\"}}\n"
}

func TestDeclarationsThatCannotBeUsed(t *testing.T) {
	for name, c := range map[string]struct{ param, want, remedy string }{
		"no type":             {"description: a number", "4:3: params.n: the key type is missing", "add it"},
		"a type that is none": {"type: int", `4:13: params.n.type: unknown value "int"`, "did you mean integer?"},
		"a default of another type": {"type: integer, default: ten",
			`4:31: params.n.default: the default does not match its declaration: "ten" is not a whole number`, "write a whole number"},
		"a default beyond 64 bits": {"type: integer, default: 9223372036854775808", `9223372036854775808 is too large`,
			"the maximum is 9223372036854775807"},
		"an invalid time as default": {"type: timestamp, default: 2026-11-18",
			`4:33: params.n.default: the default does not match its declaration: "2026-11-18" is a date without a time`, "write 2026-11-18T00:00:00Z"},
		"a default that breaks its pattern": {"type: string, pattern: '[a-z]+', default: A1",
			`4:49: params.n.default: the default does not match its declaration: "A1" does not match the pattern [a-z]+`,
			"correct the default or the declaration"},
		"a default whose middle alone fits": {"type: string, pattern: 'b|c', default: abc", `"abc" does not match`, "correct the default"},
		"a default outside its enum": {"type: string, enum: [north, south], default: nort",
			`4:52: params.n.default: the default does not match its declaration: "nort" is not one of north, south`, "did you mean north?"},
		"an enum of another type": {"type: integer, enum: [1, two]",
			`4:32: params.n.enum[1]: this value can never be given: "two" is not a whole number`, "write a whole number"},
		"an enum against its pattern": {"type: string, pattern: '[a-z]+', enum: [a, B]",
			`4:50: params.n.enum[1]: this value can never be given: "B" does not match`, "correct the value, the type or the pattern"},
		"an enum without values": {"type: string, enum: []", "4:27: params.n.enum: the list is empty", "write at least one item"},
		"an enum of lists": {"type: string, enum: [[a]]",
			"4:28: params.n.enum[0]: expected a string or a whole number or true or false, got a list", ""},
		"a pattern that is none": {"type: string, pattern: 'a('",
			`4:30: params.n.pattern: "a(" is not a regular expression (RE2): missing closing )`, "correct it"},
		"a pattern that only closes what is around it": {"type: string, pattern: 'a)|(b'", "is not a regular expression (RE2): unexpected )",
			"correct it"},
		"a key misspelt": {"type: string, patern: a", `4:21: params.n.patern: unknown key "patern"`,
			"did you mean pattern?"},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := parse(t, declaring(c.param), map[string]string{"n": "1"})
			said := 0
			for _, f := range errs {
				if strings.Contains(f.Error(), c.want) && strings.Contains(f.Remedy, c.remedy) {
					said++
				}
			}
			if said != 1 {
				t.Errorf("said %d times\ngot  %v\nwant %s; %s", said, errs, c.want, c.remedy)
			}
		})
	}
}

func TestValuesOutsideTheirLimits(t *testing.T) {
	for name, c := range map[string]struct{ param, value, want string }{
		"a pattern holds from begin to end": {"type: integer, pattern: '[0-9]{1,3}'", "1234",
			`4:3: params.n: invalid value for parameter n: "1234" does not match the pattern [0-9]{1,3}; correct it in --set or --params`},
		"a line break does not end it":   {"type: string, pattern: '[a-z]+'", "a\n", "does not match the pattern"},
		"an enum says what is near":      {"type: string, enum: [north, south]", "nortx", `"nortx" is not one of north, south; did you mean north?`},
		"a truth value is true or false": {"type: boolean", "yes", `"yes" is not a boolean; write true or false`},
		"a time needs its zone":          {"type: timestamp", "2026-11-18T00:00:00", "has no time zone"},
		"an integer has no fraction":     {"type: integer", "1.0", `1.0 is written as a decimal fraction; write 1`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, errs := parse(t, declaring(c.param), map[string]string{"n": c.value}); !strings.Contains(errs.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", errs, c.want)
			}
		})
	}
}

// TestOneMistakeInAParameterIsReportedOnce holds all that is said of a plan to
// one sentence, whatever the missing value would be used for.
func TestOneMistakeInAParameterIsReportedOnce(t *testing.T) {
	for name, c := range map[string]struct{ old, with, value, want string }{
		"a misspelt name": {`offset: "${n}"`, `offset: "${nn}"`, "1",
			`p.yaml:7:69: steps[0].to.offset: unknown parameter "nn"; did you mean ${n}?`},
		"a name like no other": {`offset: "${n}"`, `offset: "${other}"`, "1",
			`p.yaml:7:69: steps[0].to.offset: unknown parameter "other"; declare it under params, or write $${ for a literal ${`},
		"as a time": {`offset: "${n}"`, `timestamp: "${nn}"`, "1",
			`p.yaml:7:72: steps[0].to.timestamp: unknown parameter "nn"; did you mean ${n}?`},
		"as the zone of a time": {`offset: "${n}"`, `timestamp: 2026-11-18T00:00:00, timezone: "${nn}"`, "1",
			`p.yaml:7:103: steps[0].to.timezone: unknown parameter "nn"; did you mean ${n}?`},
		"as all of a to": {`{offset: "${n}"}`, `"${nn}"`, "1", `p.yaml:7:60: steps[0].to: unknown parameter "nn"; did you mean ${n}?`},
		"within a text": {`["b:1"]`, `["${nn}:1"]`, "1",
			`p.yaml:5:49: providers.k.bootstrapServers[0]: unknown parameter "nn"; did you mean ${n}?`},
		"as a provider's type": {"type: kafka", `type: "${nn}"`, "1",
			`p.yaml:5:23: providers.k.type: unknown parameter "nn"; did you mean ${n}?`},
		"as a provider's name": {"provider: k", `provider: "${nn}"`, "1",
			`p.yaml:7:23: steps[0].provider: unknown parameter "nn"; did you mean ${n}?`},
		"as another step": {"provider: k", `needs: ["${nn}"], provider: k`, "1",
			`p.yaml:7:21: steps[0].needs[0]: unknown parameter "nn"; did you mean ${n}?`},
		"a brace that is not closed": {"topic: t", `topic: "${n"`, "1",
			`p.yaml:7:52: steps[0].target.topic: ${ without a closing brace; write ${name}, or $${ for a literal ${`},
		"no value for what names a type": {"type: kafka", `type: "${n}"`, "", `p.yaml:4:3: params.n: parameter n has no value; give it with --set n=…`},
		"a wrong value": {"topic: t", `topic: t, partitions: ["0-${n}"]`, "many",
			`p.yaml:4:3: params.n: invalid value for parameter n: "many" is not a whole number; write a whole number such as 10`},
	} {
		t.Run(name, func(t *testing.T) {
			text := declaring("type: integer")
			if !strings.Contains(text, c.old) {
				t.Fatalf("%q is not in the plan", c.old)
			}
			values := map[string]string{"n": c.value}
			if c.value == "" {
				values = nil
			}
			if _, errs := parse(t, strings.Replace(text, c.old, c.with, 1), values); errs.Error() != c.want {
				t.Errorf("got\n%v\nwant\n%s", errs, c.want)
			}
		})
	}
}

func TestDefaultsHaveTheTypeOfTheirParameter(t *testing.T) {
	for _, text := range []string{"16", `"16"`} {
		d, errs := parse(t, declaring("type: integer, default: "+text), nil)
		if len(errs) > 0 || d.Values["n"] != int64(16) || d.Steps[0].To.Offset != 16 {
			t.Errorf("%s: got %+v, %v", text, d, errs)
		}
	}
}

func TestAnOutlineIsReadFromAnInvalidPlan(t *testing.T) {
	text := "params:\n  z: {type: string, description: Last first., pattern: '[a-z]+', enum: [a, b], default: b}\n  a: {type: boolean, " +
		"default: True}\n  m: {type: timestamp}\nsteps: [nonsense, {id: first}, {}, {id: second, to: nowhere}]\n"
	got, errs := Sketch("p.yaml", []byte(text))
	want := &Outline{Steps: []string{"first", "second"}, Params: []Param{
		{Name: "z", Type: "string", Description: "Last first.", Pattern: "[a-z]+", Enum: []string{"a", "b"}, Default: "b"},
		{Name: "a", Type: "boolean", Default: true},
		{Name: "m", Type: "timestamp"},
	}}
	if len(errs) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, errs, want)
	}
}

// TestThePublishedSchemaAcceptsAParameterForAnyValue holds the file as an
// editor reads it, which fills no parameter in.
func TestThePublishedSchemaAcceptsAParameterForAnyValue(t *testing.T) {
	published, err := jsonschema.CompileString("plan.v1.schema.json", string(JSON(Plan)))
	if err != nil {
		t.Fatal(err)
	}
	const text = `{"version": 1, "name": "p", "onError": "${x}", "history": "${x}", "guards": {"maxSkip": "${x}"},
		"providers": {"k": {"type": "kafka", "bootstrapServers": ["${x}:9092"], "insecure": "${x}", "timeout": "${x}s", "rateLimit": "${x}"}},
		"steps": [
			{"id": "a", "provider": "k", "target": {"group": "g", "topic": "t", "partitions": ["${x}"]}, "to": {"offset": "${x}"},
				"guards": {"maxReplay": "${x}", "maxAge": "${x}", "clamp": "${x}"}},
			{"id": "b", "provider": "k", "target": {"group": "g"}, "to": {"timestamp": "${x}", "whenPastEnd": "${x}"}, "idle": {"wait": "${x}",
				"assume": "${x}"}, "approximate": "${x}"},
			{"id": "c", "provider": "k", "target": {"group": "g"}, "to": {"offsets": {"0": "${x}", "t": {"1": "${x}"}}}},
			{"id": "${x}", "provider": "k", "target": {"group": "g"}, "to": "${x}"}, {"id": "d", "provider": "k", "target": {"group": "g"},
				"to": {"shift": "${x}"}}]}`
	for written, fits := range map[string]bool{text: true, strings.Replace(text, `"maxReplay": "${x}"`, `"maxReplay": "lots"`, 1): false,
		strings.Replace(text, `"to": "${x}"`, `"to": "x"`, 1): false} {
		d := json.NewDecoder(bytes.NewReader([]byte(written)))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if err := published.Validate(v); (err == nil) != fits {
			t.Errorf("it fits: %v: %v", fits, err)
		}
	}
}

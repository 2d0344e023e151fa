package schema

import (
	"slices"
	"strings"
	"testing"
)

// TestInputsFollowTheSchema adds keys to the rules of a connection, as a later
// version of the schema may.
func TestInputsFollowTheSchema(t *testing.T) {
	rules := parsed([]byte(`{"type": "object", "required": ["newKeys"], "properties": {
		"type": {"const": "x"},
		"newKeys": {"description": "Some keys.", "type": ["array", "string"], "items": {"type": "string"}},
		"rate": {"anyOf": [{"type": "integer"}, {"$ref": "#/$defs/reference"}]},
		"wait": {"type": "string", "pattern": "^([0-9]+(ns|us|ms|s|m|h|d|w))+$"},
		"proxy": {"type": "object", "properties": {"on": {"type": "boolean"}, "mode": {"enum": ["a", "b"]}}},
		"login": {"type": "object", "required": ["user"], "properties": {"user": {"type": "string"}}}}}`))
	var l inputList
	l.add(Input{Section: OfProvider, Types: []string{"x"}}, rules, true)
	var got []string
	for _, in := range l {
		marks := ""
		for mark, is := range map[string]bool{"L": in.List, "B": in.Boolean, "M": in.Mapping, "N": in.Number, "D": in.Duration,
			"R": slices.Contains(in.Required, "x")} {
			if is {
				marks += mark
			}
		}
		got = append(got, strings.TrimSpace(strings.Join(in.Path, ".")+" "+sortedText(marks)+" "+strings.Join(in.Words, "|")))
	}
	want := []string{"login.user", "newKeys LR", "proxy M", "proxy.mode  a|b", "proxy.on B", "rate N", "wait D"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func sortedText(s string) string {
	runes := []rune(s)
	slices.Sort(runes)
	return string(runes)
}

// TestEveryKeyIsAnInput compares the inputs with the keys that the schema requires.
func TestEveryKeyIsAnInput(t *testing.T) {
	for _, kind := range providerTypes() {
		for _, section := range []Section{OfProvider, OfTarget} {
			rules := object(lookup(planText(), "/$defs/"+string(section)+"-"+kind))
			for key := range object(rules["properties"]) {
				known := slices.ContainsFunc(Inputs(), func(in Input) bool {
					return in.Section == section && in.Path[0] == key && slices.Contains(in.Types, kind)
				})
				if !known && key != "type" {
					t.Errorf("%s of %s %s cannot be written as a flag", key, section, kind)
				}
			}
		}
	}
	if len(Words()) < 5 {
		t.Errorf("the words of `to` are %q", Words())
	}
}

package tree_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/tree"
	"github.com/resetplan/resetplan/schema/yamltext"
)

// convert converts a text with these parameters; nil = parameters are not replaced.
func convert(t *testing.T, text string, p *tree.Parameters) (any, *tree.Converter) {
	t.Helper()
	s := diag.NewSource("f", []byte(text))
	root, invalid := yamltext.Parse(s, yamltext.PlanLimit)
	if invalid != nil {
		t.Fatal(invalid)
	}
	c := tree.NewConverter(s, p)
	c.Index.KeysOf(root)
	return c.Value(root, "", 0), c
}

func TestValuesAreThoseOfJSON(t *testing.T) {
	got, c := convert(t, "text: a\nquoted: \"1\"\nyes: true\nnumber: 10\nlist: [&x {k: 1}, *x]\ndate: 2026-11-18\n", nil)
	one := map[string]any{"k": json.Number("1")}
	want := map[string]any{"text": "a", "quoted": "1", "yes": true, "number": json.Number("10"), "list": []any{one, one}, "date": "2026-11-18"}
	if len(c.Errors) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, c.Errors)
	}
}

func TestParametersReplaceValues(t *testing.T) {
	p := &tree.Parameters{Names: []string{"n", "s"}, Types: map[string]string{"n": "integer", "s": "string"},
		Values: map[string]any{"n": json.Number("5"), "s": "x"}}
	got, c := convert(t, "whole: ${n}\npart: a-${s}-${n}\nliteral: $${s}\n", p)
	want := map[string]any{"whole": json.Number("5"), "part": "a-x-5", "literal": "${s}"}
	if len(c.Errors) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, c.Errors)
	}
	if c.Index.Filled["whole"] != "n" {
		t.Errorf("the values of parameters are %v", c.Index.Filled)
	}
	if _, c := convert(t, "a: ${m}\n", p); len(c.Errors) != 1 || !strings.Contains(c.Errors[0].Remedy, "${n}") && !strings.Contains(c.Errors[0].Remedy, "params") {
		t.Errorf("an unknown parameter: got %v", c.Errors)
	}
}

func TestErrorsHaveTheirPlace(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{ // path at line:column: a word of the reason
		"a duplicate key": {"a: 1\na: 2\n", "2:1: duplicate key"},
		"a merge key":     {"a: &x {k: 1}\nb:\n  <<: *x\n", "3:3: merge keys"},
		"no value":        {"a:\nb: 1\n", "1:3: no value"},
		"a tag":           {"a: !secret x\n", "1:4: tag"},
		"no key":          {"\"\": 1\n", "1:1: empty key"},
		"a list as a key": {"? [a]\n: 1\n", "1:3: a key must be"},
	} {
		_, conv := convert(t, c.text, nil)
		if len(conv.Errors) == 0 {
			t.Errorf("%s: no error", name)
			continue
		}
		place, word, _ := strings.Cut(c.want, ": ")
		one := conv.Errors[0]
		if got := fmt.Sprintf("%d:%d", one.Line, one.Column); got != place || !strings.Contains(one.Reason, word) || one.Remedy == "" {
			t.Errorf("%s: got %s: %s; %s", name, got, one.Reason, one.Remedy)
		}
	}
}

func TestAnIndexPlacesPaths(t *testing.T) {
	_, c := convert(t, "steps:\n- id: one\n  to: {offset: 5}\n", nil)
	for name, x := range map[string]struct {
		path string
		key  bool
		want string
	}{
		"a value":                         {"steps[0].to.offset", false, "3:16"},
		"a key":                           {"steps[0].to.offset", true, "3:8"},
		"an absent key is at its mapping": {"steps[0].guards", false, "2:3"},
	} {
		got := c.Index.ErrorAt(x.path, x.key, "r", "")
		if at := fmt.Sprintf("%d:%d", got.Line, got.Column); at != x.want || got.Step != "one" || got.Path != x.path {
			t.Errorf("%s: got %s at %s in step %q", name, got.Path, at, got.Step)
		}
	}
	for path, parent := range map[string]string{"steps[0].to": "steps[0]", "steps[0]": "steps", "steps": "", "a.b": "a"} {
		if got := tree.Parent(path); got != parent {
			t.Errorf("the parent of %s is %s", path, got)
		}
	}
}

func TestAliasesCountAsWhatTheyRepeat(t *testing.T) {
	text := "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
	for i := 'b'; i < 'i'; i++ {
		text += fmt.Sprintf("%c: &%c [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", i-1), 10), ","))
	}
	if _, c := convert(t, text, nil); !c.Full || len(c.Errors) == 0 {
		t.Errorf("a document of ten million values is converted: %v", c.Errors)
	}
}

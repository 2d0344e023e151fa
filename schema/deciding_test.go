package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// TestACompiledSchemaKeepsWhatDecides compares the rules that are compiled with those that
// are published: nothing is missing but texts for people.
func TestACompiledSchemaKeepsWhatDecides(t *testing.T) {
	for _, kind := range []Kind{Plan, Lock, Saved, Configuration} {
		whole, kept := parsed(JSON(kind)), object(deciding(parsed(JSON(kind)), "")["$defs"])
		for name := range object(whole["$defs"]) {
			if kept[name] == nil { // a definition is kept if something refers to it
				maps.Copy(kept, object(deciding(whole, name)["$defs"]))
			}
		}
		want := undescribed(whole)
		for name, rules := range object(want["$defs"]) {
			if got := asPublished(kept[name]); !reflect.DeepEqual(got, rules) {
				t.Errorf("%s, %s: the rules are\n%v, want\n%v", kind, name, got, rules)
			}
		}
		got := object(asPublished(deciding(whole, "")))
		for _, word := range []string{"properties", "required", "type", "additionalProperties"} {
			if !reflect.DeepEqual(got[word], want[word]) {
				t.Errorf("%s: %s is %v, want %v", kind, word, got[word], want[word])
			}
		}
	}
}

// asPublished returns rules with the keyword of patterns as it is published.
func asPublished(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for word, inner := range v {
			if word == lazily {
				word = "pattern"
			}
			out[word] = asPublished(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = asPublished(inner)
		}
		return out
	}
	return v
}

// TestAPatternIsReportedAsByTheLibrary compares the errors of a schema as the program
// compiles it with those of the library's own keyword.
func TestAPatternIsReportedAsByTheLibrary(t *testing.T) {
	const id = "https://example.org/names"
	rules := map[string]any{"$id": id, "type": "object", "properties": map[string]any{"name": map[string]any{"$ref": "#/$defs/name"}},
		"propertyNames": map[string]any{"pattern": "^[a-z]+$"}, "$defs": map[string]any{"name": map[string]any{"pattern": "^x"}}}
	raw, err := json.Marshal(rules)
	must(err)
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft7
	must(c.AddResource(id, bytes.NewReader(raw)))
	library, ours := c.MustCompile(id), compile(rules, rules, "").compiled
	for _, v := range []map[string]any{{"name": "xy"}, {"name": "yx"}, {"name": 3.0}, {"Name": "xy"}, {"Name": "", "name": "y"}} {
		want := places(library.Validate(v))
		if got := places(ours.Validate(v)); !slices.Equal(got, want) {
			t.Errorf("%v: the errors are %q, want %q", v, got, want)
		}
	}
}

// places returns where the causes of an error are, in the value and in the schema.
func places(err error) (all []string) {
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		return nil
	}
	if len(v.Causes) == 0 {
		return []string{v.InstanceLocation + " " + v.KeywordLocation + " " + v.AbsoluteKeywordLocation}
	}
	for _, cause := range v.Causes {
		all = append(all, places(cause)...)
	}
	slices.Sort(all)
	return all
}

// TestCompilingAllocatesLittle holds what a plan with one type of provider costs.
func TestCompilingAllocatesLittle(t *testing.T) {
	planText() // it is read once
	const most = 1_350_000
	used := allocated(func() { compileTrunk(); compileStep(); compileBranch("provider-kafka"); compileBranch("target-kafka") })
	if used > most {
		t.Errorf("compiling the schema of a plan allocates %d bytes, want at most %d", used, most)
	}
}

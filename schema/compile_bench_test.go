package schema

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// BenchmarkCompile measures each way of compiling the plan's schema. The figures in
// compile.go come from here; run it on an idle machine.
func undescribed(v any) map[string]any {
	switch v := v.(type) {
	case map[string]any:
		for _, word := range []string{"description", "examples", "title"} {
			if _, isProperty := v[word].(map[string]any); !isProperty {
				delete(v, word)
			}
		}
		for _, inner := range v {
			undescribed(inner)
		}
		return v
	case []any:
		for _, inner := range v {
			undescribed(inner)
		}
	}
	return nil
}

func BenchmarkCompile(b *testing.B) {
	compileAs := func(schema map[string]any, draft *jsonschema.Draft) {
		raw, err := json.Marshal(schema)
		must(err)
		c := jsonschema.NewCompiler()
		c.AssertFormat, c.Draft = true, draft
		must(c.AddResource("https://example.org/plan", bytes.NewReader(raw)))
		c.MustCompile("https://example.org/plan")
	}
	var published map[string]any
	must(json.Unmarshal(planJSON, &published))
	for name, do := range map[string]func(){
		"published":                     func() { compileAs(published, jsonschema.Draft2020) },
		"draft-07":                      func() { compileAs(planText(), jsonschema.Draft7) },
		"draft-07-without-descriptions": func() { compileAs(undescribed(parsed(planJSON)), jsonschema.Draft7) },
		"parsed":                        func() { parsed(planJSON) },
		"trunk":                         func() { compileTrunk() },
		"trunk-and-step":                func() { compileTrunk(); compileStep() },
		"one-provider":                  func() { compileTrunk(); compileStep(); compileBranch("provider-kafka"); compileBranch("target-kafka") },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				do()
			}
		})
	}
}

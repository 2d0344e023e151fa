// Package schema reads the files of resetplan: the plan that people write, and
// the lock and saved plan that the program writes.
//
// A plan goes from bytes to YAML nodes, from nodes to plain JSON values, through
// the JSON Schema and into a Document. Nodes keep their line and column to the
// end, so that every fault, the ones found later by others too, names its place
// and what to write there instead. The invariant: a file ends either in a whole
// Document or in all of its faults at once; hostile input ends in a fault, in
// bounded time and memory.
//
// The *.schema.json files are the formats' only definition. What needs
// knowledge of a provider or of the network is not checked here.
package schema

import (
	"bytes"
	_ "embed" // the schemas are part of the program
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	_ "time/tzdata" // `timezone` must work where no zone files are installed

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Kind is one of the files that have a schema.
type Kind string

// The kinds of files.
const (
	Plan  Kind = "plan"
	Lock  Kind = "lock"
	Saved Kind = "saved"
)

var (
	//go:embed plan.v1.schema.json
	planJSON []byte
	//go:embed lock.v1.schema.json
	lockJSON []byte
	//go:embed saved.v1.schema.json
	savedJSON []byte
)

// JSON returns the text of a kind's schema, or nil for an unknown kind.
func JSON(k Kind) []byte {
	switch k {
	case Plan:
		return bytes.Clone(planJSON)
	case Lock:
		return bytes.Clone(lockJSON)
	case Saved:
		return bytes.Clone(savedJSON)
	}
	return nil
}

// A definition is a compiled schema, and its text as a JSON value, from which
// messages take the allowed names and values.
type definition struct {
	compiled *jsonschema.Schema
	text     func() map[string]any
}

var definitions = map[Kind]func() *definition{
	Plan: sync.OnceValue(func() *definition { return compile(planText, trunk(), "") }),
	Lock: sync.OnceValue(func() *definition {
		return compile(func() map[string]any { return parsed(lockJSON) }, bare(lockJSON), "")
	}),
	Saved: sync.OnceValue(func() *definition {
		return compile(func() map[string]any { return parsed(savedJSON) }, bare(savedJSON), "")
	}),
}

// The plan's schema as a value: with its words for people, and without.
var (
	planText = sync.OnceValue(func() map[string]any { return parsed(planJSON) })
	planBare = sync.OnceValue(func() map[string]any { return bare(planJSON) })
)

// branches holds, by name, the parts of the plan's schema that only some plans
// need: "provider-kafka", "target-kafka". Compiling is most of what a small
// plan costs, so each is compiled when the first document wants it.
var branches = sync.OnceValue(func() map[string]func() *definition {
	out := map[string]func() *definition{}
	for _, t := range providerTypes() {
		for _, name := range []string{"provider-" + t, "target-" + t} {
			out[name] = sync.OnceValue(func() *definition {
				defs, _ := planBare()["$defs"].(map[string]any)
				needed := map[string]any{name: defs[name]}
				return compile(planText, map[string]any{"$id": planBare()["$id"], "$defs": needed}, "#/$defs/"+name)
			})
		}
	}
	return out
})

// stepRules is the part of the plan's schema for one step. Steps are checked one
// by one, so that the faults of very many are never held at once.
var stepRules = sync.OnceValue(func() *definition {
	return compile(planText, map[string]any{"$id": planBare()["$id"], "$defs": trunk()["$defs"]}, "#/$defs/step")
})

// trunk is the plan's schema without its branches and its steps. The published file has
// them where an editor looks for them: behind the provider's type.
func trunk() map[string]any {
	out := maps.Clone(planBare())
	all, _ := out["$defs"].(map[string]any)
	defs := map[string]any{}
	for name, def := range all {
		if !strings.HasPrefix(name, "provider-") && !strings.HasPrefix(name, "target-") {
			defs[name] = def
		}
	}
	properties, _ := out["properties"].(map[string]any)
	properties = maps.Clone(properties)
	steps, _ := properties["steps"].(map[string]any)
	steps = maps.Clone(steps)
	delete(steps, "items")
	properties["steps"], out["properties"] = steps, properties
	provider, _ := defs["provider"].(map[string]any)
	provider = maps.Clone(provider)
	delete(provider, "allOf")
	defs["provider"], out["$defs"] = provider, defs
	return out
}

// compile panics on a schema that does not compile: it is part of the program.
// What is compiled is the schema without the words for people, which text
// keeps for messages.
func compile(text func() map[string]any, lean map[string]any, fragment string) *definition {
	id, _ := lean["$id"].(string)
	raw, err := json.Marshal(lean)
	must(err)
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	c.Draft = jsonschema.Draft7
	must(c.AddResource(id, bytes.NewReader(raw)))
	return &definition{compiled: c.MustCompile(id + fragment), text: text}
}

func parsed(text []byte) map[string]any {
	var schema map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a maximum of 64 bits has more digits than a float
	must(d.Decode(&schema))
	filledIn(schema)
	return schema
}

// filledIn takes out of a schema that a parameter may stand where another kind
// of value is expected. An editor must allow for it; here every parameter has
// its value before the schema is asked.
func filledIn(v any) {
	switch v := v.(type) {
	case map[string]any:
		if either, _ := v["anyOf"].([]any); len(either) == 2 && lookup(either[1], "/$ref") == "#/$defs/reference" {
			only, _ := either[0].(map[string]any)
			delete(v, "anyOf")
			maps.Copy(v, only)
		}
		for _, inner := range v {
			filledIn(inner)
		}
	case []any:
		for _, inner := range v {
			filledIn(inner)
		}
	}
}

// bare returns a schema in the words of draft-07 and without those for people.
// The compiler holds each schema against its draft first; that of 2020-12, and
// every description, cost as much as the rules themselves. The files say
// 2020-12, and a test holds both to be one.
func bare(text []byte) map[string]any {
	schema := parsed(text)
	strip(schema)
	return schema
}

func strip(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "$schema")
		if pairs, ok := v["dependentRequired"].(map[string]any); ok {
			v["dependencies"] = pairs
			delete(v, "dependentRequired")
		}
		for _, word := range []string{"description", "examples", "title"} {
			if _, isProperty := v[word].(map[string]any); !isProperty {
				delete(v, word)
			}
		}
		for _, inner := range v {
			strip(inner)
		}
	case []any:
		for _, inner := range v {
			strip(inner)
		}
	}
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("schema: the program's own schema is broken: %v", err))
	}
}

// providerTypes returns the types that the plan's schema knows, in its order.
func providerTypes() []string {
	var types []string
	list, _ := lookup(planBare(), "/$defs/provider/properties/type/enum").([]any)
	for _, t := range list {
		types = append(types, fmt.Sprint(t))
	}
	return types
}

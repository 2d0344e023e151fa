package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Compiling the JSON Schema takes most of the time of reading a small plan. Three
// things here make it faster, with what each gains by BenchmarkCompile on one core
// of an EPYC; what gained less than a millisecond was removed.
//
//   - The schemas are compiled as draft-07, whose keywords are enough for them. The
//     published files say 2020-12, and the compiler checks a file against the schema
//     of its draft first: 3.2 ms instead of 7.9 ms.
//   - The rules of a provider's type are compiled when a plan has the type: 1.9 ms
//     for a plan with one type instead of 3.2 ms.
//   - Texts for people are left out, and a pattern is compiled when a text is first
//     compared with it: 1.1 MB for a plan with one type instead of 2.1 MB, and half of
//     the time.

// A definition is a compiled schema, and its text as a JSON value, from which
// messages take the allowed names and values.
type definition struct {
	compiled *jsonschema.Schema
	text     map[string]any
	operator bool // of the configuration: advice about plans does not apply
}

var definitions = map[Kind]func() *definition{
	Plan:  sync.OnceValue(compileTrunk),
	Lock:  sync.OnceValue(func() *definition { return compileWhole(lockJSON) }),
	Saved: sync.OnceValue(func() *definition { return compileWhole(savedJSON) }),

	Configuration: sync.OnceValue(compileConfig),
}

// planOfConnections is the plan's schema for an operator who has connections: a plan
// may then have no providers of its own.
var planOfConnections = sync.OnceValue(func() *definition { return compile(planText(), trunk(), "") })

// planText is the plan's schema as a JSON value.
var planText = sync.OnceValue(func() map[string]any { return parsed(planJSON) })

// stepRules is the part of the plan's schema for one step. Steps are checked one
// by one, so that the errors of very many are never in memory at once.
var stepRules = sync.OnceValue(compileStep)

// branches holds, by name, the parts of the plan's schema for one type of provider:
// "provider-TYPE" and "target-TYPE". A provider is checked only against its own
// branch, so that its errors are never about another type.
var branches = sync.OnceValue(func() map[string]func() *definition {
	out := map[string]func() *definition{}
	for _, t := range providerTypes() {
		for _, name := range []string{"provider-" + t, "target-" + t} {
			out[name] = sync.OnceValue(func() *definition { return compileBranch(name) })
		}
	}
	return out
})

func compileWhole(text []byte) *definition {
	schema := parsed(text)
	return compile(schema, schema, "")
}

func compileTrunk() *definition {
	rules := trunk()
	rules["required"] = append(list(rules["required"])[:2:2], append([]any{"providers"}, list(rules["required"])[2:]...)...)
	return compile(rules, rules, "")
}

// compileConfig compiles the schema of the configuration without the branches of the
// types: a connection is checked against the branch of the plan's schema.
func compileConfig() *definition {
	rules := parsed(configJSON)
	delete(object(object(rules["$defs"])["provider"]), "allOf")
	d := compile(rules, rules, "")
	d.operator = true
	return d
}

func compileStep() *definition {
	return compile(planText(), map[string]any{"$id": planText()["$id"], "$defs": trunk()["$defs"]}, "#/$defs/step")
}

func compileBranch(name string) *definition {
	defs := map[string]any{name: object(planText()["$defs"])[name]}
	return compile(planText(), map[string]any{"$id": planText()["$id"], "$defs": defs}, "#/$defs/"+name)
}

// trunk is the plan's schema without its branches and its steps. In the published
// file the branches follow the provider's type, as an editor requires.
func trunk() map[string]any {
	out := maps.Clone(planText())
	defs := maps.Clone(object(out["$defs"]))
	maps.DeleteFunc(defs, func(name string, _ any) bool {
		return strings.HasPrefix(name, "provider-") || strings.HasPrefix(name, "target-")
	})
	properties := maps.Clone(object(out["properties"]))
	steps := maps.Clone(object(properties["steps"]))
	delete(steps, "items")
	provider := maps.Clone(object(defs["provider"]))
	delete(provider, "allOf")
	properties["steps"], defs["provider"] = steps, provider
	out["properties"], out["$defs"] = properties, defs
	return out
}

// compile compiles the part of a schema that a fragment names. text is the whole
// schema, for messages. It panics on a schema that does not compile: the schemas
// are part of the program.
func compile(text, part map[string]any, fragment string) *definition {
	id, _ := part["$id"].(string)
	raw, err := json.Marshal(deciding(part, strings.TrimPrefix(fragment, "#/$defs/")))
	must(err)
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	c.Draft = jsonschema.Draft7
	c.RegisterExtension(lazily, nil, lazyPattern{})
	must(c.AddResource(id, bytes.NewReader(raw)))
	return &definition{compiled: c.MustCompile(id + fragment), text: text}
}

// parsed reads a schema, and rewrites it in the keywords of draft-07.
func parsed(text []byte) map[string]any {
	var schema map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a maximum of 64 bits has more digits than a float
	must(d.Decode(&schema))
	rewrite(schema)
	return schema
}

// rewrite turns a schema of 2020-12 into one of draft-07. It also removes that a
// parameter may be written in place of a value of another type: an editor must
// allow it, but here every parameter has its value before the schema is applied.
func rewrite(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "$schema")
		if pairs, ok := v["dependentRequired"].(map[string]any); ok {
			v["dependencies"] = pairs
			delete(v, "dependentRequired")
		}
		if either, _ := v["anyOf"].([]any); len(either) == 2 && lookup(either[1], "/$ref") == "#/$defs/reference" {
			delete(v, "anyOf")
			maps.Copy(v, object(either[0]))
		}
		for _, inner := range v {
			rewrite(inner)
		}
	case []any:
		for _, inner := range v {
			rewrite(inner)
		}
	}
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("schema: the program's own schema is invalid: %v", err))
	}
}

// targetRules returns the rules for the targets of a type.
func targetRules(kind string) map[string]any {
	return object(lookup(planText(), "/$defs/target-"+kind))
}

// TakesTopic reports whether a target of a type can name a topic.
func TakesTopic(kind string) bool { return object(targetRules(kind)["properties"])["topic"] != nil }

// manyTopics reports whether a target of a type may have several topics: it has
// the key topic, need not have it, and the service has more than one.
func manyTopics(kind string) bool {
	rules := targetRules(kind)
	topic := object(object(rules["properties"])["topic"])
	return topic != nil && topic["x-only"] != true && !slices.Contains(texts(rules["required"]), "topic")
}

// startTypes returns the types whose steps have start.
func startTypes() []string {
	return texts(lookup(planText(), "/$defs/step/properties/start/x-types"))
}

// providerTypes returns the types that the plan's schema knows, in its order.
func providerTypes() []string {
	return texts(lookup(planText(), "/$defs/provider/properties/type/enum"))
}

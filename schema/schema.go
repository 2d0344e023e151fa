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

// Kinds are all kinds of files, in the order in which people meet them.
func Kinds() []Kind { return []Kind{Plan, Lock, Saved} }

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

// A definition is a compiled schema beside its text as a JSON value, from
// which messages take the allowed names and values.
type definition struct {
	compiled *jsonschema.Schema
	url      string
	raw      any
}

var definitions = map[string]func() *definition{
	string(Plan):  sync.OnceValue(func() *definition { return compile(planJSON, "") }),
	string(Lock):  sync.OnceValue(func() *definition { return compile(lockJSON, "") }),
	string(Saved): sync.OnceValue(func() *definition { return compile(savedJSON, "") }),
}

// targets holds the compiled schema of each provider type's target.
var targets = sync.OnceValue(func() map[string]*definition {
	out := map[string]*definition{}
	for _, t := range providerTypes() {
		out[t] = compile(planJSON, "#/$defs/target-"+t)
	}
	return out
})

// compile panics on a schema that does not compile: it is part of the program.
func compile(text []byte, fragment string) *definition {
	var head struct {
		ID string `json:"$id"`
	}
	d := &definition{}
	must(json.Unmarshal(text, &head))
	must(json.Unmarshal(text, &d.raw))
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	must(c.AddResource(head.ID, bytes.NewReader(text)))
	d.url = head.ID
	d.compiled = c.MustCompile(head.ID + fragment)
	return d
}

func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("schema: the program's own schema is broken: %v", err))
	}
}

// providerTypes returns the types that the plan's schema knows, in its order.
func providerTypes() []string {
	var head struct {
		Defs struct {
			Provider struct {
				Properties struct {
					Type struct {
						Enum []string `json:"enum"`
					} `json:"type"`
				} `json:"properties"`
			} `json:"provider"`
		} `json:"$defs"`
	}
	must(json.Unmarshal(planJSON, &head))
	return head.Defs.Provider.Properties.Type.Enum
}

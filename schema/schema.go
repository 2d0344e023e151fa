// Package schema reads the files of resetplan: the plan that people write, and
// the lock and saved plan that the program writes.
//
// A plan goes from bytes to YAML nodes, from nodes to plain JSON values, through
// the JSON Schema and into a Document. Nodes keep their line and column to the
// end, so that every error, the ones found later by others too, names its place
// and what to write there instead. The invariant: a file ends either in a whole
// Document or in all of its errors at once; hostile input ends in an error, in
// bounded time and memory.
//
// The *.schema.json files are the formats' only definition. What needs
// knowledge of a provider or of the network is not checked here.
package schema

import (
	"bytes"
	_ "embed"
	_ "time/tzdata" // `timezone` must work where no zone files are installed
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

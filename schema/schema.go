// Package schema reads the files of resetplan: the plan that people write, the
// operator's configuration, and the lock and saved plan that the program writes.
//
// A plan goes from bytes to YAML nodes (yamltext), from nodes to plain JSON values
// with places (tree), through the JSON Schema and into a Document. Every error,
// including those found later by other packages, has a place and a remedy (diag). The
// invariant: the result is either a whole Document or all errors of the file at once;
// hostile input ends in an error, within bounded time and memory.
//
// The *.schema.json files are the only definition of the formats. What requires a
// provider or the network is not checked here.
//
// The package has more files than others because a rule of the JSON Schema and the
// explanation of its violation belong together: compile.go and validate.go apply the
// rules, keys.go, misplaced.go, types.go, values.go and explain.go explain violations,
// and build.go with the files of its builder checks what a JSON Schema cannot express.
//
// JSON, Kind and Document are stable, to pass on and not to build; all other names may
// change in any release (docs/ARCHITECTURE.md, Go API).
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
	Plan          Kind = "plan"
	Lock          Kind = "lock"
	Saved         Kind = "saved"
	Configuration Kind = "config"
)

var (
	//go:embed plan.v1.schema.json
	planJSON []byte
	//go:embed lock.v1.schema.json
	lockJSON []byte
	//go:embed saved.v1.schema.json
	savedJSON []byte
	//go:embed config.v1.schema.json
	configJSON []byte
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
	case Configuration:
		return bytes.Clone(configJSON)
	}
	return nil
}

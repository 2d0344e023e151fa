package kafka_test

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestTheRulesReadPlainValues: the files that decide do not import the protocol.
func TestTheRulesReadPlainValues(t *testing.T) {
	for _, name := range []string{"target.go", "read.go", "selection.go", "assemble.go", "activity.go", "reset.go", "script.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		check(t, err)
		for _, i := range f.Imports {
			if strings.Contains(i.Path.Value, "franz-go") {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
	}
}

package main

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A result is what a command prints with --format json: the type of its value, and
// the types in it, with the files of their declarations.
type result struct {
	title, about string
	declared     string
	types        []string
}

var results = []result{
	{"Errors", "An error of any command with `--format json`, as `{\"errors\": [...]}`. Standard error has one line.",
		"errors.go", []string{"jsonError"}},
	{"resetplan status", "", "../../plan/reconcile/status.go", []string{"Status", "StatusStep", "StatusPart"}},
	{"resetplan watch", "One object for each reading, on a line of its own.", "../../plan/watch/watch.go ../../plan/track/track.go", []string{"Progress", "StepProgress"}},
	{"resetplan doctor", "", "../../plan/doctor/doctor.go", []string{"Diagnosis", "Patient", "Finding"}},
	{"resetplan providers", "A list, with one object for each type of service.", "../../plan/check/matrix.go", []string{"Row"}},
}

// jsonPage describes the results in JSON that no schema describes, from the Go
// declarations that are printed.
func jsonPage(t *testing.T) string {
	t.Helper()
	out := "# Results in JSON\n\nWith `--format json`, standard output has one JSON value and nothing else. A number that is not known is absent,\n" +
		"never 0 or -1. A position is one string: `offset:42`, `cursor:MTUy…`, `time:2026-11-18T00:00:00Z`, `earliest`, `latest`,\n" +
		"`unset` (never committed), `default`, `unknown`. A part is one string: `orders/0`, `topic_01/broker-0/3`, `shard/2`, or empty\n" +
		"for the whole target. New keys may be added; a key is never renamed or removed within a version of its format.\n\n" +
		"| command | result |\n|---|---|\n| `resetplan plan` | [saved.md](saved.md) |\n" +
		"| `resetplan apply`, `resetplan rollback` | `plan`, `run`, `undo`, `outcome` and `steps` as in [lock.md](lock.md#step) |\n" +
		"| `resetplan lock show` | [lock.md](lock.md) |\n"
	for _, r := range results {
		if r.title != "Errors" {
			out += "| `" + r.title + "` | [below](#" + anchor(r.title) + ") |\n"
		}
	}
	for _, r := range results {
		out += "\n## " + r.title + "\n"
		if r.about != "" {
			out += "\n" + r.about + "\n"
		}
		out += structTables(t, r)
	}
	return out
}

// structTables describes the structs of a result, each with what contains it.
func structTables(t *testing.T, r result) (out string) {
	t.Helper()
	declared := &ast.File{}
	for _, name := range strings.Fields(r.declared) {
		one, err := parser.ParseFile(token.NewFileSet(), filepath.FromSlash(name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		declared.Decls = append(declared.Decls, one.Decls...)
	}
	for i, name := range r.types {
		fields := fieldsOf(declared, name)
		if fields == nil {
			t.Fatalf("%s has no struct %s", r.declared, name)
		}
		if i > 0 {
			out += "\nEach of " + containedBy(declared, r.types[:i], name) + ":\n"
		}
		out += "\n| key | value | meaning |\n|---|---|---|\n"
		for _, f := range fields {
			if f.comment == "" {
				t.Errorf("%s: the field %s of %s, which is printed as %q, has no comment", r.declared, f.name, name, f.key)
			}
			out += "| `" + f.key + "` | " + f.value + " | " + tidy(strings.ReplaceAll(f.comment, "|", `\|`)) + " |\n"
		}
	}
	return out
}

// meanings are those of keys that mean the same in each result, and, after the name
// of a struct, of one key whose comment is for readers of the code.
var meanings = map[string]string{
	"file": "the file, as it was named", "line": "the line in it, from 1", "column": "the column, from 1", "step": "the id of the step",
	"where": "the key in the file, or the flag", "message": "what is wrong", "remedy": "what to do about it",
	"plan": "the plan's name", "run": "the run's key", "by": "user@host of the last apply", "started": "when the last apply started",
	"finished": "when it ended", "steps": "the steps, in the order of the document", "id": "the step's id, with the target's name if it selects several",
	"address": "the target, as it is shown", "outcome": "the outcome in the lock, see [lock.md](lock.md)", "at": "when it was recorded or read",
	"why": "a remark, as text", "activity": "the consumers: idle, active or unknown", "parts": "its partitions, queues or shards", "part": "the part",
	"before": "the position before the reset", "after": "the target of the reset", "low": "the start of the log", "high": "the end of the log",
	"seen": "the position that was read back after the reset", "now": "the position now", "lag": "the records from there to the end of the log",
	"drift": "how it differs, as text", "Status.outcome": "the run's outcome in the lock, see [lock.md](lock.md); absent if the run is not in it",
	"StatusPart.drifted": "the position is not the recorded one", "StatusPart.moved": "records from `after` to `now`; negative if it went back",
	"StatusPart.fromLow": "how far each position is after `low`, if positions are cursors",
	"Finding.fromLow":    "how far each position is after `low`, if positions are cursors", "Finding.part": "the part; empty for the group as a whole",
	"partitions": "the number of partitions examined", "healable": "findings that a plan can fix",
	"provider": "the name of the connection", "findings": "its problems", "kind": "the problem: see `resetplan doctor --help`",
	"committed": "the committed position", "heal": "where a plan would move it", "type": "the type of service",
}

type field struct{ name, key, value, comment string }

// fieldsOf returns the fields of a struct that are printed.
func fieldsOf(file *ast.File, name string) []field {
	var out []field
	for _, f := range printed(file, name) {
		key, _, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json"), ",")
		comment := strings.Join(strings.Fields(f.Comment.Text()), " ")
		if comment == "" {
			comment = strings.Join(strings.Fields(f.Doc.Text()), " ")
		}
		comment = cmp.Or(meanings[name+"."+key], comment, meanings[key])
		out = append(out, field{f.Names[0].Name, key, jsonType(f.Type), comment})
	}
	return out
}

// printed returns the fields of a struct that have a tag.
func printed(file *ast.File, name string) []*ast.Field {
	var out []*ast.Field
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != name {
			return true
		}
		if of, ok := spec.Type.(*ast.StructType); ok {
			out = slices.DeleteFunc(slices.Clone(of.Fields.List), func(f *ast.Field) bool { return f.Tag == nil })
		}
		return false
	})
	return out
}

// containedBy names the key of the struct that has values of a type.
func containedBy(file *ast.File, structs []string, name string) string {
	for _, s := range structs {
		for i, f := range printed(file, s) {
			if list, ok := f.Type.(*ast.ArrayType); ok {
				if of, ok := list.Elt.(*ast.Ident); ok && of.Name == name {
					return "`" + fieldsOf(file, s)[i].key + "`"
				}
			}
		}
	}
	return name
}

// jsonType names the JSON value of a Go type.
func jsonType(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return jsonType(t.X)
	case *ast.ArrayType:
		return "list of " + jsonType(t.Elt)
	case *ast.MapType:
		return "object of " + jsonType(t.Value)
	case *ast.SelectorExpr:
		return map[string]string{"Time": "time", "Part": "part", "Position": "position", "Outcome": "string", "RunOutcome": "string"}[t.Sel.Name]
	case *ast.Ident:
		switch t.Name {
		case "bool":
			return "boolean"
		case "int", "int64", "float64":
			return "number"
		case "string", "Failure", "Ailment":
			return "string"
		}
		return "object"
	}
	return "any"
}

package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/providers/all"
)

var update = flag.Bool("update", false, "rewrite what is derived from the code")

// TestReadmeTables checks that the generated tables in the README of the services match
// the code.
func TestReadmeTables(t *testing.T) {
	const file = "../../docs/services/README.md"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := string(raw)
	for name, table := range map[string]string{"matrix": matrix(), "credentials": credentials()} {
		begin, end := "<!-- "+name+": made by `make generate` -->\n", "<!-- end of "+name+" -->"
		before, rest, ok1 := strings.Cut(want, begin)
		_, after, ok2 := strings.Cut(rest, end)
		if !ok1 || !ok2 {
			t.Fatalf("%s has no place for the table %s", file, name)
		}
		want = before + begin + table + end + after
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(raw) {
		t.Errorf("a table in %s is stale: run `make generate`", file)
	}
}

func matrix() string {
	out := "| type | reads | bounds | consumers | undo | `to` |\n|---|---|---|---|---|---|\n"
	for _, r := range check.Matrix(all.Providers()) {
		out += "| " + strings.Join([]string{r.Type, r.Reads, r.Bounds, r.Consumers, r.Undo, strings.Join(r.To, ", ")}, " | ") + " |\n"
	}
	return out
}

func credentials() string {
	out := "| type | searched for credentials |\n|---|---|\n"
	for _, r := range check.Matrix(all.Providers()) {
		out += "| " + r.Type + " | `" + strings.Join(r.Credentials, "`, `") + "` |\n"
	}
	return out
}

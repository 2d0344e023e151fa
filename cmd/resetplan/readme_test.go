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

// TestReadmeMatrix compares the matrix in the README with the capabilities.
func TestReadmeMatrix(t *testing.T) {
	const file, begin, end = "../../README.md", "<!-- matrix: made by `make generate` -->\n", "<!-- end of matrix -->"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(raw), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no markers for the matrix", file)
	}
	want := before + begin + matrix() + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(raw) {
		t.Errorf("the matrix in %s is stale: run `make generate`", file)
	}
}

func matrix() string {
	out := "| type | reads | bounds | consumers | undo | `to` |\n|---|---|---|---|---|---|\n"
	for _, r := range check.Matrix(all.Providers()) {
		out += "| " + strings.Join([]string{r.Type, r.Reads, r.Bounds, r.Consumers, r.Undo, strings.Join(r.To, ", ")}, " | ") + " |\n"
	}
	return out
}

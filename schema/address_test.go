package schema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// published is the address of this folder on the main branch.
const published = "https://raw.githubusercontent.com/resetplan/resetplan/main/schema/"

// TestSchemasAreFoundAtTheirAddress compares each $id with the place of its file in the
// repository, and finds no reference that would have to be fetched.
func TestSchemasAreFoundAtTheirAddress(t *testing.T) {
	found, err := filepath.Glob("*.schema.json")
	if err != nil || len(found) != 4 {
		t.Fatalf("got %v, %v", found, err)
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil || !strings.HasPrefix(string(mod), "module github.com/"+strings.TrimSuffix(strings.TrimPrefix(published,
		"https://raw.githubusercontent.com/"), "/main/schema/")+"\n") {
		t.Errorf("the module has another path than %s: %v", published, err)
	}
	for _, name := range found {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var s map[string]any
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		if s["$id"] != published+name {
			t.Errorf("%s has the $id %v, want %s", name, s["$id"], published+name)
		}
		for _, ref := range references(s) {
			if !strings.HasPrefix(ref, "#") {
				t.Errorf("%s refers to %s, which is not in it", name, ref)
			}
		}
	}
}

// references returns every $ref and $dynamicRef below a value.
func references(v any) (all []string) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if ref, ok := inner.(string); ok && (key == "$ref" || key == "$dynamicRef") {
				all = append(all, ref)
			}
			all = append(all, references(inner)...)
		}
	case []any:
		for _, inner := range v {
			all = append(all, references(inner)...)
		}
	}
	return all
}

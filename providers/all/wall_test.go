package all

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestSDKsAndJSONAreBehindTheWall: outside internal/api and the fake, a provider
// imports no SDK and decodes no answer. The names are those of the folders.
func TestSDKsAndJSONAreBehindTheWall(t *testing.T) {
	extra := map[string][]string{ // beyond the standard library and our own packages
		"huaweirocketmq": {"gopkg.in/ini.v1"}, // the SDK's credentials file
		"tencentdts":     {"gopkg.in/ini.v1"},
	}
	for _, p := range Providers() {
		provider := strings.ReplaceAll(p.Type(), "-", "")
		if provider == "kafka" {
			continue // its wall runs between files, and has a test of its own
		}
		files, err := filepath.Glob(filepath.Join("..", provider, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", provider, len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range f.Imports {
				path := strings.Trim(i.Path.Value, `"`)
				if !mayImport(path, extra[provider]) {
					t.Errorf("%s imports %s", file, path)
				}
			}
		}
	}
}

func mayImport(path string, extra []string) bool {
	for _, e := range extra {
		if path == e {
			return true
		}
	}
	first, _, _ := strings.Cut(path, "/")
	return path != "net/http" && (!strings.Contains(first, ".") || strings.HasPrefix(path, "github.com/resetplan/resetplan/"))
}

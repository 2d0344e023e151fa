//go:build integration

package release_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestIntegrationLicencesAreListed compares docs/licences.md with the dependencies, and
// looks for each module that any platform links, as the go command lists them.
func TestIntegrationLicencesAreListed(t *testing.T) {
	b := builtRelease(t)
	page := read(t, filepath.Join(b.clone, "docs/licences.md"))
	if page != read(t, filepath.Join(b.clone, ".cache/release/licences.md")) {
		t.Error("docs/licences.md does not list today's dependencies: run `make licences`")
	}
	texts := read(t, filepath.Join(b.clone, ".cache/release/THIRD_PARTY_LICENSES.txt"))
	for _, text := range []string{"Go's standard library\n", "Copyright 2009 The Go Authors.", "Mozilla Public License, version 2.0", "Apache License",
		"AWS SDK for Go\nCopyright", "https://pkg.go.dev/NAME@VERSION"} {
		if !strings.Contains(texts, text) {
			t.Errorf("THIRD_PARTY_LICENSES.txt does not contain %q", text)
		}
	}
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, arch := range []string{"amd64", "arm64"} {
			modules := strings.Fields(must(t, b.clone, "env", "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch, "go", "list", "-tags",
				"urfave_cli_no_docs", "-deps", "-f",
				"{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}}{{end}}{{end}}", "./cmd/resetplan"))
			if len(modules) < 30 {
				t.Errorf("only %d modules on %s/%s", len(modules), system, arch)
			}
			for _, m := range modules {
				path, number, _ := strings.Cut(m, "@")
				if !strings.Contains(page, "| "+path+" |") && !strings.Contains(page, "| "+path+"/") {
					t.Errorf("docs/licences.md does not list %s (%s/%s)", path, system, arch)
				}
				if !strings.Contains(texts, " "+strings.TrimSuffix(number, "+incompatible")+" (") {
					t.Errorf("THIRD_PARTY_LICENSES.txt does not name version %s of %s", number, path)
				}
			}
		}
	}
}

// TestIntegrationALicenceThatIsNotAllowedIsRefused lets the tool report a licence that
// the program may not be combined with, none that it knows, and no dependency.
func TestIntegrationALicenceThatIsNotAllowedIsRefused(t *testing.T) {
	script, err := filepath.Abs("licences.sh")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ reported, want string }{
		"a licence that is not allowed": {`example.com/x\tv1.0.0\tGPL-3.0\t/LICENSE\n`, "example.com/x has the licence GPL-3.0, which is not allowed"},
		"an unknown licence":            {`example.com/x\tv1.0.0\tUnknown\tUnknown\n`, "example.com/x has the licence Unknown, which is not allowed"},
		"nothing":                       {``, "go-licenses found no dependency"},
	} {
		t.Run(name, func(t *testing.T) {
			tools := t.TempDir()
			if err := os.WriteFile(filepath.Join(tools, "go-licenses"), []byte("#!/bin/sh\nprintf '"+c.reported+"'\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			out := t.TempDir()
			_, err := output(out, "env", "PATH="+tools+":"+os.Getenv("PATH"), script, out)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q is not in: %v", c.want, err)
			}
			if left, _ := os.ReadDir(out); len(left) > 0 {
				t.Errorf("it wrote %v", left)
			}
		})
	}
}

package plan_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryPackageHasAComment reads what pkg.go.dev shows of each package.
func TestEveryPackageHasAComment(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Name,Doc,GoFiles", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d, seen := json.NewDecoder(strings.NewReader(string(out))), 0; ; seen++ {
		var p struct {
			ImportPath, Name, Doc string
			GoFiles               []string
		}
		if err := d.Decode(&p); err == io.EOF {
			if seen < 20 {
				t.Errorf("only %d packages were listed", seen)
			}
			return
		} else if err != nil {
			t.Fatal(err)
		}
		start := "Package " + p.Name + " "
		if p.Name == "main" {
			start = "Command " + p.ImportPath[strings.LastIndex(p.ImportPath, "/")+1:] + " "
		}
		if len(p.GoFiles) > 0 && (!strings.HasPrefix(p.Doc, start) || !strings.HasSuffix(p.Doc, ".")) {
			t.Errorf("%s has the comment %q; it begins with %q and is a sentence", p.ImportPath, p.Doc, start)
		}
	}
}

// TestTheStableGoAPIExists finds each name in the table of docs/ARCHITECTURE.md, and in
// the package comment, which is what pkg.go.dev shows first.
func TestTheStableGoAPIExists(t *testing.T) {
	page, err := os.ReadFile("../docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## Go API\n")
	section, _, _ = strings.Cut(section, "\n## ")
	name := regexp.MustCompile("`([^`]+)`")
	rows := 0
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || !strings.Contains(cells[1], "`") {
			continue
		}
		rows++
		folder := name.FindStringSubmatch(cells[1])[1]
		has := exported(t, filepath.Join("..", filepath.FromSlash(folder)))
		words := strings.FieldsFunc(promise(t, filepath.Join("..", filepath.FromSlash(folder))), func(r rune) bool { return strings.ContainsRune(" ,;", r) })
		for _, found := range name.FindAllStringSubmatch(cells[2], -1) {
			if !has[found[1]] {
				t.Errorf("%s has no %s", folder, found[1])
			}
			if !slices.Contains(words, found[1]) {
				t.Errorf("the comment of package %s does not end with a paragraph on what is stable that names %s", folder, found[1])
			}
		}
	}
	if rows < 5 {
		t.Errorf("the table has %d rows", rows)
	}
}

// promise returns the last paragraph of the comment of the package in a folder, or
// nothing if it does not refer to the table.
func promise(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.TrimSpace(f.Doc.Text())
		if last := strings.Join(strings.Fields(text[strings.LastIndex(text, "\n\n")+1:]), " "); strings.Contains(last, "docs/ARCHITECTURE.md, Go API") {
			return last
		}
	}
	return ""
}

// exported returns the functions and types of the package in a folder.
func exported(t *testing.T, folder string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	sources := func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }
	packages, err := parser.ParseDir(token.NewFileSet(), folder, sources, parser.SkipObjectResolution) //nolint:staticcheck // build tags do not matter
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		for _, f := range p.Files {
			for _, d := range f.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					out[d.Name.Name] = out[d.Name.Name] || d.Recv == nil
				case *ast.GenDecl:
					for _, s := range d.Specs {
						if typed, ok := s.(*ast.TypeSpec); ok {
							out[typed.Name.Name] = true
						}
					}
				}
			}
		}
	}
	return out
}

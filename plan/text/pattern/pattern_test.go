package pattern_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/text/pattern"
)

// root is the folder of the module.
const root = "../../.."

func TestNewCompilesNothing(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an expression that is not valid was accepted at its first use")
		}
	}()
	p := pattern.New(`(`)
	p.MatchString("text")
}

// TestPatternsAreValid compiles each expression that is given to New anywhere in the
// program, because a program that compiles it later would fail in use. It also
// refuses expressions that are compiled at each start.
func TestPatternsAreValid(t *testing.T) {
	count := 0
	for folder, files := range sources(t) {
		constants := constantsOf(files)
		for _, file := range files {
			for _, d := range file.Decls {
				variables, ok := d.(*ast.GenDecl)
				if ok && variables.Tok == token.VAR && !onlyForTests(folder) && calls(variables, "regexp", "MustCompile") != nil {
					t.Errorf("%s: a variable of the package calls regexp.MustCompile at each start; use pattern.New", folder)
				}
			}
			for _, argument := range calls(file, "pattern", "New") {
				expression, ok := valueOf(argument, constants)
				if !ok {
					t.Errorf("%s: an argument of pattern.New is not constant", folder)
				} else if _, err := regexp.Compile(expression); err != nil {
					t.Errorf("%s: %v", folder, err)
				}
				count++
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d expressions were found", count)
	}
}

// sources reads the program's source, by folder.
func sources(t *testing.T) map[string][]*ast.File {
	t.Helper()
	out := map[string][]*ast.File{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != root && strings.HasPrefix(entry.Name(), "."), entry.IsDir() && entry.Name() == "testdata":
			return fs.SkipDir
		case filepath.Ext(name) != ".go", strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		folder := filepath.ToSlash(filepath.Dir(name))
		out[folder] = append(out[folder], file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// onlyForTests reports whether only tests import a package.
func onlyForTests(folder string) bool {
	name := filepath.Base(folder)
	return strings.HasSuffix(name, "test") || strings.HasPrefix(name, "kafkatest")
}

// calls returns the first argument of each call of a function.
func calls(in ast.Node, pkg, function string) (out []ast.Expr) {
	ast.Inspect(in, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == function {
			if x, ok := f.X.(*ast.Ident); ok && x.Name == pkg {
				out = append(out, call.Args[0])
			}
		}
		return true
	})
	return out
}

// constantsOf returns the constants of a package by name.
func constantsOf(files []*ast.File) map[string]ast.Expr {
	out := map[string]ast.Expr{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Names) == len(spec.Values) {
				for i, name := range spec.Names {
					out[name.Name] = spec.Values[i]
				}
			}
			return true
		})
	}
	return out
}

// valueOf computes a constant text.
func valueOf(e ast.Expr, constants map[string]ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.Ident:
		value, ok := constants[e.Name]
		if !ok {
			return "", false
		}
		return valueOf(value, constants)
	case *ast.BinaryExpr:
		left, ok := valueOf(e.X, constants)
		right, okToo := valueOf(e.Y, constants)
		return left + right, e.Op == token.ADD && ok && okToo
	}
	return "", false
}

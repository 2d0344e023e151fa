package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// avoided are expressions that the glossary in CONTRIBUTING.md replaces, with
// what to write instead. Text that quotes a vendor's message, and the YAML that
// hostile documents are made of, use them at most in test data files.
var avoided = []struct{ pattern, instead string }{
	{`tells?|telling|told`, "report, return, show, print"},
	{`stands?|stood|standing`, "be at, be committed at; position"},
	{`lies?`, "be at, is"},
	{`carr(y|ies|ied)( it| them)? out`, "apply"},
	{`(cut|broken) off`, "interrupted, truncated"},
	{`mends?|mended`, "fix"},
	{`wants`, "require"},
	{`asked for`, "requested, target"},
	{`nobody|somebody|whoever`, "no client, another client, the caller"},
	{`at work`, "active"},
	{`(is|are|still) alive`, "active"},
	{`anew|made again`, "re-created, again"},
	{`to the letter`, "exactly, verbatim"},
	{`for ever`, "permanently"},
	{`aloud`, "explicitly"},
	{`in vain`, "without success"},
	{`held against`, "compared with"},
	{`beside`, "with, next to"},
	{`but for`, "except"},
	{`(says?|said) yes`, "accepted"},
	{`cannot be told`, "is unknown, cannot be determined"},
	{`(the|its) begin`, "start"},
	{`is no (valid|known|such)? ?(plan|lock|name|number|time|offset|place|position|mapping|list|topic|group|digest|duration)`, "is not a valid X"},
}

// identifiers are names that explain nothing; the glossary has better ones.
var identifiers = regexp.MustCompile(`^([wW]orld|Patience|Standing|Stray|Kept|[rR]uler|[dD]oors?|[bB]ulk|[wW]ire|[sS]ettle[A-Z].*|any|make|new|len|cap|min|max|copy|string|error)$`)

// whereBudget is how many times per 10,000 words "where" may be used: of places,
// never as a condition.
const whereBudget = 15

func TestWords(t *testing.T) {
	var words, where int
	for file, tree := range sources(t) {
		for _, text := range texts(tree) {
			for _, hit := range misused(text.text) {
				t.Errorf("%s:%d: %s", file, text.line, hit)
			}
			words += len(strings.Fields(text.text))
			where += len(whereWord.FindAllString(text.text, -1))
		}
	}
	if words == 0 || where*10000 > whereBudget*words {
		t.Errorf("%d times \"where\" in %d words: write \"if\" or \"when\" for a condition", where, words)
	}
}

func TestNames(t *testing.T) {
	for file, tree := range sources(t) {
		for _, name := range declared(tree.file) {
			if identifiers.MatchString(name.Name) {
				t.Errorf("%s:%d: the name %s explains nothing, or hides a word of the language", file, tree.set.Position(name.Pos()).Line, name.Name)
			}
		}
	}
}

var whereWord = regexp.MustCompile(`(?i)\bwhere\b`)

// misused returns what to change in a text: each avoided expression, with what to write
// instead. Few texts have one, so one search for any of them comes first.
func misused(text string) []string {
	if !anyAvoided().MatchString(text) {
		return nil
	}
	var out []string
	for _, a := range avoided {
		for _, hit := range wholeWords(a.pattern).FindAllString(text, -1) {
			out = append(out, fmt.Sprintf("%q: write %s", strings.TrimSpace(hit), a.instead))
		}
	}
	return out
}

var anyAvoided = sync.OnceValue(func() *regexp.Regexp {
	var all []string
	for _, a := range avoided {
		all = append(all, a.pattern)
	}
	return wholeWords(strings.Join(all, "|"))
})

func wholeWords(pattern string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(` + pattern + `)\b`)
}

// TestEachAvoidedExpressionIsFound holds that the one search finds what each pattern does.
func TestEachAvoidedExpressionIsFound(t *testing.T) {
	for text, instead := range map[string]string{
		"as Told there":          "report, return, show, print",
		"it carries them out":    "apply",
		"this is no valid group": "is not a valid X",
		"in the begin.":          "start",
	} {
		if got := misused(text); len(got) != 1 || !strings.HasSuffix(got[0], ": write "+instead) {
			t.Errorf("%s: got %q, want %s", text, got, instead)
		}
	}
	if got := misused("untold bystanders are believed"); got != nil {
		t.Errorf("got %q", got)
	}
}

type source struct {
	set  *token.FileSet
	file *ast.File
}

// sources returns the parsed Go files of the tree by their paths, this one left out.
func sources(t *testing.T) map[string]source {
	t.Helper()
	out, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var parsed = sync.OnceValues(func() (map[string]source, error) {
	out := map[string]source{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", ".cache", ".bin", "testdata"}, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go" || filepath.Base(path) == "words_test.go":
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, raw, parser.ParseComments|parser.SkipObjectResolution)
		out[path] = source{set, f}
		return err
	})
	return out, err
})

type piece struct {
	line int
	text string
}

// texts returns the comments and the string literals of a file.
func texts(s source) []piece {
	var out []piece
	at := func(p token.Pos) int { return s.set.Position(p).Line }
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			out = append(out, piece{at(c.Pos()), c.Text})
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			out = append(out, piece{at(l.Pos()), l.Value})
		}
		return true
	})
	return out
}

// declared returns the identifiers that a file declares, except fields and
// methods, which do not hide anything.
func declared(f *ast.File) []*ast.Ident {
	var out []*ast.Ident
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			out = append(out, n.Names...)
		case *ast.TypeSpec:
			out = append(out, n.Name)
		case *ast.FuncDecl:
			if n.Recv == nil {
				out = append(out, n.Name)
			}
		case *ast.FuncType:
			for _, p := range n.Params.List {
				out = append(out, p.Names...)
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && n.Tok == token.DEFINE {
					out = append(out, id)
				}
			}
		}
		return true
	})
	return out
}

package docs_test

import (
	"cmp"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestMessagesExist finds each message that docs/faq.md explains in the program: in a
// text of its code, or in what a scenario or a golden file expects. In a message, …
// is what differs.
func TestMessagesExist(t *testing.T) {
	raw, err := os.ReadFile("faq.md")
	if err != nil {
		t.Fatal(err)
	}
	_, messages, found := strings.Cut(string(raw), "\n## Messages\n")
	if !found {
		t.Fatal("faq.md has no section Messages")
	}
	printed := append(literals(t), expected(t)...)
	quoted := regexp.MustCompile("`([^`]+)`")
	n := 0
	for _, line := range strings.Split(messages, "\n") {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(first, -1) {
			n++
			if !prints(printed, m[1]) {
				t.Errorf("no text of the program has %q: correct the page", m[1])
			}
		}
	}
	if n < 80 {
		t.Errorf("%d messages were found on the page", n)
	}
}

// prints reports whether a text has all pieces of a message, in its order.
func prints(texts []string, message string) bool {
	var pieces []string
	for _, p := range strings.Split(message, "…") {
		pieces = append(pieces, regexp.QuoteMeta(strings.TrimSpace(p)))
	}
	pattern := regexp.MustCompile(strings.Join(pieces, ".*"))
	for _, text := range texts {
		if pattern.MatchString(text) {
			return true
		}
	}
	return false
}

// literals returns the texts of the code, those that are added up as one.
func literals(t *testing.T) []string {
	t.Helper()
	var out []string
	for file, s := range sources(t) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if text := folded(n); text != "" {
				out = append(out, strings.ReplaceAll(text, "\n", " "))
				return false
			}
			return true
		})
	}
	return out
}

// folded returns the text of a string, or of strings that are added up; what is not
// a literal in them is …
func folded(n ast.Node) string {
	switch n := n.(type) {
	case *ast.BasicLit:
		if n.Kind == token.STRING {
			text, _ := strconv.Unquote(n.Value)
			return text
		}
	case *ast.BinaryExpr:
		left, right := folded(n.X), folded(n.Y)
		if n.Op == token.ADD && left+right != "" {
			return cmp.Or(left, "…") + cmp.Or(right, "…")
		}
	}
	return ""
}

// expected returns the lines that scenarios and golden files expect.
func expected(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", ".cache", ".bin"}, d.Name()):
			return filepath.SkipDir // what is fetched, perhaps at this moment
		case d.IsDir() || filepath.Ext(path) != ".golden" && filepath.Ext(path) != ".txtar":
			return nil
		}
		raw, err := os.ReadFile(path)
		out = append(out, strings.Split(strings.NewReplacer(`\(`, "(", `\)`, ")", `\.`, ".", `\{`, "{", `\}`, "}").Replace(string(raw)), "\n")...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestWordsOfPages reads what pages in English say outside of code, as TestWords
// reads comments and messages. The list of words in CONTRIBUTING.md is left out.
func TestWordsOfPages(t *testing.T) {
	code := regexp.MustCompile("`[^`]*`")
	for file, lines := range prose(t) {
		if strings.HasPrefix(filepath.ToSlash(file), "zh/") {
			continue
		}
		section := ""
		for i, l := range lines {
			if title, ok := strings.CutPrefix(l, "## "); ok {
				section = title
			}
			if file == "CONTRIBUTING.md" && section == "Words" {
				continue
			}
			for _, hit := range misused(code.ReplaceAllString(l, "``")) {
				t.Errorf("%s:%d: %s", file, i+1, hit)
			}
		}
	}
}

// TestLinksOfPages follows every link of a page to another file of the tree, or to a
// heading, with and without a file.
func TestLinksOfPages(t *testing.T) {
	link := regexp.MustCompile(`(?:\]\(|(?:href|src|srcset)=")([^)"\s]+)`)
	pages := prose(t)
	for file, lines := range pages {
		for i, l := range lines {
			for _, m := range link.FindAllStringSubmatch(l, -1) {
				target, anchor, _ := strings.Cut(m[1], "#")
				if strings.Contains(target, ":") {
					continue // another site
				}
				path := file
				if target != "" {
					path = fromHere(filepath.Join(filepath.Dir(file), filepath.FromSlash(target)))
				}
				if _, err := os.Stat(path); err != nil {
					t.Errorf("%s:%d: %s does not exist", file, i+1, m[1])
				} else if other := pages[path]; anchor != "" && !slices.Contains(anchors(other), anchor) {
					t.Errorf("%s:%d: %s has no heading #%s", file, i+1, path, anchor)
				}
			}
		}
	}
}

func TestAnchorsAreThoseOfGitHub(t *testing.T) {
	got := anchors([]string{"# Apache Kafka: `kafka`", "text", "## A first plan", "## A first plan", "## 在三点钟，先看什么？"})
	if want := []string{"apache-kafka-kafka", "a-first-plan", "a-first-plan-1", "在三点钟先看什么"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// anchors are the names by which headings can be linked to on GitHub.
func anchors(lines []string) []string {
	var out []string
	seen := map[string]int{}
	for _, l := range lines {
		level := len(l) - len(strings.TrimLeft(l, "#"))
		if level == 0 || level > 6 || !strings.HasPrefix(l[level:], " ") {
			continue
		}
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', unicode.IsLetter(r), unicode.IsNumber(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(l[level:]))
		out = append(out, name)
		if n := seen[name]; n > 0 {
			out[len(out)-1] += "-" + string(rune('0'+n))
		}
		seen[name]++
	}
	return out
}

// fromHere is a path without the way up and down again.
func fromHere(path string) string {
	return filepath.FromSlash(strings.TrimPrefix(filepath.ToSlash(path), "../docs/"))
}

// prose returns the lines of every Markdown page of the tree by its path from this
// folder, those of fenced blocks empty.
func prose(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", ".cache", ".bin", "testdata"}, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		inside := false
		lines := strings.Split(string(raw), "\n")
		for i, l := range lines {
			fence := strings.HasPrefix(strings.TrimSpace(l), "```")
			if inside || fence {
				lines[i] = ""
			}
			inside = inside != fence
		}
		out[fromHere(path)] = lines
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Package docs_test checks that the tree is as the documents in this folder describe it.
package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFilesInTheDocumentsExist finds every path in backquotes that starts with a
// folder of the tree. TestLinksOfPages follows the links.
func TestFilesInTheDocumentsExist(t *testing.T) {
	path := regexp.MustCompile("`((?:cmd|schema|plan|providers|files|examples|docs)/[A-Za-z0-9_./-]+)`")
	docs := []string{"../README.md", "../CHANGELOG.md", "../.github/SECURITY.md", "../.github/pull_request_template.md"}
	for _, pattern := range []string{"*.md", "*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, found...)
	}
	for _, doc := range docs {
		raw, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range path.FindAllStringSubmatch(string(raw), -1) {
			exists(t, doc, filepath.Join("..", strings.TrimSuffix(m[1], "/")))
		}
	}
}

func exists(t *testing.T, doc, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Errorf("%s names %s, which does not exist", doc, path)
	}
}

// TestEveryPageIsInTheIndex finds each page in README.md of this folder. Those of
// docs/zh are linked to by zh/README.md.
func TestEveryPageIsInTheIndex(t *testing.T) {
	index, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages := 0
	for _, pattern := range []string{"*.md", "*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range found {
			if page = filepath.ToSlash(page); page == "README.md" || strings.HasPrefix(page, "zh/") && page != "zh/README.md" {
				continue
			}
			pages++
			if !strings.Contains(string(index), "]("+page+")") {
				t.Errorf("docs/README.md has no link to %s: add it to its table", page)
			}
		}
	}
	if pages < 20 {
		t.Errorf("%d pages were found", pages)
	}
}

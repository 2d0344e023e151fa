package main

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTranslatedPagesAreEquivalent compares each page of docs/zh with the page in English:
// both have the same commands, plans and outputs, the same headings, tables and links.
// Only words and comments may differ.
func TestTranslatedPagesAreEquivalent(t *testing.T) {
	translated, err := filepath.Glob("../../docs/zh/*.md")
	if err != nil || len(translated) == 0 {
		t.Fatalf("docs/zh has no pages: %v", err)
	}
	for _, file := range translated {
		name := filepath.Base(file)
		english := "docs/" + name
		if name == "README.md" {
			english = name
		}
		t.Run(name, func(t *testing.T) {
			want, got := outline(t, english), outline(t, "docs/zh/"+name)
			for i := range max(len(want), len(got)) {
				if i >= len(want) || i >= len(got) || want[i] != got[i] {
					t.Fatalf("entry %d differs:\n%s has %q\ndocs/zh/%s has %q", i+1, english, want[min(i, len(want)):min(i+1, len(want))],
						name, got[min(i, len(got)):min(i+1, len(got))])
				}
			}
		})
	}
}

var (
	linkOnPage    = regexp.MustCompile(`(?:\]\(|(?:href|src|srcset)=")([^)"\s]+)`)
	commentOnLine = regexp.MustCompile(`(?:^|\s+)#\s.*$`)
	fenced        = regexp.MustCompile("(?ms)^```.*?^```$")
)

// outline is what a page has besides words, in its order: blocks first.
func outline(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../..", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, b := range blocksOf(string(raw)) {
		out = append(out, strings.Join(withoutComments(b), "\n"))
	}
	for _, a := range readPage(string(raw)).actions {
		if a.exits != 0 {
			out = append(out, strings.Join(a.words, " ")+" exits "+string(rune('0'+a.exits)))
		}
	}
	var links []string // of a section, sorted: another language may name them in another order
	for l := range strings.Lines(fenced.ReplaceAllString(string(raw), "") + "\n#") {
		if level := len(l) - len(strings.TrimLeft(l, "#")); level > 0 {
			slices.Sort(links)
			out, links = append(append(out, links...), strings.Repeat("#", level)), nil
		}
		if strings.HasPrefix(l, "|") {
			out = append(out, strings.Repeat("|", strings.Count(l, "|")))
		}
		links = append(links, linksOf(l, file)...)
	}
	return out
}

// withoutComments returns the kind of a block and its lines without comments; the
// name in the first line of a plan is kept.
func withoutComments(b block) []string {
	kind := b.language
	if b.notRun {
		kind += ", not run"
	}
	out := []string{kind}
	for i, l := range b.lines {
		if b.language == "yaml" && i == 0 && savedAs.MatchString(l) {
			out = append(out, savedAs.FindString(l))
			continue
		}
		if b.language != outputLanguage {
			l = commentOnLine.ReplaceAllString(l, "")
		}
		if strings.TrimSpace(l) != "" {
			out = append(out, strings.TrimSpace(l))
		}
	}
	return out
}

// linksOf returns the files that a line links to, from the top of the tree, a page of
// docs/zh as its page in English. Anchors are words.
func linksOf(line, file string) []string {
	var out []string
	for _, m := range linkOnPage.FindAllStringSubmatch(line, -1) {
		target, _, _ := strings.Cut(m[1], "#")
		if strings.Contains(target, ":") {
			out = append(out, target)
			continue
		}
		to := path.Join(path.Dir(file), target)
		if target == "" {
			to = file
		}
		if rest, ok := strings.CutPrefix(to, "docs/zh/"); ok {
			if to = "docs/" + rest; rest == "README.md" {
				to = rest
			}
		}
		out = append(out, to)
	}
	return out
}

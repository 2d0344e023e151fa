package yamltext_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/yamltext"
)

func TestOneDocumentIsParsed(t *testing.T) {
	for name, text := range map[string]string{"plain": "a: 1\n", "a byte order mark": "\ufeffa: 1\n", "CRLF": "a: 1\r\n", "YAML 1.2": "%YAML 1.2\n---\na: 1\n",
		"a trailing ---": "a: 1\n---\n", "a trailing ...": "a: 1\n...\n"} {
		root, invalid := yamltext.Parse(diag.NewSource("f", []byte(text)), yamltext.PlanLimit)
		if invalid != nil || len(root.Content) != 2 || root.Content[0].Value != "a" || root.Content[1].Value != "1" {
			t.Errorf("%s: got %+v, %v", name, root, invalid)
		}
	}
}

func TestTheCauseOfASyntaxErrorIsFound(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{ // line:column: a word of the reason
		"nothing":           {"# only a comment\n", "1:1: empty"},
		"a second document": {"a: 1\n---\nb: 2\n", "2:1: second document"},
		"an open bracket":   {"a: [1, 2\nb: 3\n", "1:4: not closed"},
		"a tab":             {"a:\n\tb: 1\n", "2:2: tab"},
		"an unknown alias":  {"a: *b\n", "1:4: no anchor"},
		"a merge conflict":  {"a: 1\n<<<<<<< HEAD\nb: 2\n", "2:1: merge conflict"},
		"a template":        {"a: 1\n{{ b }}\n", "2:1: template"},
		"a missing space":   {"a: 1\nb:2\nc: 3\n", "2:3: space is missing"},
		"a lookalike":       {"a: 1\nb\uff1a 2\n", "2:2: U+FF1A"},
		"not UTF-8":         {"a: \xff\n", "1:4: UTF-8"},
		"a second colon":    {"a: b: c\n", "1:4: colon and a space"},

		"UTF-16":                           {"\xff\xfea\x00:\x00 \x001\x00", "1:1: UTF-16"},
		"UTF-16 without its mark":          {"a\x00:\x00 \x001\x00", "1:1: UTF-16"},
		"a block that is less indented":    {"a: |\n    two\n  less\nb: 1\n", "3:3: indented less than the text under the | on line 1"},
		"a block that is not indented":     {"a: >\nnot indented\nb: 1\n", "2:1: the text under the > on line 1 is not indented"},
		"a block in a list, not indented":  {"a:\n  - b: |\n    text here\n", "3:5: the text under the | on line 2 is not indented"},
		"a block with a number":            {"a: |4\n  two\nb: 1\n", "2:3: indented less"},
		"an empty line before a block":     {"a: |\n      \n  text\n", "2:1: more spaces than the text below it"},
		"a tab in a block":                 {"a: |\n\ttext\n", "2:2: tab"},
		"text behind the sign":             {"a: |text\n", "1:4: text follows the |"},
		"another error after a block":      {"a: |\t\n  x: [y\n  - z: w: v\nb: [1, 2\nc: 1\n", "4:4: not closed"},
		"an empty block and another error": {"a: |\nb: [1, 2\nc: 1\n", "2:4: not closed"},
		"a comment that ends a block":      {"a: |\n  text\n# comment\nb: [1\nc: 1\n", "4:4: not closed"},
	} {
		root, invalid := yamltext.Parse(diag.NewSource("f", []byte(c.text)), yamltext.PlanLimit)
		if invalid == nil {
			t.Errorf("%s: got %+v", name, root)
			continue
		}
		place, word, _ := strings.Cut(c.want, ": ")
		if got := fmt.Sprintf("%d:%d", invalid.Line, invalid.Column); got != place || !strings.Contains(invalid.Reason, word) || invalid.Remedy == "" {
			t.Errorf("%s: got %s: %s; %s", name, got, invalid.Reason, invalid.Remedy)
		}
	}
}

func TestSizeAndDepthAreLimited(t *testing.T) {
	for name, text := range map[string]string{
		"bytes": "a: \"" + strings.Repeat("x", yamltext.MaxBytes) + "\"\n",
		"signs": strings.Repeat("- 1\n", yamltext.MaxNodes),
	} {
		if _, invalid := yamltext.Parse(diag.NewSource("f", []byte(text)), yamltext.PlanLimit); invalid == nil {
			t.Errorf("%s: it is parsed", name)
		}
	}
}

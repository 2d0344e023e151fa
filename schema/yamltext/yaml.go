// Package yamltext parses YAML within limits on size and depth, and finds the cause
// of a syntax error and its place.
package yamltext

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
	"gopkg.in/yaml.v3"
)

// The limits of a file. A plan of a thousand steps has about 200 KiB and 30,000
// nodes.
const (
	MaxBytes = 4 << 20
	MaxSaved = 64 << 20
	MaxNodes = 400_000
	MaxDepth = 64
	maxSigns = 250_000 // colons, commas and dashes that make a key or an item
	MaxPaths = 64 << 20
	MaxKey   = 1000
)

// A text is the content of a file that is parsed as YAML.
type text struct{ *diag.Source }

// A Limit is the maximum size of a text.
type Limit struct{ bytes, signs int }

var (
	PlanLimit = Limit{MaxBytes, maxSigns}
	OwnLimit  = Limit{MaxSaved, 4 * maxSigns}
)

// Parse parses a text into the node of its one document.
func Parse(s *diag.Source, most Limit) (root *yaml.Node, invalid *diag.Error) {
	t := &text{s}
	if f := t.readable(most); f != nil {
		return nil, f
	}
	source, invalid := t.directives()
	if invalid != nil {
		return nil, invalid
	}
	defer func() { // yaml.v3 panics on some malformed input
		if p := recover(); p != nil {
			f := t.Error(1, 1, "not valid YAML", "write one mapping of keys and values")
			root, invalid = nil, &f
		}
	}()
	d := yaml.NewDecoder(bytes.NewReader(source))
	var doc yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) || err == nil && nothing(&doc) {
		f := t.Error(1, 1, "the file is empty", "`resetplan init` writes a plan to start from")
		return nil, &f
	} else if err != nil {
		return nil, t.syntax(err)
	}
	for {
		var second yaml.Node
		err := d.Decode(&second)
		switch {
		case errors.Is(err, io.EOF):
			return doc.Content[0], nil
		case err != nil:
			return nil, t.syntax(err)
		case !nothing(&second):
			f := t.Error(max(second.Line, 1), 1, "a second document starts here; a file contains one plan", "move it to a file of its own")
			return nil, &f
		}
	}
}

// nothing reports whether a document is empty: a trailing --- begins one.
func nothing(doc *yaml.Node) bool {
	return len(doc.Content) == 0 || doc.Content[0].Kind == yaml.ScalarNode && doc.Content[0].Value == "" && doc.Content[0].Style == 0 &&
		doc.Content[0].Tag == "!!null"
}

var yamlVersion = pattern.New(`^%YAML[ \t]+([0-9]+)\.([0-9]+)`)

// directives returns the text without a byte order mark and without a %YAML
// directive, because the parser supports only version 1.1.
func (t *text) directives() ([]byte, *diag.Error) {
	source := bytes.TrimPrefix(t.Bytes, []byte("\ufeff"))
	at := 0
	for i, l := range t.Lines {
		if l != "" && l[0] != '%' && l[0] != '#' || at >= len(source) {
			break
		}
		if m := yamlVersion.FindStringSubmatch(l); m != nil {
			if m[1] != "1" {
				f := t.Error(i+1, 1, fmt.Sprintf("YAML %s.%s is not supported", m[1], m[2]), "write %YAML 1.2, or remove the line")
				return nil, &f
			}
			source = bytes.Clone(source)
			source[at] = '#'
		}
		next := bytes.IndexByte(source[at:], '\n')
		if next < 0 {
			break
		}
		at += next + 1
	}
	return source, nil
}

// readable refuses a text that is too large, or not a text, before it is parsed.
func (t *text) readable(most Limit) *diag.Error {
	if len(t.Bytes) > most.bytes {
		f := diag.Error{File: t.File, Reason: fmt.Sprintf("the file is larger than %d MiB, the limit", most.bytes>>20), Remedy: "split it"}
		return &f
	}
	if encoding, remedy := diag.Encoding(t.Bytes); encoding != "" {
		f := t.Error(1, 1, encoding, remedy)
		f.Source = ""
		return &f
	}
	line, column := 1, 1
	signs := 0
	for rest := t.Bytes; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			f := t.Error(line, column, "this byte is not UTF-8", "save the file as UTF-8")
			return &f
		case r == '\n', r == '\r' && (len(rest) < 2 || rest[1] != '\n'), r == 0x85, r == 0x2028, r == 0x2029:
			line, column = line+1, 0
		case r == '\ufeff' && line == 1 && column == 1 && len(rest) == len(t.Bytes):
			column = 0
		case r < ' ' && r != '\r' && r != '\t', r >= 0x7f && r < 0xa0, r == 0xfeff, r == 0xfffe, r == 0xffff:
			f := t.Error(line, column, fmt.Sprintf("the character U+%04X is not allowed in YAML", r),
				`remove it, or write it as an escape such as "\u200b" in double quotes`)
			return &f
		case r == ',', (r == ':' || r == '-') && (len(rest) < 2 || rest[1] <= ' '):
			signs++
		}
		rest, column = rest[n:], column+1
	}
	if signs > most.signs {
		f := diag.Error{File: t.File, Reason: fmt.Sprintf("the document has more than %d keys and items, the limit", most.signs), Remedy: "split it"}
		return &f
	}
	return t.tooDeep()
}

// tooDeep refuses nesting that would make the parser very slow: it counts opening
// brackets and leading dashes.
func (t *text) tooDeep() *diag.Error {
	open := 0
	for i, l := range t.Lines {
		dashes := 0
		for rest := strings.TrimLeft(l, " "); strings.HasPrefix(rest, "- ") || strings.HasPrefix(rest, "? "); rest = strings.TrimLeft(rest[2:], " ") {
			dashes++
		}
		for _, c := range l {
			switch c {
			case '[', '{':
				open++
			case ']', '}':
				open = max(open-1, 0)
			}
		}
		indent := len(l) - len(strings.TrimLeft(l, " "))
		if dashes > MaxDepth || open > 8*MaxDepth || indent > 16*MaxDepth {
			f := t.Error(i+1, 1, "the document is too deeply nested", "write it with fewer levels")
			return &f
		}
	}
	return nil
}

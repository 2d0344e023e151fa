package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// The bounds within which a file is read. A plan of a thousand steps has
// about 200 KiB and 30,000 nodes.
const (
	maxBytes = 4 << 20
	maxSaved = 64 << 20
	maxNodes = 400_000
	maxDepth = 64
	maxSigns = 250_000 // colons, commas and dashes that make a key or an item
	maxPaths = 64 << 20
	maxKey   = 1000
)

// A text is a file's content, ready to point into.
type text struct {
	file  string
	bytes []byte
	lines []string // without line ends

	secret []bool // by line: it may hold a secret
}

// breaks are the line breaks of YAML: a parser that counts others would place
// a fault in the wrong line.
var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

func newText(file string, source []byte) *text {
	if len(source) > maxSaved {
		return &text{file: file, bytes: source} // nothing of it will be read
	}
	body := strings.TrimPrefix(string(source), "\ufeff")
	t := &text{file: file, bytes: source, lines: strings.Split(breaks.Replace(body), "\n")}
	if len(source) > mostSearched || slices.ContainsFunc(t.lines, func(l string) bool { return len(l) > longLine }) {
		t.secret = slices.Repeat([]bool{true}, len(t.lines))
	}
	return t
}

// A text is searched for secrets, which takes half a second per MiB, if it has at
// most these numbers of bytes in all and in each line. If it is larger, none of its
// lines is shown.
const (
	mostSearched = 1 << 20
	longLine     = 64 << 10
)

// fault places an error at a line and column; columns count characters. The parser
// may report an error at the end at a line that the text does not have; it is
// placed after the last character.
func (t *text) fault(line, column int, reason, remedy string) Fault {
	if last := len(t.lines); line > last && last > 0 {
		line, column = last, math.MaxInt
	}
	if line >= 1 && line <= len(t.lines) {
		column = max(1, min(column, 1+utf8.RuneCountInString(t.lines[line-1])))
	}
	f := Fault{File: t.file, Line: line, Column: column, Reason: reason, Remedy: remedy}
	switch {
	case !t.hides(line):
		f.Source = t.lines[line-1]
	case line >= 1 && line <= len(t.lines):
		f.Reason, f.Remedy = withoutValues(reason, t.lines[line-1]), withoutValues(remedy, t.lines[line-1])
	}
	return f
}

// A limit is how large a text may be.
type limit struct{ bytes, signs int }

var (
	plansLimit = limit{maxBytes, maxSigns}
	locksLimit = limit{maxSaved, 4 * maxSigns}
)

// node parses the text into the node of its one document.
func (t *text) node(most limit) (root *yaml.Node, fault *Fault) {
	if f := t.readable(most); f != nil {
		return nil, f
	}
	source, fault := t.directives()
	if fault != nil {
		return nil, fault
	}
	defer func() { // yaml.v3 panics on some malformed input
		if p := recover(); p != nil {
			f := t.fault(1, 1, "not valid YAML", "write one mapping of keys and values")
			root, fault = nil, &f
		}
	}()
	d := yaml.NewDecoder(bytes.NewReader(source))
	var doc yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) || err == nil && nothing(&doc) {
		f := t.fault(1, 1, "the file is empty", "`resetplan init` writes a plan to start from")
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
			f := t.fault(max(second.Line, 1), 1, "a second document begins here; a file holds one plan", "move it to a file of its own")
			return nil, &f
		}
	}
}

// nothing reports whether a document is empty: a trailing --- begins one.
func nothing(doc *yaml.Node) bool {
	return len(doc.Content) == 0 || doc.Content[0].Kind == yaml.ScalarNode && doc.Content[0].Value == "" && doc.Content[0].Style == 0 && doc.Content[0].Tag == "!!null"
}

var yamlVersion = regexp.MustCompile(`^%YAML[ \t]+([0-9]+)\.([0-9]+)`)

// directives returns the text without a byte order mark, and without the
// directive that names a version of YAML, of which the parser knows only 1.1.
func (t *text) directives() ([]byte, *Fault) {
	source := bytes.TrimPrefix(t.bytes, []byte("\ufeff"))
	at := 0
	for i, l := range t.lines {
		if l != "" && l[0] != '%' && l[0] != '#' || at >= len(source) {
			break
		}
		if m := yamlVersion.FindStringSubmatch(l); m != nil {
			if m[1] != "1" {
				f := t.fault(i+1, 1, fmt.Sprintf("YAML %s.%s is not supported", m[1], m[2]), "write %YAML 1.2, or remove the line")
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
func (t *text) readable(most limit) *Fault {
	if len(t.bytes) > most.bytes {
		f := Fault{File: t.file, Reason: fmt.Sprintf("the file is larger than %d MiB, the limit", most.bytes>>20), Remedy: "split it"}
		return &f
	}
	line, column := 1, 1
	signs := 0
	for rest := t.bytes; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			f := t.fault(line, column, "this byte is not UTF-8", "save the file as UTF-8")
			return &f
		case r == '\n', r == '\r' && (len(rest) < 2 || rest[1] != '\n'), r == 0x85, r == 0x2028, r == 0x2029:
			line, column = line+1, 0
		case r == '\ufeff' && line == 1 && column == 1 && len(rest) == len(t.bytes):
			column = 0
		case r < ' ' && r != '\r' && r != '\t', r >= 0x7f && r < 0xa0, r == 0xfeff, r == 0xfffe, r == 0xffff:
			f := t.fault(line, column, fmt.Sprintf("the character U+%04X is not allowed in YAML", r), `remove it, or write it as an escape such as "\u200b" in double quotes`)
			return &f
		case r == ',', (r == ':' || r == '-') && (len(rest) < 2 || rest[1] <= ' '):
			signs++
		}
		rest, column = rest[n:], column+1
	}
	if signs > most.signs {
		f := Fault{File: t.file, Reason: fmt.Sprintf("the document has more than %d keys and items, the limit", most.signs), Remedy: "split it"}
		return &f
	}
	return t.tooDeep()
}

// tooDeep refuses nesting that the parser would follow at great cost: it
// counts opening brackets and leading dashes, which no plan needs many of.
func (t *text) tooDeep() *Fault {
	open := 0
	for i, l := range t.lines {
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
		if dashes > maxDepth || open > 8*maxDepth || indent > 16*maxDepth {
			f := t.fault(i+1, 1, "the document is too deeply nested", "write it with fewer levels")
			return &f
		}
	}
	return nil
}

package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// The bounds within which a file is read. A plan of a thousand steps has
// about 200 KiB and 30,000 nodes.
const (
	maxBytes = 4 << 20
	maxLock  = 256 << 20
	maxNodes = 400_000
	maxDepth = 64
)

// A text is a file's content, ready to point into.
type text struct {
	file  string
	bytes []byte
	lines []string // without line ends
}

func newText(file string, source []byte) *text {
	body := strings.TrimPrefix(string(source), "\ufeff")
	return &text{file: file, bytes: source, lines: strings.Split(strings.ReplaceAll(body, "\r\n", "\n"), "\n")}
}

// fault places a fault at a line and column; columns count characters.
func (t *text) fault(line, column int, reason, remedy string) Fault {
	f := Fault{File: t.file, Line: line, Column: column, Reason: reason, Remedy: remedy}
	if line > 0 && line <= len(t.lines) {
		f.Source = t.lines[line-1]
	}
	return f
}

// node parses the text into the node of its one document.
func (t *text) node(limit int) (root *yaml.Node, fault *Fault) {
	if f := t.readable(limit); f != nil {
		return nil, f
	}
	defer func() { // yaml.v3 panics on some malformed input
		if p := recover(); p != nil {
			f := t.fault(1, 1, "this is not YAML that can be read", "write one mapping of keys and values")
			root, fault = nil, &f
		}
	}()
	d := yaml.NewDecoder(bytes.NewReader(t.bytes))
	var doc yaml.Node
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		f := t.fault(1, 1, "the file is empty", "`resetplan init` writes a plan to start from")
		return nil, &f
	} else if err != nil {
		return nil, t.syntax(err)
	}
	var second yaml.Node
	if err := d.Decode(&second); err == nil {
		f := t.fault(max(second.Line, 1), 1, "a second document begins here; a file holds one", "put it into a file of its own")
		return nil, &f
	} else if !errors.Is(err, io.EOF) {
		return nil, t.syntax(err)
	}
	return doc.Content[0], nil
}

// readable refuses what is not a text of bearable size before it is parsed.
func (t *text) readable(limit int) *Fault {
	if len(t.bytes) > limit {
		f := t.fault(0, 0, fmt.Sprintf("the file has %d MiB; at most %d MiB are read", len(t.bytes)>>20, limit>>20), "split it")
		return &f
	}
	line, column := 1, 1
	for rest := t.bytes; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			f := t.fault(line, column, "this byte is not UTF-8", "save the file as UTF-8")
			return &f
		case r < ' ' && r != '\n' && r != '\r' && r != '\t':
			f := t.fault(line, column, fmt.Sprintf("control character %q", r), "remove it, or write it escaped in double quotes")
			return &f
		case r == '\n':
			line, column = line+1, 0
		case r == '\ufeff' && line == 1 && column == 1:
			column = 0
		}
		rest, column = rest[n:], column+1
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
			f := t.fault(i+1, 1, "the nesting is deeper than any plan needs", "write it flat")
			return &f
		}
	}
	return nil
}

var lineOf = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)

// syntax turns a parser's error into a fault at its line.
func (t *text) syntax(err error) *Fault {
	m := lineOf.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	line, _ := strconv.Atoi(m[1])
	if line == 0 {
		line = 1
	}
	reason, remedy := "not valid YAML: "+m[2], ""
	for i := line; i >= max(line-1, 1) && i <= len(t.lines); i-- {
		if indent := t.lines[i-1][:len(t.lines[i-1])-len(strings.TrimLeft(t.lines[i-1], " \t"))]; strings.Contains(indent, "\t") {
			line, reason, remedy = i, "a tab indents this line; YAML takes only spaces", "replace the tab by spaces"
			break
		}
	}
	switch {
	case remedy != "":
	case strings.Contains(m[2], "mapping values are not allowed"):
		remedy = "check the indentation, and quote values that contain a colon and a space"
	case strings.Contains(m[2], "cannot start any token"):
		remedy = "quote the value"
	case strings.Contains(m[2], "did not find expected"):
		remedy = "check brackets, quotes and the indentation of this and the lines before"
	}
	f := t.fault(line, 1, reason, remedy)
	if line <= len(t.lines) {
		f.Column = len([]rune(t.lines[line-1])) - len([]rune(strings.TrimLeft(t.lines[line-1], " \t"))) + 1
	}
	return &f
}

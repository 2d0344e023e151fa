package diag

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// mostBytes is the maximum size of a file; a larger one is refused unread.
const mostBytes = 64 << 20

// A Source is the content of a file, split into lines to point at.
type Source struct {
	File  string
	Bytes []byte
	Lines []string // without line ends

	secret []bool // by line: it may hold a secret
}

// breaks are the line breaks of YAML: with others, an error would be on the
// wrong line.
var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

func NewSource(file string, source []byte) *Source {
	if len(source) > mostBytes {
		return &Source{File: file, Bytes: source} // it will be refused
	}
	body := strings.TrimPrefix(string(source), "\ufeff")
	t := &Source{File: file, Bytes: source, Lines: strings.Split(breaks.Replace(body), "\n")}
	if len(source) > mostSearched || slices.ContainsFunc(t.Lines, func(l string) bool { return len(l) > longLine }) {
		t.secret = slices.Repeat([]bool{true}, len(t.Lines))
	}
	return t
}

// A Source is searched for secrets, which takes half a second per MiB, if it has at
// most these numbers of bytes in all and in each line. If it is larger, none of its
// lines is shown.
const (
	mostSearched = 1 << 20
	longLine     = 64 << 10
)

// Error returns an error at a line and column; columns count characters. The parser
// may report an error on a line after the end of the text; it is placed after the
// last character.
func (t *Source) Error(line, column int, reason, remedy string) Error {
	if last := len(t.Lines); line > last && last > 0 {
		line, column = last, math.MaxInt
	}
	if line >= 1 && line <= len(t.Lines) {
		column = max(1, min(column, 1+utf8.RuneCountInString(t.Lines[line-1])))
	}
	f := Error{File: t.File, Line: line, Column: column, Reason: reason, Remedy: remedy}
	switch {
	case !t.Hides(line):
		f.Source = t.Lines[line-1]
	case line >= 1 && line <= len(t.Lines):
		f.Reason, f.Remedy = withoutValues(reason, t.Lines[line-1]), withoutValues(remedy, t.Lines[line-1])
	}
	return f
}

package yamltext

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
)

// A scanner reads an invalid text again to find the cause: the parser only reports
// the place where it stopped.
type scanner struct {
	text    *text
	open    []bracket // brackets that are not closed
	indents []int     // columns at which a block's lines may begin
	prose   block     // the block scalar whose lines are read
	err     *diag.Error
}

type bracket struct {
	sign         byte
	line, column int
	flow
}

// breakage returns the error that explains why the text cannot be parsed, or
// nil if only the parser's message is known.
func (t *text) breakage() *diag.Error {
	s := scanner{text: t}
	for i := 0; i < len(t.Lines) && s.err == nil; {
		i = s.line(i)
	}
	if s.err == nil && len(s.open) > 0 {
		b := s.open[len(s.open)-1]
		s.report(b.line, b.column, fmt.Sprintf("this %c is not closed", b.sign), fmt.Sprintf("add %q", closing(b.sign)))
	}
	return s.err
}

func closing(sign byte) string { return map[byte]string{'[': "]", '{': "}"}[sign] }

func (s *scanner) report(line, column int, reason, remedy string) {
	if s.err == nil {
		f := s.text.Error(line, column, reason, remedy)
		s.err = &f
	}
}

// line reads line i and returns the next one to read.
func (s *scanner) line(i int) int {
	l := s.text.Lines[i]
	body := strings.TrimLeft(l, " ")
	indent := len(l) - len(body)
	if s.prose.line > 0 && s.inBlock(i, l, indent) {
		return i + 1
	}
	if strings.TrimSpace(body) == "" || body[0] == '#' || strings.HasPrefix(l, "%") || strings.HasPrefix(l, "---") || strings.HasPrefix(l, "...") {
		return i + 1
	}
	if body[0] == '\t' {
		return i + 1 // reported separately
	}
	if len(s.open) == 0 {
		s.block(i, indent, body)
	} else if key := strings.TrimLeft(body, "- "); indent <= s.indentOf(s.open[0].line) && blockKey.MatchString(key) && !strings.HasPrefix(key, "]") {
		b := s.open[len(s.open)-1]
		s.report(b.line, b.column, fmt.Sprintf("this %c is not closed", b.sign), fmt.Sprintf("add %q", closing(b.sign)))
		return i + 1
	}
	return s.tokens(i, indent)
}

func (s *scanner) indentOf(line int) int {
	l := s.text.Lines[line-1]
	return len(l) - len(strings.TrimLeft(l, " "))
}

var (
	blockKey = pattern.New(`^(?:[A-Za-z_][A-Za-z0-9_.-]*|"[^"]*"|'[^']*') *:(?: |$)`)
	foldedAt = pattern.New(`(?:^|[:-] +)[|>][+-]?([0-9])?[+-]?[ \t]*(?:[ \t]#.*)?$`)
)

// block checks that a line begins at the indentation of a block.
func (s *scanner) block(i, indent int, body string) {
	for len(s.indents) > 0 && s.indents[len(s.indents)-1] > indent {
		s.indents = s.indents[:len(s.indents)-1]
		if len(s.indents) == 0 || s.indents[len(s.indents)-1] < indent {
			s.report(i+1, indent+1, "this line's indentation matches no line above it", "indent it like the lines that it belongs to")
			return
		}
	}
	column := indent
	for {
		if len(s.indents) == 0 || s.indents[len(s.indents)-1] < column {
			s.indents = append(s.indents, column)
		}
		rest, isItem := strings.CutPrefix(body, "- ")
		if !isItem {
			return
		}
		inner := strings.TrimLeft(rest, " ")
		column += len(body) - len(inner)
		body = inner
		if !blockKey.MatchString(body) && !strings.HasPrefix(body, "- ") {
			return
		}
	}
}

var (
	lineOf        = pattern.New(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)
	unknownAnchor = pattern.New(`unknown anchor '([^']*)' referenced`)
)

// syntax turns a parser's error into an error at the place of its cause.
func (t *text) syntax(err error) *diag.Error {
	m := lineOf.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	line, _ := strconv.Atoi(m[1])
	line = min(max(line, 1), len(t.Lines))
	if f := t.tabbed(line); f != nil {
		return f
	}
	if f := t.foreign(); f != nil {
		return f
	}
	if a := unknownAnchor.FindStringSubmatch(m[2]); a != nil {
		return t.unknownAlias(a[1])
	}
	f := t.breakage()
	if f == nil {
		f = t.placed(line, m[2])
	}
	if t.HidesNear(f.Line) {
		f.Source = ""
	}
	return f
}

// tabbed finds a tab that indents the line, the next one or the one before.
func (t *text) tabbed(line int) *diag.Error {
	for _, i := range []int{line, line + 1, line - 1} {
		if i < 1 || i > len(t.Lines) {
			continue
		}
		l := t.Lines[i-1]
		if indent := l[:len(l)-len(strings.TrimLeft(l, " \t"))]; strings.Contains(indent, "\t") {
			f := t.Error(i, len(indent)+1, "a tab indents this line; YAML accepts only spaces", "replace the tab with spaces")
			if t.HidesNear(i) {
				f.Source = ""
			}
			return &f
		}
	}
	return nil
}

// unknownAlias reports an alias without an anchor at its place.
func (t *text) unknownAlias(name string) *diag.Error {
	use := regexp.MustCompile(`(?:^|[\s\[{,:-])\*` + regexp.QuoteMeta(name) + `(?:$|[\s\]},])`)
	for i, l := range t.Lines {
		if at := use.FindStringIndex(l); at != nil {
			column := utf8.RuneCountInString(l[:at[0]+strings.IndexByte(l[at[0]:], '*')]) + 1
			f := t.Error(i+1, column, fmt.Sprintf("the alias *%s has no anchor", diag.Shorten(name)),
				fmt.Sprintf("write &%s before the value that it repeats, above this line; put quotes around a text that begins with *", diag.Shorten(name)))
			return &f
		}
	}
	f := t.Error(1, 1, fmt.Sprintf("the alias *%s has no anchor", diag.Shorten(name)), "write the value out")
	return &f
}

var conflict = pattern.New(`^(?:<<<<<<<|=======|>>>>>>>)(?: |$)`)

// foreign finds merge conflict markers, or a template that is not filled in.
func (t *text) foreign() *diag.Error {
	for i, l := range t.Lines {
		switch rest := strings.TrimLeft(l, " -"); {
		case conflict.MatchString(l):
			f := t.Error(i+1, 1, "unresolved merge conflict", "keep one side, and remove the lines with <<<<<<<, ======= and >>>>>>>")
			return &f
		case strings.HasPrefix(rest, "{%"), strings.HasPrefix(rest, "{{"):
			f := t.Error(i+1, len([]rune(l))-len([]rune(rest))+1, "a template that is not filled in",
				"fill it in first; a plan's own parameters are written ${name}")
			return &f
		}
	}
	return nil
}

var (
	tightColon = pattern.New(`^( *(?:- +)*)([A-Za-z_][A-Za-z0-9_]*):([^ \t:/].*)$`)
	tightDash  = pattern.New(`^( *)-([A-Za-z_][A-Za-z0-9_]*:(?: .*)?)$`)
)

// almost finds in a line a character that only looks like one of YAML's, or one
// without the space that it requires.
func (t *text) almost(line int) *diag.Error {
	if line < 1 || line > len(t.Lines) {
		return nil
	}
	l := t.Lines[line-1]
	bare, _, _ := strings.Cut(l, " #")
	if strings.ContainsAny(bare, `"'`) {
		bare = ""
	}
	for i, r := range []rune(bare) {
		if like := diag.Latin[r]; like != 0 && strings.ContainsRune("-:\"' .", like) || r == '\u00a0' || r == '\u3000' {
			what := "a space"
			if like != 0 && like != ' ' {
				what = string(like)
			}
			f := t.Error(line, i+1, fmt.Sprintf("the character U+%04X is not %s, which it looks like", r, what), "type "+what+" instead")
			return &f
		}
	}
	if m := tightDash.FindStringSubmatch(l); m != nil {
		f := t.Error(line, len(m[1])+2, "a space is missing after the dash", "write - before the key, with a space between them")
		return &f
	}
	if m := tightColon.FindStringSubmatch(l); m != nil {
		f := t.Error(line, len(m[1])+len(m[2])+2, "a space is missing after the colon", fmt.Sprintf("write %s: and a space before the value", m[2]))
		return &f
	}
	return nil
}

// placed reports the parser's message at its line.
func (t *text) placed(line int, words string) *diag.Error {
	reason, remedy := "not valid YAML: "+words, "check brackets, quotes and the indentation of this line and the lines before it"
	for _, i := range []int{line, line - 1, line + 1} {
		if f := t.almost(i); f != nil {
			return f
		}
	}
	switch {
	case strings.Contains(words, "mapping values are not allowed"):
		reason, remedy = "not valid YAML: a second colon or a key with a different indentation",
			"check the indentation, and put quotes around values that contain a colon and a space"
	case strings.Contains(words, "cannot start any token"):
		reason, remedy = "not valid YAML: a value cannot begin with this character", "put quotes around the value"
	case strings.Contains(words, "could not find expected ':'"):
		reason, remedy = "not valid YAML: a key without a colon", "write key: value"
	case strings.Contains(words, "found character"), strings.Contains(words, "control characters"):
		remedy = "put quotes around the value"
	}
	l := t.Lines[line-1]
	column := utf8.RuneCountInString(l) - utf8.RuneCountInString(strings.TrimLeft(l, " \t")) + 1
	f := t.Error(line, column, reason, remedy)
	return &f
}

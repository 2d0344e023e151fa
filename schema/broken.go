package schema

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A scanner reads a broken text again, only to find where it broke: the
// parser reports where it noticed.
type scanner struct {
	text    *text
	open    []bracket // brackets that are not closed
	indents []int     // columns at which a block's lines may begin
	folded  int       // the indent of a key with a block scalar, whose lines are text; -1 = none
	fault   *Fault
}

type bracket struct {
	sign         byte
	line, column int
}

// breakage returns the fault that explains why the text cannot be parsed, or
// nil if the parser's own words must do.
func (t *text) breakage() *Fault {
	s := scanner{text: t, folded: -1}
	for i := 0; i < len(t.lines) && s.fault == nil; {
		i = s.line(i)
	}
	if s.fault == nil && len(s.open) > 0 {
		b := s.open[len(s.open)-1]
		s.report(b.line, b.column, fmt.Sprintf("this %c is not closed", b.sign), fmt.Sprintf("add %q", closing(b.sign)))
	}
	return s.fault
}

func closing(sign byte) string { return map[byte]string{'[': "]", '{': "}"}[sign] }

func (s *scanner) report(line, column int, reason, remedy string) {
	if s.fault == nil {
		f := s.text.fault(line, column, reason, remedy)
		s.fault = &f
	}
}

// line reads line i and returns the next one to read.
func (s *scanner) line(i int) int {
	l := s.text.lines[i]
	body := strings.TrimLeft(l, " ")
	indent := len(l) - len(body)
	if strings.TrimSpace(body) == "" || body[0] == '#' || strings.HasPrefix(l, "%") || strings.HasPrefix(l, "---") || strings.HasPrefix(l, "...") {
		return i + 1
	}
	if s.folded >= 0 && indent > s.folded {
		return i + 1
	}
	s.folded = -1
	if body[0] == '\t' {
		return i + 1 // has a message of its own
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
	l := s.text.lines[line-1]
	return len(l) - len(strings.TrimLeft(l, " "))
}

var (
	blockKey = regexp.MustCompile(`^(?:[A-Za-z_][A-Za-z0-9_.-]*|"[^"]*"|'[^']*') *:(?: |$)`)
	foldedAt = regexp.MustCompile(`(?:^|[:-] +)[|>][+-]?[0-9]?[+-]?(?: +#.*)?$`)
)

// block checks that a line begins where a block's lines may.
func (s *scanner) block(i, indent int, body string) {
	for len(s.indents) > 0 && s.indents[len(s.indents)-1] > indent {
		s.indents = s.indents[:len(s.indents)-1]
		if len(s.indents) == 0 || s.indents[len(s.indents)-1] < indent {
			s.report(i+1, indent+1, "this line's indentation fits no line above it", "indent it like the lines that it belongs to")
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

// tokens follows brackets and quotes from a place in line i, over the lines
// that a quote spans, and returns the next line to read.
func (s *scanner) tokens(i, from int) int {
	l := s.text.lines[i]
	start := true // a token may begin here
	for at := from; at < len(l); at++ {
		c := l[at]
		switch {
		case c == '#' && (at == 0 || l[at-1] == ' '):
			at = len(l)
		case (c == '"' || c == '\'') && start:
			line, next, ok := s.quoted(i, at)
			if !ok {
				s.report(i+1, utf8.RuneCountInString(l[:at])+1, "this quote is not closed", "close it, or remove it")
				return len(s.text.lines)
			}
			i, l, at = line, s.text.lines[line], next
			start = false
		case (c == '[' || c == '{') && (start || len(s.open) > 0):
			s.open = append(s.open, bracket{c, i + 1, utf8.RuneCountInString(l[:at]) + 1})
			start = true
		case (c == ']' || c == '}') && len(s.open) > 0:
			b := s.open[len(s.open)-1]
			if closing(b.sign) != string(c) {
				s.report(b.line, b.column, fmt.Sprintf("this %c is closed by %c on line %d", b.sign, c, i+1), "make the brackets match")
				return i + 1
			}
			s.open = s.open[:len(s.open)-1]
			start = false
		case c == ' ':
		default:
			next := at+1 == len(l) || l[at+1] == ' '
			start = c == ',' && len(s.open) > 0 || c == ':' && (next || len(s.open) > 0 && at > 0 && l[at-1] == '"') || (c == '-' || c == '?') && next && start
		}
	}
	if len(s.open) == 0 && foldedAt.MatchString(l) {
		s.folded = s.indentOf(i + 1)
	}
	return i + 1
}

// quoted finds the end of a quote that begins in line i at a byte.
func (s *scanner) quoted(i, at int) (line, end int, ok bool) {
	sign := s.text.lines[i][at]
	for at++; i < len(s.text.lines); i, at = i+1, 0 {
		for l := s.text.lines[i]; at < len(l); at++ {
			switch {
			case sign == '"' && l[at] == '\\':
				at++
			case l[at] == sign && sign == '\'' && at+1 < len(l) && l[at+1] == sign:
				at++
			case l[at] == sign:
				return i, at, true
			}
		}
	}
	return 0, 0, false
}

var (
	lineOf        = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)
	unknownAnchor = regexp.MustCompile(`unknown anchor '([^']*)' referenced`)
)

// syntax turns a parser's error into a fault at the place that is broken.
func (t *text) syntax(err error) *Fault {
	m := lineOf.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	line, _ := strconv.Atoi(m[1])
	line = min(max(line, 1), len(t.lines))
	if f := t.tabbed(line); f != nil {
		return f
	}
	if a := unknownAnchor.FindStringSubmatch(m[2]); a != nil {
		return t.unknownAlias(a[1])
	}
	f := t.breakage()
	if f == nil {
		f = t.placed(line, m[2])
	}
	if t.hidesNear(f.Line) {
		f.Source = ""
	}
	return f
}

// tabbed finds a tab that indents the line or the one before.
func (t *text) tabbed(line int) *Fault {
	for i := line; i >= max(line-1, 1); i-- {
		l := t.lines[i-1]
		if indent := l[:len(l)-len(strings.TrimLeft(l, " \t"))]; strings.Contains(indent, "\t") {
			f := t.fault(i, len(indent)+1, "a tab indents this line; YAML accepts only spaces", "replace the tab with spaces")
			if t.hidesNear(i) {
				f.Source = ""
			}
			return &f
		}
	}
	return nil
}

// unknownAlias places an alias without an anchor.
func (t *text) unknownAlias(name string) *Fault {
	use := regexp.MustCompile(`(?:^|[\s\[{,:-])\*` + regexp.QuoteMeta(name) + `(?:$|[\s\]},])`)
	for i, l := range t.lines {
		if at := use.FindStringIndex(l); at != nil {
			column := utf8.RuneCountInString(l[:at[0]+strings.IndexByte(l[at[0]:], '*')]) + 1
			f := t.fault(i+1, column, fmt.Sprintf("the alias *%s has no anchor", shorten(name)),
				fmt.Sprintf("write &%s before the value that it repeats, above this line; put quotes around a text that begins with *", shorten(name)))
			return &f
		}
	}
	f := t.fault(1, 1, fmt.Sprintf("the alias *%s has no anchor", shorten(name)), "write the value out")
	return &f
}

// placed puts the parser's own words at its line.
func (t *text) placed(line int, words string) *Fault {
	reason, remedy := "not valid YAML: "+words, "check brackets, quotes and the indentation of this line and the lines before it"
	switch {
	case strings.Contains(words, "mapping values are not allowed"):
		reason, remedy = "not valid YAML: a second colon or a key with a different indentation", "check the indentation, and put quotes around values that contain a colon and a space"
	case strings.Contains(words, "cannot start any token"):
		reason, remedy = "not valid YAML: a value cannot begin with this character", "put quotes around the value"
	case strings.Contains(words, "could not find expected ':'"):
		reason, remedy = "not valid YAML: a key without a colon", "write key: value"
	case strings.Contains(words, "found character"), strings.Contains(words, "control characters"):
		remedy = "put quotes around the value"
	}
	l := t.lines[line-1]
	column := utf8.RuneCountInString(l) - utf8.RuneCountInString(strings.TrimLeft(l, " \t")) + 1
	f := t.fault(line, column, reason, remedy)
	return &f
}

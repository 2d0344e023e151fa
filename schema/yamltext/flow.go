package yamltext

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/resetplan/resetplan/plan/text/pattern"
)

// A flow is the state of reading the text between two brackets.
type flow struct {
	value  bool // a value was read, and a comma, a colon or a closing bracket must follow
	plain  bool // that value has no quotes and no brackets
	colon  bool // the item has its colon
	word   spot // where the last word of that value begins
	words  int  // how many words it has
	begins spot
	ends   int // the byte behind it
}

// A spot is a line, from 0, and a byte in it.
type spot struct{ line, at int }

// reportAt reports an error at a spot.
func (s *scanner) reportAt(p spot, reason, remedy string) {
	s.report(p.line+1, utf8.RuneCountInString(s.text.Lines[p.line][:p.at])+1, reason, remedy)
}

const quoteIt = "put quotes around the value"

var (
	blockHead = pattern.New(`^[|>][+-]?[0-9]?[+-]?[ \t]*(?:[ \t]#.*)?$`)
	named     = pattern.New(`^[*&][A-Za-z0-9_-]`)
)

// tokens reads line i, starting at a byte, with the lines that its quotes span, and
// returns the next line to read.
func (s *scanner) tokens(i, from int) int {
	at, start, colons, begun := from, true, 0, from
	for s.err == nil {
		l := s.text.Lines[i]
		if len(s.open) > 0 {
			if i, at = s.between(i, at); len(s.open) > 0 || s.err != nil {
				return i
			}
			start = false
			i, at = s.behind(spot{i, at}, "the closing bracket")
			continue
		}
		if at >= len(l) || l[at] == '#' && (at == 0 || l[at-1] == ' ' || l[at-1] == '\t') {
			break
		}
		c, next := l[at], at+1 >= len(l) || l[at+1] == ' '
		switch {
		case c == ' ' || c == '\t':
		case start && (c == '-' || c == '?') && next:
			if colons > 0 {
				s.reportAt(spot{i, at}, "a list cannot start after a key on the same line", "write it on the next line, or in brackets")
			}
		case start && (c == '"' || c == '\''):
			p, ok := s.quote(spot{i, at})
			if !ok {
				return len(s.text.Lines)
			}
			start = false
			i, at = s.behind(p, "the closing quote")
			continue
		case start && (c == '[' || c == '{'):
			s.open = append(s.open, bracket{sign: c, line: i + 1, column: utf8.RuneCountInString(l[:at]) + 1})
		case start && (c == '&' || c == '!') && strings.IndexByte(l[at:], ' ') > 1: // an anchor or a tag, before the value
			at += strings.IndexByte(l[at:], ' ')
			continue
		case c == ':' && next:
			if colons++; colons > 1 {
				s.reportAt(spot{i, begun}, "a value with a colon and a space in it", quoteIt)
			}
			start = true
		default:
			if start {
				s.first(spot{i, at})
				begun = at
			}
			start = false
		}
		at++
	}
	if len(s.open) == 0 && s.err == nil {
		s.beginBlock(i)
	}
	return i + 1
}

// first checks the first character of a value without quotes.
func (s *scanner) first(p spot) {
	rest := s.text.Lines[p.line][p.at:]
	switch c := rest[0]; {
	case c == '@' || c == '`' || c == '%' && p.at > 0:
		s.reportAt(p, fmt.Sprintf("a value cannot begin with %c", c), quoteIt)
	case (c == '*' || c == '&') && !named.MatchString(rest):
		s.reportAt(p, fmt.Sprintf("a value that begins with %c needs quotes", c), quoteIt)
	case (c == '|' || c == '>') && len(s.open) == 0 && !blockHead.MatchString(rest):
		s.reportAt(p, fmt.Sprintf("text follows the %c on its line", c), "begin the text on the next line, or put quotes around the value")
	case len(s.open) > 0 && strings.HasPrefix(rest, "//"):
		s.reportAt(p, "// does not begin a comment", "write # before the comment")
	}
}

// behind checks what follows a closed quote or bracket, and returns where to
// continue: after a colon, or at the end of the line.
func (s *scanner) behind(p spot, what string) (line, at int) {
	l := s.text.Lines[p.line]
	rest := strings.TrimLeft(l[p.at:], " \t")
	p.at = len(l) - len(rest)
	switch {
	case rest == "" || rest[0] == '#':
		return p.line, len(l)
	case rest[0] == ':':
		return p.line, p.at
	case rest[0] == ',':
		s.reportAt(p, "the brackets before this comma are all closed", "remove one closing bracket, or the comma")
	case rest[0] == '}' || rest[0] == ']':
		s.reportAt(p, fmt.Sprintf("this %c closes nothing", rest[0]), "remove it, or add the bracket that it closes")
	default:
		s.reportAt(p, "there is text after "+what, "remove it, or put quotes around the whole value")
	}
	return p.line, len(l)
}

// between reads a line between brackets, starting at a byte, until the outermost of
// them is closed or the line ends. It returns where to
// continue.
func (s *scanner) between(i, at int) (line, next int) {
	for s.err == nil && len(s.open) > 0 {
		l, top := s.text.Lines[i], &s.open[len(s.open)-1]
		if at >= len(l) {
			return i + 1, 0
		}
		p := spot{i, at}
		switch c := l[at]; {
		case c == ' ' || c == '\t':
			at++
		case c == '#' && (at == 0 || l[at-1] == ' ' || l[at-1] == '\t'):
			at = len(l)
		case c == ',':
			if !top.value && !top.colon {
				s.reportAt(p, "a comma without a value before it", "remove it, or write the value")
			}
			top.flow = flow{}
			at++
		case c == ':' && top.value && (!top.plain || s.ends(l, at+1)):
			s.colon(top)
			at++
		case c == ']' || c == '}':
			s.close(p, c)
			at++
		case c == '[' || c == '{':
			s.bracket(top, p, c)
			at++
		case c == '"' || c == '\'':
			s.missingComma(top, p)
			end, ok := s.quote(p)
			if !ok {
				return len(s.text.Lines), 0
			}
			top.value, top.plain, top.begins = true, false, p
			i, at = end.line, end.at
		case (c == '&' || c == '!') && !top.value && strings.IndexByte(l[at:], ' ') > 1:
			at += strings.IndexByte(l[at:], ' ')
		default:
			at = s.word(top, p)
		}
	}
	return i, at
}

// ends reports whether what is at a byte ends a word between brackets.
func (s *scanner) ends(l string, at int) bool {
	return at >= len(l) || strings.IndexByte(" \t,[]{}", l[at]) >= 0
}

// colon reads a colon, of which an item has one.
func (s *scanner) colon(top *bracket) {
	if top.colon {
		if top.plain && top.words > 1 {
			s.reportAt(top.word, "a comma is missing before this key", "add the comma")
		} else {
			s.reportAt(top.begins, "a value with a colon in it", quoteIt)
		}
	}
	top.flow = flow{colon: true}
}

func (s *scanner) close(p spot, sign byte) {
	b := s.open[len(s.open)-1]
	if closing(b.sign) != string(sign) {
		s.report(b.line, b.column, fmt.Sprintf("this %c is closed by %c on line %d", b.sign, sign, p.line+1), "make the brackets match")
	}
	s.open = s.open[:len(s.open)-1]
	if len(s.open) > 0 {
		s.open[len(s.open)-1].flow = flow{value: true, begins: p, colon: s.open[len(s.open)-1].colon}
	}
}

func (s *scanner) bracket(top *bracket, p spot, sign byte) {
	switch {
	case top.value && top.plain && top.word.line == p.line && top.ends == p.at:
		s.reportAt(top.begins, fmt.Sprintf("a value with %c in it needs quotes", sign), quoteIt+`, such as "${name}"`)
	default:
		s.missingComma(top, p)
	}
	s.open = append(s.open, bracket{sign: sign, line: p.line + 1, column: utf8.RuneCountInString(s.text.Lines[p.line][:p.at]) + 1})
}

func (s *scanner) missingComma(top *bracket, p spot) {
	if top.value {
		s.reportAt(p, "a comma is missing before this value", "add the comma")
	}
}

// word reads one word of a value without quotes and returns the byte behind it.
func (s *scanner) word(top *bracket, p spot) (at int) {
	l := s.text.Lines[p.line]
	if !top.value {
		s.first(p)
		top.begins, top.words = p, 0
	} else if !top.plain {
		s.missingComma(top, p)
	}
	for at = p.at; !s.ends(l, at) && (l[at] != ':' || !s.ends(l, at+1)); at++ {
	}
	if at == p.at { // a colon without a key
		at++
	}
	top.value, top.plain, top.word, top.ends = true, true, p, at
	top.words++
	return at
}

// quote finds the end of the quote that begins at a spot; the spot returned is
// behind it.
func (s *scanner) quote(from spot) (behind spot, ok bool) {
	i, at := from.line, from.at
	sign := s.text.Lines[i][at]
	for at++; i < len(s.text.Lines); i, at = i+1, 0 {
		for l := s.text.Lines[i]; at < len(l); at++ {
			switch {
			case sign == '"' && l[at] == '\\':
				if at++; at < len(l) && strings.IndexByte("0abt\tnvfre \"/\\N_LPxuU", l[at]) < 0 {
					what := fmt.Sprintf("the escape \\%c does not exist", []rune(l[at:])[0])
					if s.text.HidesNear(i + 1) {
						what = "an escape that does not exist"
					}
					s.reportAt(spot{i, at - 1}, what, `write \\ for a backslash, or use single quotes`)
				}
			case l[at] == sign && sign == '\'' && at+1 < len(l) && l[at+1] == sign:
				at++
			case l[at] == sign:
				return spot{i, at + 1}, true
			}
		}
	}
	s.reportAt(from, "this quote is not closed", "close it, or remove it")
	return from, false
}

package yamltext

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/schema/diag"
)

// A block is a block scalar: the lines of text under a | or a >.
type block struct {
	line   int // of the | or >, from 1; 0 = none
	parent int // the column of the key or the dash that it belongs to, from 0
	indent int // of its text; 0 while that is unknown
	spaces int // of its longest empty line so far
	empty  int // that line, from 1
}

// beginBlock begins a block scalar if line i ends with the sign of one.
func (s *scanner) beginBlock(i int) {
	l := s.text.Lines[i]
	m := foldedAt.FindStringSubmatch(l)
	if m == nil {
		return
	}
	s.prose = block{line: i + 1, parent: s.indentOf(i + 1)}
	for rest := l[s.prose.parent:]; strings.HasPrefix(rest, "- "); {
		inner := strings.TrimLeft(rest[2:], " ")
		if strings.HasPrefix(inner, "|") || strings.HasPrefix(inner, ">") {
			break
		}
		s.prose.parent += len(rest) - len(inner)
		rest = inner
	}
	if m[1] != "" {
		s.prose.indent = s.prose.parent + int(m[1][0]-'0')
	}
}

// inBlock reads a line that may belong to a block scalar, and reports whether it does.
func (s *scanner) inBlock(i int, l string, indent int) bool {
	b := &s.prose
	body := strings.TrimLeft(l, " ")
	switch {
	case body == "":
		if indent > b.spaces {
			b.spaces, b.empty = indent, i+1
		}
		return true
	case indent <= b.parent:
		header := b.line
		unread := b.indent == 0
		*b = block{}
		plain := body[0] != '#' && body[0] != '-' && body[0] != '\t' && !blockKey.MatchString(body) && !strings.HasPrefix(l, "...") && len(s.open) == 0
		if unread && plain {
			s.report(i+1, indent+1, fmt.Sprintf("the text under the %s on line %d is not indented", s.sign(header), header), "indent it by two spaces")
		}
		return unread && plain
	case body[0] == '\t' && b.indent == 0:
		*b = block{}
		return false // reported as a tab
	case b.indent == 0:
		if b.indent = indent; b.spaces > indent {
			s.report(b.empty, 1, "an empty line has more spaces than the text below it", fmt.Sprintf("remove its spaces, or indent line %d as far", i+1))
		}
	case indent < b.indent:
		s.report(i+1, indent+1, fmt.Sprintf("this line is indented less than the text under the %s on line %d", s.sign(b.line), b.line),
			fmt.Sprintf("indent it by %d spaces, or further", b.indent))
	}
	return true
}

// sign returns the sign of the block scalar that begins on a line.
func (s *scanner) sign(line int) string {
	l := s.text.Lines[line-1]
	at := foldedAt.FindStringIndex(l)
	return diag.Shorten(l[at[0]+strings.IndexAny(l[at[0]:], "|>"):][:1])
}

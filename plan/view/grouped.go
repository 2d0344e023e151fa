package view

import (
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// Grouped is the text of a span with commas in its offsets: "1,200..1,239".
func (s Span) Grouped() string {
	start, end := s.grouped(s.From), s.grouped(s.To)
	if start == end {
		return start
	}
	return start + ".." + end
}

func (s Span) grouped(p providers.Position) string {
	n, ok := p.Offset()
	if !ok {
		return s.text(p)
	}
	return strings.Replace(s.text(p), strconv.FormatInt(n, 10), text.Grouped(n), 1)
}

// Differs reports whether a span has more than one position.
func (s Span) Differs() bool { return s.From != s.To }

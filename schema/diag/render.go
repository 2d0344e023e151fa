package diag

import (
	"fmt"
	"io"
	"strings"

	safe "github.com/resetplan/resetplan/plan/text"
)

// shownWidth is how many characters of an offending line are shown: with the number of the
// line before it and an ellipsis at each end, they fit 80 columns.
const shownWidth = 70

// Render writes the errors for a person: each with its place, its
// line, a caret under the place and what to write instead.
func (es Errors) Render(w io.Writer) error {
	var out strings.Builder
	for i, e := range es {
		if i > 0 {
			out.WriteString("\n")
		}
		e.render(&out)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (e Error) render(out *strings.Builder) {
	place := safe.Safe(e.File)
	if e.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", place, e.Line, e.Column)
	}
	where := ""
	if e.Path != "" {
		where = safe.Safe(e.Path) + ": "
	}
	fmt.Fprintf(out, "%s: %s%s\n", place, where, safe.Safe(e.Reason))
	if e.Source != "" {
		line, caret := excerpt(e.Source, e.Column)
		gutter := fmt.Sprintf("%5d | ", e.Line)
		fmt.Fprintf(out, "%s%s\n%s| %s^\n", gutter, line, strings.Repeat(" ", len(gutter)-2), strings.Repeat(" ", caret))
	}
	if e.Remedy != "" {
		fmt.Fprintf(out, "      = %s\n", safe.Safe(e.Remedy))
	}
}

// excerpt returns the part of a line around a column, control characters
// escaped, and how many characters are before the column in it.
func excerpt(line string, column int) (string, int) {
	runes := []rune(line)
	at := min(max(column-1, 0), len(runes))
	from := 0
	if len(runes) > shownWidth {
		from = max(0, min(at-shownWidth/2, len(runes)-shownWidth))
	}
	to := min(len(runes), from+shownWidth)
	before := safe.Safe(string(runes[from:at]))
	shown := before + safe.Safe(string(runes[at:max(to, at)]))
	caret := len([]rune(before))
	if from > 0 {
		shown, caret = "…"+shown, caret+1
	}
	if to < len(runes) {
		shown += "…"
	}
	return shown, caret
}

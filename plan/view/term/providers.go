package term

import (
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/view"
)

// Providers writes the matrix of capabilities, and below it the forms of `to`
// that each provider accepts.
func Providers(w io.Writer, all []check.Row) error {
	var rows [][]string
	for _, r := range all {
		rows = append(rows, []string{r.Type, r.Reads, r.Bounds, r.Activity, r.Consumers, r.Undo})
	}
	head := []view.Column{{Name: "TYPE"}, {Name: "READS"}, {Name: "BOUNDS"}, {Name: "ACTIVITY"}, {Name: "CONSUMERS"}, {Name: "UNDO"}}
	if err := table(w, head, rows, nil, view.Options{}); err != nil {
		return err
	}
	for _, r := range all {
		text := r.Type + " accepts: " + strings.Join(r.To, ", ")
		if len(r.Approximate) > 0 {
			text += "; with approximate: true also " + strings.Join(r.Approximate, ", ")
		}
		if _, err := io.WriteString(w, "\n"+wrapped(text, "  ")); err != nil {
			return err
		}
	}
	return nil
}

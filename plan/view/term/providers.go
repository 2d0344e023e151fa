package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/view"
)

// Providers writes the matrix of capabilities, and below it the forms of `to`
// that each provider accepts.
func Providers(w io.Writer, all []check.Row, o view.Options) error {
	var rows [][]string
	for _, r := range all {
		rows = append(rows, []string{r.Type, r.Reads, r.Bounds, r.Activity, r.Consumers, r.Undo})
	}
	head := []view.Column{{Name: "TYPE"}, {Name: "READS"}, {Name: "BOUNDS"}, {Name: "ACTIVITY"}, {Name: "CONSUMERS"}, {Name: "UNDO"}}
	if err := table(w, head, rows, []string{"UNDO", "BOUNDS"}, func(r []string) string {
		return fmt.Sprintf("%s: reads %s; bounds %s; activity %s; consumers %s; undo %s", r[0], r[1], r[2], r[3], r[4], r[5])
	}, o); err != nil {
		return err
	}
	for _, r := range all {
		text := r.Type + " accepts: " + strings.Join(r.To, ", ")
		if len(r.Approximate) > 0 {
			text += "; with approximate: true also " + strings.Join(r.Approximate, ", ")
		}
		if _, err := io.WriteString(w, "\n"+wrapped(text, "  ", o)); err != nil {
			return err
		}
	}
	return nil
}

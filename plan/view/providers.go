package view

import (
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan/check"
)

// Providers writes the matrix of what each provider can do, and below it the
// forms of `to` that each can do.
func Providers(w io.Writer, all []check.Row) error {
	var rows [][]string
	for _, r := range all {
		rows = append(rows, []string{r.Type, r.Reads, r.Bounds, r.Activity, r.Consumers, r.Undo})
	}
	head := []column{{"TYPE", false}, {"READS", false}, {"BOUNDS", false}, {"ACTIVITY", false}, {"CONSUMERS", false}, {"UNDO", false}}
	if err := table(w, head, rows); err != nil {
		return err
	}
	for _, r := range all {
		if _, err := io.WriteString(w, "\n"+wrapped(r.Type+" goes to: "+strings.Join(r.To, ", "), "  ")); err != nil {
			return err
		}
	}
	return nil
}

package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
)

// Lock writes the runs of a lock, the newest first.
func Lock(w io.Writer, f *lock.File, o Options) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n", o.paint(bold, Plain(f.Plan)), count(len(f.Runs), "run"))
	for _, key := range f.Keys() {
		r := f.Runs[key]
		fmt.Fprintf(&out, "\n%s  %s, by %s at %s\n", o.paint(bold, Plain(key)), r.Outcome, Plain(r.By), r.Started.Format(time.RFC3339))
		for _, s := range r.Steps {
			fmt.Fprintf(&out, "  %s  %s  %s\n", o.paint(outcomeColour[s.Outcome], string(s.Outcome)), short(s.ID, 34, o), short(s.Address, 48, o))
			if s.Doubtful() {
				why := s.Why
				if s.Outcome != lock.InDoubt {
					why = "its rollback: " + s.Undo.Why
				}
				out.WriteString(wrapped(fmt.Sprintf("In doubt: %s. Decide with %s.", why, plan.SettleCommands("FILE", key, s.ID)), "    "))
			}
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

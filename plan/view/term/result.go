package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
)

// Result writes what an apply or a rollback did, one line per step.
func Result(w io.Writer, r *reconcile.Result, o view.Options) error {
	var out strings.Builder
	var outcomes []lock.Outcome
	for _, s := range r.Steps {
		outcome, why := s.Outcome, s.Why
		if r.Undo && s.Undo != nil && outcome != lock.Undone {
			outcome, why = s.Undo.Outcome, s.Undo.Why
		}
		outcomes = append(outcomes, outcome)
		fmt.Fprintf(&out, "%s  %s\n", paint(o, style(view.OutcomeTone(outcome)), string(outcome)), o.Short(s.ID, 80))
		if why != "" {
			out.WriteString(wrapped(why, "  "))
		}
		for _, p := range s.Parts {
			if p.Error != "" {
				out.WriteString(wrapped(p.Part.String()+": "+p.Error, "  "))
			}
		}
	}
	var sums []string
	for _, c := range view.CountOutcomes(outcomes) {
		sums = append(sums, fmt.Sprintf("%d %s", c.Steps, c.Outcome))
	}
	sum := strings.Join(sums, ", ")
	if r.Idle || sum == "" {
		sum = strings.TrimSuffix("nothing to do; before: "+sum, "; before: ")
	}
	what := "Apply"
	if r.Undo {
		what = "Rollback"
	}
	fmt.Fprintf(&out, "%s of run %s: %s.\n", what, view.Plain(r.Run), sum)
	_, err := io.WriteString(w, out.String())
	return err
}

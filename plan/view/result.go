package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
)

// outcomes are the words for what became of a step, the good ones first.
func outcomes() []lock.Outcome {
	return []lock.Outcome{lock.Verified, lock.Applied, lock.Keep, lock.Undone, lock.Overwritten, lock.Refused, lock.Failed, lock.InDoubt, lock.NotRun}
}

var outcomeColour = map[lock.Outcome]string{
	lock.Verified: green, lock.Keep: green, lock.Applied: yellow, lock.Undone: green, lock.NotRun: faint,
	lock.Failed: red, lock.Refused: red, lock.Overwritten: red, lock.InDoubt: red,
}

// Result writes what an apply did, a line a step.
func Result(w io.Writer, r *reconcile.Result, o Options) error {
	var out strings.Builder
	counts := map[lock.Outcome]int{}
	for _, s := range r.Steps {
		outcome, why := s.Outcome, s.Why
		if r.Undo && s.Undo != nil && outcome != lock.Undone {
			outcome, why = s.Undo.Outcome, s.Undo.Why
		}
		counts[outcome]++
		fmt.Fprintf(&out, "%s  %s\n", o.paint(outcomeColour[outcome], string(outcome)), short(s.ID, 80, o))
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
	for _, k := range outcomes() {
		if counts[k] > 0 {
			sums = append(sums, fmt.Sprintf("%d %s", counts[k], k))
		}
	}
	sum := strings.Join(sums, ", ")
	if r.Idle || sum == "" {
		sum = strings.TrimSuffix("nothing to do; before: "+sum, "; before: ")
	}
	what := "Apply"
	if r.Undo {
		what = "Rollback"
	}
	fmt.Fprintf(&out, "%s of run %s: %s.\n", what, Plain(r.Run), sum)
	_, err := io.WriteString(w, out.String())
	return err
}

package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// A Next is a command that a reader may want to call after a result.
type Next struct{ Label, Command string }

// Result writes what an apply or a rollback did, one line per step and its figures, then
// the lock and the next commands.
func Result(w io.Writer, r *reconcile.Result, next []Next, o view.Options) error {
	var out strings.Builder
	var outcomes []lock.Outcome
	of := map[string]int{}
	for i := range r.Steps {
		id, _, _ := strings.Cut(r.Steps[i].ID, "[")
		of[id]++
	}
	folded := map[lock.Outcome]int{}
	for i := range r.Steps {
		s := &r.Steps[i]
		outcome, why := outcomeOf(s, r.Undo)
		outcomes = append(outcomes, outcome)
		id, _, _ := strings.Cut(s.ID, "[")
		if quiet := view.OutcomeTone(outcome) == view.Good && why == ""; quiet && of[id] > view.MostGroups+1 && !o.Wide {
			if folded[outcome]++; folded[outcome] > view.MostGroups {
				continue
			}
		}
		fmt.Fprintf(&out, "%s  %s\n", paint(o, style(view.OutcomeTone(outcome)), string(outcome)), o.Name(s.ID, columns(o)-len(outcome)-2))
		if moved, ok := r.Moved[s.ID]; ok {
			out.WriteString(wrapped(text.Sentence(moved.Moves()), "  ", o))
		}
		if why != "" {
			out.WriteString(wrapped(why, "  ", o))
		}
		for _, p := range s.Parts {
			if p.Error != "" {
				out.WriteString(wrapped(p.Part.String()+": "+p.Error, "  ", o))
			}
		}
	}
	for _, c := range view.CountOutcomes(outcomes) {
		if more := folded[c.Outcome] - view.MostGroups; more > 0 {
			fmt.Fprintf(&out, "%s  %s; --wide shows them\n", paint(o, style(view.OutcomeTone(c.Outcome)), string(c.Outcome)),
				text.Plural(more, "more group"))
		}
	}
	out.WriteString(resultSum(r, outcomes))
	if r.Idle && !r.Undo && len(outcomes) > 0 {
		out.WriteString(wrapped("A run is applied once. To reset again, name another run with --run.", "", o))
	}
	if r.Total != nil {
		out.WriteString(wrapped(text.Sentence(r.Total.Moves()), "", o))
	}
	if !r.Idle && r.Lock != "" {
		labelled(&out, "Lock:", r.Lock, o)
		for _, n := range next {
			labelled(&out, n.Label+":", n.Command, o)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// outcomeOf is the outcome of a step and why; that of its rollback if the result is of one.
func outcomeOf(s *lock.Step, undo bool) (lock.Outcome, string) {
	if undo && s.Undo != nil && s.Outcome != lock.Undone {
		return s.Undo.Outcome, s.Undo.Why
	}
	return s.Outcome, decide.RecordText(s)
}

// resultSum is the line that sums up a result.
func resultSum(r *reconcile.Result, outcomes []lock.Outcome) string {
	var sums []string
	for _, c := range view.CountOutcomes(outcomes) {
		sums = append(sums, fmt.Sprintf("%s %s", text.Grouped(int64(c.Steps)), c.Outcome))
	}
	sum := strings.Join(sums, ", ")
	if r.Idle || sum == "" {
		sum = strings.TrimSuffix("nothing to do; before: "+sum, "; before: ")
	}
	what := "Apply"
	if r.Undo {
		what = "Rollback"
	}
	return fmt.Sprintf("%s of run %s: %s.\n", what, view.Plain(r.Run), sum)
}

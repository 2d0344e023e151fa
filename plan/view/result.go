package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
)

var outcomeColour = map[lock.Outcome]string{
	lock.Verified: green, lock.Keep: green, lock.Applied: yellow, lock.Undone: green, lock.NotRun: faint,
	lock.Failed: red, lock.Refused: red, lock.Overwritten: red, lock.InDoubt: red,
}

// Result writes what an apply did, a line a step.
func Result(w io.Writer, r *plan.Result, o Options) error {
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
	for _, k := range []lock.Outcome{lock.Verified, lock.Applied, lock.Keep, lock.Undone, lock.Overwritten, lock.Refused, lock.Failed, lock.InDoubt, lock.NotRun} {
		if counts[k] > 0 {
			sums = append(sums, fmt.Sprintf("%d %s", counts[k], k))
		}
	}
	if sums == nil {
		sums = []string{"nothing to do"}
	}
	what := "Apply"
	if r.Undo {
		what = "Rollback"
	}
	fmt.Fprintf(&out, "%s of run %s: %s.\n", what, plain(r.Run), strings.Join(sums, ", "))
	_, err := io.WriteString(w, out.String())
	return err
}

// Status writes a run's steps beside where their parts are now.
func Status(w io.Writer, s *plan.Status, o Options) error {
	var out strings.Builder
	if s.Outcome == "" {
		fmt.Fprintf(&out, "%s: run %s is not in the lock.\n", plain(s.Name), plain(s.Run))
		_, err := io.WriteString(w, out.String())
		return err
	}
	fmt.Fprintf(&out, "%s, run %s: %s, by %s at %s\n", o.paint(bold, plain(s.Name)), plain(s.Run), s.Outcome, plain(s.By), s.Started.Format(time.RFC3339))
	for _, st := range s.Steps {
		fmt.Fprintf(&out, "\n%s  %s\n  %s; consumers %s\n", o.paint(outcomeColour[st.Outcome], string(st.Outcome)), o.paint(bold, short(st.ID, 80, o)), short(st.Address, width-20, o), st.Activity)
		for _, text := range []string{st.Why, st.Error} {
			if text != "" {
				out.WriteString(wrapped(text, "  "))
			}
		}
		var rows [][]string
		for _, p := range st.Parts {
			drift := p.Drift
			if drift == "" {
				drift = "where it was left"
			}
			rows = append(rows, []string{short(p.Part.String(), 30, o), position(p.Before), position(p.After), position(p.Now), position(p.High), number(p.Lag), plain(drift)})
		}
		if rows == nil {
			continue
		}
		if err := table(&out, []string{"PARTITION", "BEFORE", "RESET TO", "NOW", "HIGH", "LAG", "SINCE"}, []bool{false, true, true, true, true, true, false}, rows); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func number(n *int64) string {
	if n == nil {
		return "?"
	}
	return grouped(*n)
}

// Lock writes the runs of a lock.
func Lock(w io.Writer, f *lock.File, o Options) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n", o.paint(bold, plain(f.Plan)), count(len(f.Runs), "run"))
	for _, key := range f.Keys() {
		r := f.Runs[key]
		fmt.Fprintf(&out, "\n%s  %s, by %s at %s\n", o.paint(bold, plain(key)), r.Outcome, plain(r.By), r.Started.Format(time.RFC3339))
		for _, s := range r.Steps {
			fmt.Fprintf(&out, "  %s  %s  %s\n", o.paint(outcomeColour[s.Outcome], string(s.Outcome)), short(s.ID, 40, o), short(s.Address, 50, o))
			if s.Doubtful() {
				out.WriteString(wrapped(fmt.Sprintf("In doubt: %s. Decide with `resetplan lock settle FILE %s applied` or `not-applied`.", s.Why, s.ID), "    "))
			}
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// Providers writes the matrix of what each provider can do.
func Providers(w io.Writer, all []plan.Row) error {
	var rows [][]string
	for _, r := range all {
		rows = append(rows, []string{r.Type, r.Reads, r.Bounds, r.Activity, r.Consumers, r.Undo, strings.Join(r.To, " ")})
	}
	return table(w, []string{"TYPE", "READS", "BOUNDS", "ACTIVITY", "CONSUMERS", "UNDO", "TO"}, make([]bool, 7), rows)
}

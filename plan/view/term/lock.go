package term

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// Lock writes the runs of a lock, the one with the newest activity first.
func Lock(w io.Writer, f *lock.File, o view.Options) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n", paint(o, bold, view.Plain(f.Plan)), text.Plural(len(f.Runs), "run"))
	for _, key := range f.Keys() {
		r := f.Runs[key]
		fmt.Fprintf(&out, "\n%s  %s, by %s at %s\n", paint(o, bold, view.Plain(key)), runOutcome(r), view.Plain(r.By), r.Started.Format(time.RFC3339))
		for _, s := range r.Steps {
			lockStep(&out, key, s, o)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// runOutcome is a run's outcome. A rollback changes the outcomes of the steps of
// a finished run.
func runOutcome(r *lock.Run) lock.RunOutcome {
	if r.Finished == nil || r.Outcome == lock.RunInterrupted && r.Sum() == lock.RunFailed {
		return r.Outcome
	}
	return r.Sum()
}

// lockStep writes a step, what is to be decided about it, and its parts.
func lockStep(out *strings.Builder, run string, s *lock.Step, o view.Options) {
	fmt.Fprintf(out, "  %s  %s  %s\n", paint(o, style(view.OutcomeTone(s.Outcome)), string(s.Outcome)), o.Short(s.ID, 34), o.Short(s.Address, 48))
	if p := s.Paused; p != nil {
		why := ""
		if p.Why != "" {
			why = " (" + p.Why + ")"
		}
		since := p.Since.UTC().Format(time.RFC3339)
		out.WriteString(wrapped(fmt.Sprintf("Its consumers are paused, by %s since %s%s; the next apply will restart them.", p.By, since, why), "    "))
	}
	if s.Evidence != nil {
		out.WriteString(wrapped(text.Sentence(decide.EvidenceText(*s.Evidence)), "    "))
	}
	settle := plan.ResolveDoubtCommands(cmp.Or(o.File, "FILE"), run, s.ID)
	hint := ""
	switch {
	case s.Outcome == lock.InDoubt:
		hint = fmt.Sprintf("In doubt: %s. Decide with %s.", s.Why, settle)
	case s.Doubtful():
		hint = fmt.Sprintf("In doubt (rollback): %s. Decide with %s.", s.Undo.Why, settle)
	case s.Outcome == lock.Overwritten:
		hint = fmt.Sprintf("Overwritten: %s. It will not be sent again until you decide with %s.", s.Why, settle)
	}
	if hint != "" {
		out.WriteString(wrapped(hint, "    "))
	}
	lockParts(out, s.Parts, o)
	if u := s.Undo; u != nil {
		fmt.Fprintf(out, "    rollback: %s, by %s at %s\n", u.Outcome, view.Plain(u.By), u.At.Format(time.RFC3339))
		lockParts(out, u.Parts, o)
	}
}

// shownParts is the number of parts shown per step without --wide.
const shownParts = 20

// lockParts writes each part's positions before and after.
func lockParts(out *strings.Builder, parts []lock.Part, o view.Options) {
	longest, before := 0, 0
	for _, p := range parts {
		longest = max(longest, view.Columns(lockPart(p, o)))
		before = max(before, view.Columns(o.Short(p.Before.String(), 40)))
	}
	for i, p := range parts {
		if i == shownParts && !o.Wide && len(parts) > shownParts+1 {
			fmt.Fprintf(out, "    and %d more; --wide shows them\n", len(parts)-shownParts)
			return
		}
		name, from := lockPart(p, o), o.Short(p.Before.String(), 40)
		pad, gap := strings.Repeat(" ", longest-view.Columns(name)), strings.Repeat(" ", before-view.Columns(from))
		fmt.Fprintf(out, "    %s%s  %s%s -> %s", name, pad, from, gap, o.Short(p.After.String(), 40))
		switch {
		case p.Error != "":
			fmt.Fprintf(out, "  not applied: %s", o.Short(p.Error, 60))
		case p.DecidedBy != "":
			fmt.Fprintf(out, "  settled as applied by %s", o.Short(p.DecidedBy, 30))
		case !p.Seen.IsZero() && p.Seen != p.After:
			fmt.Fprintf(out, "  read back at %s", o.Short(p.Seen.String(), 40))
		}
		out.WriteByte('\n')
	}
}

func lockPart(p lock.Part, o view.Options) string {
	if p.Part.Topic == "" {
		return view.WholeTarget
	}
	return o.Short(p.Part.String(), 40)
}

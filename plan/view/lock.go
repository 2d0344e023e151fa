package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
)

// Lock writes the runs of a lock, the one with the newest activity first.
func Lock(w io.Writer, f *lock.File, o Options) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n", o.paint(bold, Plain(f.Plan)), count(len(f.Runs), "run"))
	for _, key := range f.Keys() {
		r := f.Runs[key]
		fmt.Fprintf(&out, "\n%s  %s, by %s at %s\n", o.paint(bold, Plain(key)), runOutcome(r), Plain(r.By), r.Started.Format(time.RFC3339))
		for _, s := range r.Steps {
			lockStep(&out, key, s, o)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// runOutcome is what became of a run. A rollback changes the steps of a run
// that has ended.
func runOutcome(r *lock.Run) lock.RunOutcome {
	if r.Finished == nil || r.Outcome == lock.RunInterrupted && r.Sum() == lock.RunFailed {
		return r.Outcome
	}
	return r.Sum()
}

func lockStep(out *strings.Builder, run string, s *lock.Step, o Options) {
	fmt.Fprintf(out, "  %s  %s  %s\n", o.paint(outcomeColour[s.Outcome], string(s.Outcome)), short(s.ID, 34, o), short(s.Address, 48, o))
	if p := s.Paused; p != nil {
		why := ""
		if p.Why != "" {
			why = " (" + p.Why + ")"
		}
		since := p.Since.UTC().Format(time.RFC3339)
		out.WriteString(wrapped(fmt.Sprintf("Its consumers are paused: paused by %s since %s%s: the next apply starts them again.", p.By, since, why), "    "))
	}
	switch {
	case s.Outcome == lock.InDoubt:
		out.WriteString(wrapped(fmt.Sprintf("In doubt: %s. Decide with %s.", s.Why, plan.ResolveDoubtCommands(cmp.Or(o.File, "FILE"), run, s.ID)), "    "))
	case s.Doubtful():
		out.WriteString(wrapped(fmt.Sprintf("In doubt: its rollback: %s. Decide with %s.", s.Undo.Why, plan.ResolveDoubtCommands(cmp.Or(o.File, "FILE"), run, s.ID)), "    "))
	case s.Outcome == lock.Overwritten:
		decide := plan.ResolveDoubtCommands(cmp.Or(o.File, "FILE"), run, s.ID)
		out.WriteString(wrapped(fmt.Sprintf("Overwritten: %s. It is not sent again until you decide with %s.", s.Why, decide), "    "))
	}
	lockParts(out, s.Parts, o)
	if u := s.Undo; u != nil {
		fmt.Fprintf(out, "    rollback: %s, by %s at %s\n", u.Outcome, Plain(u.By), u.At.Format(time.RFC3339))
		lockParts(out, u.Parts, o)
	}
}

// shownParts is how many parts of a step a lock shows unless it is wide.
const shownParts = 20

// lockParts writes each part's positions before and after.
func lockParts(out *strings.Builder, parts []lock.Part, o Options) {
	longest, before := 0, 0
	for _, p := range parts {
		longest, before = max(longest, columns(lockPart(p, o))), max(before, columns(short(p.Before.String(), 40, o)))
	}
	for i, p := range parts {
		if i == shownParts && !o.Wide && len(parts) > shownParts+1 {
			fmt.Fprintf(out, "    and %d more; --wide shows them\n", len(parts)-shownParts)
			return
		}
		name, from := lockPart(p, o), short(p.Before.String(), 40, o)
		pad, gap := strings.Repeat(" ", longest-columns(name)), strings.Repeat(" ", before-columns(from))
		fmt.Fprintf(out, "    %s%s  %s%s -> %s", name, pad, from, gap, short(p.After.String(), 40, o))
		switch {
		case p.Error != "":
			fmt.Fprintf(out, "  not applied: %s", short(p.Error, 60, o))
		case p.DecidedBy != "":
			fmt.Fprintf(out, "  settled as applied by %s", short(p.DecidedBy, 30, o))
		case !p.Seen.IsZero() && p.Seen != p.After:
			fmt.Fprintf(out, "  read back at %s", short(p.Seen.String(), 40, o))
		}
		out.WriteByte('\n')
	}
}

func lockPart(p lock.Part, o Options) string {
	if p.Part.Topic == "" {
		return "(whole target)"
	}
	return short(p.Part.String(), 40, o)
}

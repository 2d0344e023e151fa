package term

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// nextDecides is what happens to a step in doubt without a person.
const nextDecides = "The next apply of this run reads the positions and decides."

// Lock writes the runs of a lock, the one with the newest activity first.
func Lock(w io.Writer, f *lock.File, o view.Options) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n", paint(o, bold, view.Plain(f.Plan)), text.Plural(len(f.Runs), "run"))
	for _, key := range f.Keys() {
		r := f.Runs[key]
		fmt.Fprintf(&out, "\n%s  %s\n", paint(o, bold, view.Plain(key)), runOutcome(r))
		out.WriteString(wrapped(fmt.Sprintf("by %s at %s", r.By, r.Started.Format(time.RFC3339)), "  ", o))
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
	fmt.Fprintf(out, "  %s  %s\n", paint(o, style(view.OutcomeTone(s.Outcome)), string(s.Outcome)), o.Name(s.ID, columns(o)-len(s.Outcome)-4))
	address(out, s.Address, "    ")
	if p := s.Paused; p != nil && !p.Owed() {
		out.WriteString(wrapped(fmt.Sprintf("Its consumers are %s, at the end of a replay, until `resetplan resume %s`.", p.What(),
			cmp.Or(o.File, "FILE")), "    ", o))
	} else if p != nil {
		why := ""
		if p.Why != "" {
			why = " (" + p.Why + ")"
		}
		next := "the next apply will restart them, or `resetplan resume %s`"
		if s.EndsReplay() {
			next = "the next apply continues with the end of the replay, and `resetplan resume %s` starts them"
		}
		out.WriteString(wrapped(fmt.Sprintf("Its consumers are %s%s; "+next+".", p.What(), why, cmp.Or(o.File, "FILE")), "    ", o))
	}
	if s.InReplay() {
		out.WriteString(wrapped(fmt.Sprintf("%s Then: %s. The next apply continues if the plan still has this step; %s ends the replay.",
			text.Sentence(decide.ReplayPhaseText(s.Replay)), s.Replay.Then, plan.EndReplayCommand(cmp.Or(o.File, "FILE"), run, s.ID)), "    ", o))
	}
	if s.Replay != nil && s.Replay.Doing == lock.Abandoned {
		out.WriteString(wrapped(fmt.Sprintf("Its replay until %s, then: %s, was not finished: %s.", plan.PassedText(s.Replay.Until), s.Replay.Then,
			s.Replay.Why), "    ", o))
	}
	if s.Evidence != nil {
		out.WriteString(wrapped(text.Sentence(decide.EvidenceText(*s.Evidence)), "    ", o))
	}
	settle := plan.ResolveDoubtCommands(cmp.Or(o.File, "FILE"), run, s.ID)
	hint := ""
	switch {
	case s.Outcome == lock.InDoubt:
		hint = fmt.Sprintf("In doubt: %s. %s If it cannot, decide with %s.", s.Why, nextDecides, settle)
	case s.Doubtful():
		what := "rollback"
		if s.Attempt() == s.Return {
			what = "return to the former positions"
		}
		hint = fmt.Sprintf("In doubt (%s): %s. %s If it cannot, decide with %s.", what, s.Attempt().Why, nextDecides, settle)
	case s.Outcome == lock.Overwritten:
		hint = fmt.Sprintf("Overwritten: %s. It will not be sent again until you decide with %s.", s.Why, settle)
	}
	if hint != "" {
		out.WriteString(wrapped(hint, "    ", o))
	}
	lockParts(out, s.Parts, o)
	if u := s.Undo; u != nil {
		out.WriteString(wrapped(fmt.Sprintf("rollback: %s, by %s at %s", u.Outcome, u.By, u.At.Format(time.RFC3339)), "    ", o))
		lockParts(out, u.Parts, o)
	}
	if u := s.Return; u != nil {
		out.WriteString(wrapped(fmt.Sprintf("return to the former positions: %s, by %s at %s", u.Outcome, u.By, u.At.Format(time.RFC3339)), "    ", o))
		lockParts(out, u.Parts, o)
	}
}

// shownParts is the number of lines of parts shown per step without --wide.
const shownParts = 20

// equalParts are parts of a log that were moved in the same way.
type equalParts struct {
	first   lock.Part
	numbers []int
}

// fold joins neighbouring parts that have equal positions and remarks, unless each is
// wanted.
func fold(parts []lock.Part, o view.Options) []equalParts {
	var out []equalParts
	for _, p := range parts {
		if n := len(out); n > 0 && !o.Wide && p.Part.Topic != "" {
			last := &out[n-1]
			if was := last.first; was.Part.Topic == p.Part.Topic && was.Part.Broker == p.Part.Broker && was.Before == p.Before && was.After == p.After &&
				lockRemark(was) == lockRemark(p) {
				last.numbers = append(last.numbers, p.Part.Number)
				continue
			}
		}
		out = append(out, equalParts{p, []int{p.Part.Number}})
	}
	return out
}

// name is the name of the parts: "orders/0-2".
func (e equalParts) name(room int, o view.Options) string {
	if e.first.Part.Topic == "" {
		return view.WholeTarget
	}
	stem := strings.TrimSuffix(e.first.Part.String(), strconv.Itoa(e.first.Part.Number))
	return o.Name(stem+text.Ranges(e.numbers), room)
}

// lockParts writes the positions of the parts before and after the reset.
func lockParts(out *strings.Builder, parts []lock.Part, o view.Options) {
	const most = 40
	room := min(most, (columns(o)-12)/3) // for each of a name and two positions
	rows := fold(parts, o)
	longest, before := 0, 0
	for _, r := range rows {
		longest = max(longest, view.Columns(r.name(room, o)))
		before = max(before, view.Columns(o.Name(r.first.Before.String(), room)))
	}
	shown := 0
	for i, r := range rows {
		if i == shownParts && !o.Wide && len(rows) > shownParts+1 {
			fmt.Fprintf(out, "    and %d more; --wide shows them\n", len(parts)-shown)
			return
		}
		shown += len(r.numbers)
		name, from := r.name(room, o), o.Name(r.first.Before.String(), room)
		pad, gap := strings.Repeat(" ", longest-view.Columns(name)), strings.Repeat(" ", before-view.Columns(from))
		line := fmt.Sprintf("    %s%s  %s%s -> %s", name, pad, from, gap, o.Name(r.first.After.String(), room))
		extra := lockRemark(r.first)
		if extra != "" && view.Columns(line)+2+view.Columns(extra) > columns(o) {
			out.WriteString(line + "\n" + wrapped(extra, "      ", o))
			continue
		}
		out.WriteString(strings.TrimRight(line+"  "+extra, " ") + "\n")
	}
}

// lockRemark is what else is recorded about a part.
func lockRemark(p lock.Part) string {
	switch {
	case p.Error != "":
		return "not applied: " + view.Plain(p.Error)
	case p.DecidedBy != "":
		return "settled as applied by " + view.Plain(p.DecidedBy)
	case !p.Seen.IsZero() && p.Seen != p.After:
		return "read back at " + view.Plain(p.Seen.String())
	}
	return ""
}

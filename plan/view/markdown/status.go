package markdown

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// Status writes a run's steps: their outcomes, when and by whom they were
// applied, and the present positions.
func Status(w io.Writer, s *reconcile.Status, o view.Options) error {
	name, _ := coded(s.Name, nameBytes)
	run, _ := coded(s.Run, nameBytes)
	if s.Outcome == "" {
		_, err := fmt.Fprintf(w, "%s: run %s is not in the lock, so nothing was applied under this name. "+
			"`resetplan lock show` lists the runs.\n", name, run)
		return err
	}
	by, _ := coded(s.By, nameBytes)
	opening := fmt.Sprintf("%s, run %s: **%s**, by %s at %s\n\n", name, run, s.Outcome, by, s.Started.Format(time.RFC3339))
	opening += "**" + outcomeLine(s.Steps) + "**\n\n"
	chapters := make([]chapter, len(s.Steps))
	for i := range s.Steps {
		chapters[i] = statusChapter(&s.Steps[i], o)
	}
	_, err := io.WriteString(w, fitted(opening, chapters, "", omissions{}))
	return err
}

// outcomeLine counts the steps by outcome, and those that have moved since.
func outcomeLine(steps []reconcile.StatusStep) string {
	var outcomes []lock.Outcome
	moved := 0
	for _, s := range steps {
		outcomes = append(outcomes, s.Outcome)
		for _, p := range s.Parts {
			if p.Drifted {
				moved++
				break
			}
		}
	}
	var all []string
	for _, c := range view.CountOutcomes(outcomes) {
		all = append(all, fmt.Sprintf("%s %s", text.Grouped(int64(c.Steps)), c.Outcome))
	}
	since := "none known to have moved since"
	if moved > 0 {
		since = text.Plural(moved, "step") + " moved since"
	}
	return text.Plural(len(steps), "step") + ": " + strings.Join(append(all, since), ", ") + "."
}

// statusChapter is a step of a run.
func statusChapter(s *reconcile.StatusStep, o view.Options) chapter {
	bad := s.Why != "" || s.Error != ""
	c := chapter{heading: heading(string(s.Outcome), s.ID, "at "+s.At.Format(time.RFC3339)), important: bad}
	var wrong sentences
	for _, one := range []sentence{{label: "**Why:** ", text: s.Why}, {label: "**Replay:** ", text: s.Replay},
		{label: "**Consumers:** ", text: s.Stopped}, {label: "**Cannot be read now:** ", text: s.Error}} {
		if one.text != "" {
			wrong = append(wrong, one)
		}
	}
	if wrong != nil {
		c.pieces[0] = wrong
	}
	c.pieces[1] = sentences{{name: s.Address, text: "consumers " + s.Activity}}
	if t := statusTable(s, o); len(t.rows) > 0 {
		c.pieces[2] = t
	}
	return c
}

func statusTable(s *reconcile.StatusStep, o view.Options) table {
	t := table{head: view.StatusColumns(), fold: true}
	for _, r := range view.Fold(view.StatusParts(s.Parts, o), o) {
		t.add(r, r.StatusCells())
	}
	return t
}

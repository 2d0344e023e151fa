package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
)

// StatusMarkdown writes a run's steps for a comment on a change: what was
// done, when and by whom, whether that was read back, and where it is now.
func StatusMarkdown(w io.Writer, s *reconcile.Status, o Options) error {
	name, _ := coded(s.Name, nameBytes)
	run, _ := coded(s.Run, nameBytes)
	if s.Outcome == "" {
		_, err := fmt.Fprintf(w, "%s: run %s is not in the lock.\n", name, run)
		return err
	}
	by, _ := coded(s.By, nameBytes)
	opening := fmt.Sprintf("%s, run %s: **%s**, by %s at %s\n\n", name, run, s.Outcome, by, s.Started.Format(time.RFC3339))
	opening += "**" + outcomeWords(s.Steps) + "**\n\n"
	chapters := make([]chapter, len(s.Steps))
	for i := range s.Steps {
		chapters[i] = statusChapter(&s.Steps[i], o)
	}
	_, err := io.WriteString(w, fitted(opening, chapters))
	return err
}

// outcomeWords count the steps by what became of them, and say whether any of
// it has moved since.
func outcomeWords(steps []reconcile.StatusStep) string {
	counts := map[lock.Outcome]int{}
	moved := 0
	for _, s := range steps {
		counts[s.Outcome]++
		for _, p := range s.Parts {
			if p.Drift != "" {
				moved++
				break
			}
		}
	}
	var all []string
	for _, k := range outcomes() {
		if counts[k] > 0 {
			all = append(all, fmt.Sprintf("%s %s", grouped(int64(counts[k])), k))
		}
	}
	since := "nothing is known to have moved since"
	if moved > 0 {
		since = count(moved, "step") + " moved since"
	}
	return count(len(steps), "step") + ": " + strings.Join(append(all, since), ", ") + "."
}

func statusChapter(s *reconcile.StatusStep, o Options) chapter {
	bad := s.Why != "" || s.Error != ""
	c := chapter{heading: titled(string(s.Outcome), s.ID, "at "+s.At.Format(time.RFC3339)), weighty: bad}
	var wrong sentences
	for _, one := range []sentence{{label: "**Why:** ", text: s.Why}, {label: "**It cannot be read now:** ", text: s.Error}} {
		if one.text != "" {
			wrong = append(wrong, one)
		}
	}
	if wrong != nil {
		c.pieces[0] = wrong
	}
	c.pieces[1] = sentences{{name: s.Address, text: "consumers " + s.Activity}}
	if t := statusSheet(s, o); len(t.rows) > 0 {
		c.pieces[2] = t
	}
	return c
}

func statusSheet(s *reconcile.StatusStep, o Options) sheet {
	t := sheet{head: statusHead()}
	for _, f := range foldsOfStatus(countedStatus(s.Parts, o), o) {
		cells := []string{statusName(f)}
		for _, text := range statusPlaces(f) {
			cells = append(cells, cell(text))
		}
		t.add(len(f), cells...)
	}
	return t
}

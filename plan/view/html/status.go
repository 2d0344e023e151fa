package html

import (
	"bytes"
	"strings"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
)

// statusPage is the page of a run.
func statusPage(s *reconcile.Status, o view.Options) (*page, error) {
	var err error
	pg := &page{
		Title: "Status of " + view.Plain(s.Name),
		Facts: []fact{{Name: "Run", Value: view.Plain(s.Run)}},
		Legend: []legend{
			{"track", "the log, from low to high"}, {"mark before", "before the reset"}, {"mark target", "reset to"},
			{"mark now", "now: the committed position"},
			{"mark now outside", "outside the log"}, {"mark band", "several partitions: from the first to the last"},
			{"zone on", "moved on since"}, {"zone back", "moved back since"},
		},
	}
	if s.Outcome == "" {
		pg.Lead = "This run is not in the lock: nothing was applied under this name."
		pg.Text, err = statusText(s, nil)
		return pg, err
	}
	pg.Lead = statusLead(s)
	pg.Facts = append(pg.Facts, fact{Name: "Outcome", Value: string(s.Outcome)}, fact{Name: "By", Value: view.Plain(s.By)},
		fact{Name: "Started", Value: moment(*s.Started)})
	if s.Finished != nil {
		pg.Facts = append(pg.Facts, fact{Name: "Finished", Value: moment(*s.Finished)})
	}
	var outcomes []lock.Outcome
	pg.Data = data{
		Columns: []string{"Partition", "Since", "Before", "Reset to", "Read back", "Now", "Log", "Lag"}, Log: 5,
		Marks: []string{"before", "target", "now"}, Between: [2]int{1, 2},
	}
	for i := range s.Steps {
		outcomes = append(outcomes, s.Steps[i].Outcome)
	}
	var order []int
	pg.Warnings, order = pg.Data.fill(pg.Data.recorded(s, o))
	if pg.Text, err = statusText(s, order); err != nil {
		return nil, err
	}
	for _, c := range view.CountOutcomes(outcomes) {
		n := int64(c.Steps)
		pg.Tiles = append(pg.Tiles, tile{
			Name: text.Noun(n, "step") + " " + meaning(c.Outcome), Figure: text.Grouped(n), Tone: string(view.OutcomeTone(c.Outcome)),
		})
	}
	return pg, nil
}

// meaning explains an outcome, so that a reset that the service has only
// accepted is not mistaken for one that was read back.
func meaning(o lock.Outcome) string {
	return map[lock.Outcome]string{
		lock.Verified:    "verified: read back at the target",
		lock.Applied:     "applied: accepted by the service, not read back",
		lock.Keep:        "kept: already at the target",
		lock.Undone:      "undone: rolled back",
		lock.Overwritten: "overwritten by another client",
		lock.Refused:     "refused by the service",
		lock.Failed:      "failed",
		lock.InDoubt:     "in doubt: may have taken effect",
		lock.NotRun:      "not run",
	}[o]
}

// statusLead summarizes a status in one line.
func statusLead(s *reconcile.Status) string {
	if s.Drifted {
		return "Some positions have changed since the run."
	}
	return "No positions are known to have changed since the run."
}

// recorded is a step's outcome with the time of its record.
func recorded(s *reconcile.StatusStep) string {
	if s.At.IsZero() {
		return string(s.Outcome)
	}
	return string(s.Outcome) + " at " + moment(s.At)
}

// statusText is the first steps that the page shows as text, like planText.
func statusText(s *reconcile.Status, order []int) (string, error) {
	shown, parts := inText(order, func(i int) int { return len(s.Steps[i].Parts) })
	brief := *s
	brief.Steps = nil
	for _, i := range shown {
		brief.Steps = append(brief.Steps, s.Steps[i])
	}
	var out bytes.Buffer
	if err := term.Status(&out, &brief, view.Options{Wide: parts <= textParts}); err != nil {
		return "", err
	}
	return out.String() + omitted(len(brief.Steps), len(s.Steps)), nil
}

// recorded are the steps of a status: those that need attention first, then by lag.
func (d *data) recorded(s *reconcile.Status, o view.Options) source {
	return source{
		steps:  len(s.Steps),
		parts:  func(i int) int { return len(s.Steps[i].Parts) },
		id:     func(i int) string { return view.Plain(s.Steps[i].ID) },
		weight: func(i int) importance { return statusWeight(&s.Steps[i]) },
		step:   func(i, most int) step { return d.statusStep(&s.Steps[i], o, most) },
		sum: func(i int, into *others) {
			into.words[string(s.Steps[i].Outcome)]++
			for j := range s.Steps[i].Parts {
				if s.Steps[i].Parts[j].Drifted {
					into.words["with positions that have changed since"]++
					break
				}
			}
		},
	}
}

// statusWeight orders recorded steps.
func statusWeight(s *reconcile.StatusStep) (w importance) {
	drifted := false
	for i := range s.Parts {
		drifted = drifted || s.Parts[i].Drifted
		if s.Parts[i].Lag != nil {
			w.size += *s.Parts[i].Lag
		}
	}
	tone := view.OutcomeTone(s.Outcome)
	switch {
	case s.Error != "" || s.Paused != "" || tone == view.Bad:
	case tone == view.Warn:
		w.class = 1
	case drifted:
		w.class = 2
	default:
		w.class = 3
	}
	return w
}

// statusParts reduces the parts of a step: those of which each is shown, and the rest.
func (d *data) statusParts(s *reconcile.StatusStep, o view.Options, most int) ([]view.Part, *view.Rest) {
	rest := d.rest()
	if len(s.Parts) <= most {
		return view.StatusParts(s.Parts, o), rest
	}
	shown := separated(s.Parts, most, statusPartWeight, func(p *reconcile.StatusPart, shown bool) { rest.AddStatus(p, shown, o) })
	return view.StatusParts(shown, o), rest
}

// statusPartWeight orders parts of a status: those that other clients moved first.
func statusPartWeight(p *reconcile.StatusPart) (w importance) {
	if !p.Drifted {
		w.class = 1
	}
	if p.Lag != nil {
		w.size = *p.Lag
	}
	return w
}

func (d *data) statusStep(s *reconcile.StatusStep, o view.Options, most int) step {
	kind := stepKind{Word: string(s.Outcome), Tone: view.OutcomeTone(s.Outcome), Details: recorded(s) + "; consumers now " + view.Plain(s.Activity)}
	parts, rest := d.statusParts(s, o, most)
	out := step{
		ID: view.Plain(s.ID), Kind: d.stepKind(kind), Address: view.Plain(s.Address), Why: d.sentence(s.Why),
		Rows: d.rows(parts, statusShape(), o, rest),
	}
	for _, one := range []string{s.Replay, s.Stopped} {
		if one != "" {
			out.Why = strings.TrimSpace(out.Why + " " + d.sentence(text.Sentence(one)))
		}
	}
	if s.Error != "" {
		out.Warnings = []string{"Cannot be read now: " + d.sentence(s.Error)}
	}
	return out
}

func statusShape() shape {
	return shape{
		cells: func(r view.Row) []string {
			first := r.Parts[0]
			seen := known(r.Seen.Grouped())
			if first.Seen.IsZero() {
				seen = "not read back"
			}
			now := known(r.Now.Grouped()) + first.Outside(first.Now)
			return append([]string{r.Effect(), known(r.Before.Grouped()), known(r.Target.Grouped()), seen, now, known(r.Lag)}, ends(r)...)
		},
		marks: func(r view.Row) []view.Span { return []view.Span{r.Before, r.Target, r.Now} },
	}
}

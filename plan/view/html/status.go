package html

import (
	"bytes"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
)

// statusPage is the page of a run.
func statusPage(s *reconcile.Status, o view.Options) (*page, error) {
	summary, err := statusText(s)
	if err != nil {
		return nil, err
	}
	pg := &page{
		Title: "Status of " + view.Plain(s.Name), Text: summary,
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
		return pg, nil
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
		pg.Data.Steps = append(pg.Data.Steps, pg.Data.statusStep(&s.Steps[i], o))
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

// statusText is the first steps of the status as text, like planText.
func statusText(s *reconcile.Status) (string, error) {
	brief := *s
	brief.Steps = s.Steps[:min(len(s.Steps), textSteps)]
	parts := 0
	for _, step := range brief.Steps {
		parts += len(step.Parts)
	}
	var out bytes.Buffer
	if err := term.Status(&out, &brief, view.Options{Wide: parts <= textParts}); err != nil {
		return "", err
	}
	return out.String() + omitted(len(s.Steps)), nil
}

func (d *data) statusStep(s *reconcile.StatusStep, o view.Options) step {
	kind := stepKind{Word: string(s.Outcome), Tone: view.OutcomeTone(s.Outcome), Details: recorded(s) + "; consumers now " + view.Plain(s.Activity)}
	out := step{
		ID: view.Plain(s.ID), Kind: d.stepKind(kind), Address: view.Plain(s.Address), Why: view.Plain(s.Why),
		Rows: d.rows(view.StatusParts(s.Parts, o), statusShape(), o),
	}
	if s.Error != "" {
		out.Warnings = []string{"Cannot be read now: " + view.Plain(s.Error)}
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

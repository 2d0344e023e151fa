package view

import (
	"bytes"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
)

func statusPage(s *reconcile.Status, o Options) (*page, error) {
	text, err := statusText(s)
	if err != nil {
		return nil, err
	}
	pg := &page{
		Title: "Status of " + Plain(s.Name), Text: text,
		Facts: []fact{{Name: "Run", Value: Plain(s.Run)}},
		Legend: []legend{
			{"track", "its log, from low to high"}, {"mark before", "before the reset"}, {"mark target", "reset to"}, {"mark now", "now: what is committed"},
			{"zone on", "moved on since"}, {"zone back", "moved back since"},
		},
	}
	if s.Outcome == "" {
		pg.Lead = "This run is not in the lock: nothing was done under its name."
		return pg, nil
	}
	pg.Lead = statusLead(s)
	pg.Facts = append(pg.Facts, fact{Name: "Outcome", Value: string(s.Outcome)}, fact{Name: "By", Value: Plain(s.By)}, fact{Name: "Started", Value: moment(*s.Started)})
	if s.Finished != nil {
		pg.Facts = append(pg.Facts, fact{Name: "Finished", Value: moment(*s.Finished)})
	}
	counts := map[lock.Outcome]int{}
	pg.Data = pageData{
		Columns: []string{"Partition", "Since", "Before", "Reset to", "Read back", "Now", "Log", "Lag"}, Log: 5,
		Marks: []string{"before", "target", "now"}, Between: [2]int{1, 2},
	}
	for i := range s.Steps {
		counts[s.Steps[i].Outcome]++
		pg.Data.Steps = append(pg.Data.Steps, statusStep(&pg.Data, &s.Steps[i], o))
	}
	for _, k := range outcomes() {
		if counts[k] > 0 {
			pg.Tiles = append(pg.Tiles, tile{Name: "steps " + meaning[k], Figure: grouped(int64(counts[k])), Tone: tone(outcomeColour[k])})
		}
	}
	return pg, nil
}

// meaning says what an outcome is, so that what the service has only
// confirmed is not taken for what was read back.
var meaning = map[lock.Outcome]string{
	lock.Verified: "verified: read back and found so", lock.Applied: "applied: the service said yes, not read back", lock.Keep: "kept: stood there already",
	lock.Undone: "undone: taken back", lock.Overwritten: "overwritten by somebody else", lock.Refused: "refused by the service", lock.Failed: "failed",
	lock.InDoubt: "in doubt: it may have happened", lock.NotRun: "not run",
}

func statusLead(s *reconcile.Status) string {
	if s.Drifted {
		return "Something has moved since: not all is where the run left it."
	}
	return "Nothing is seen to have moved since the run."
}

// done tells when a step's outcome was recorded.
func done(s *reconcile.StatusStep) string {
	if s.At.IsZero() {
		return string(s.Outcome)
	}
	return string(s.Outcome) + " at " + moment(s.At)
}

// statusText is the status in text, of its first steps.
func statusText(s *reconcile.Status) (string, error) {
	brief := *s
	brief.Steps = s.Steps[:min(len(s.Steps), fewSteps)]
	var out bytes.Buffer
	if err := Status(&out, &brief, Options{}); err != nil {
		return "", err
	}
	return out.String() + left(len(s.Steps)), nil
}

func statusStep(d *pageData, s *reconcile.StatusStep, o Options) pageStep {
	kind := stepKind{string(s.Outcome), tone(outcomeColour[s.Outcome]), done(s) + "; consumers now " + Plain(s.Activity)}
	out := pageStep{ID: Plain(s.ID), Kind: d.kind(kind), Address: Plain(s.Address), Why: Plain(s.Why)}
	if s.Error != "" {
		out.Warnings = []string{"It cannot be read now: " + Plain(s.Error)}
	}
	for _, f := range foldsOfStatus(countedStatus(s.Parts, o), o) {
		out.Rows = append(out.Rows, statusRow(d, f))
	}
	return out
}

func statusRow(d *pageData, f fold[reconcile.StatusPart]) pageRow {
	kind := rowKind{Stem: stem(f[0].Part)}
	switch moved := f[0].Moved; {
	case moved == nil:
	case *moved > 0:
		kind.Zone = "on"
	case *moved < 0:
		kind.Zone = "back"
	}
	row := pageRow{Fold: d.fold(kind), Parts: make([]pagePart, len(f))}
	for i, p := range f {
		one := fold[reconcile.StatusPart]{p}
		row.Parts[i] = pagePart{number(p.Part), statusCells(one), statusBar(one)}
	}
	if len(f) > 1 {
		row.Name, row.Cells, row.Bar = short(f.name(func(p *reconcile.StatusPart) providers.Part { return p.Part }), nameRoom*2, Options{}), statusCells(f), statusBar(f)
	}
	return row
}

// statusCells are the columns of a status but the first and the bar.
func statusCells(f fold[reconcile.StatusPart]) []string {
	show := func(of func(*reconcile.StatusPart) providers.Position) string { return known(f.span(of).String()) }
	seen := show(func(p *reconcile.StatusPart) providers.Position { return p.Seen })
	if f[0].Seen.IsZero() {
		seen = "not read back"
	}
	return []string{
		drift(f), show(func(p *reconcile.StatusPart) providers.Position { return p.Before }), show(func(p *reconcile.StatusPart) providers.Position { return p.After }), seen,
		show(func(p *reconcile.StatusPart) providers.Position { return p.Now }) + beyond(f[0].Now, f[0].Low, f[0].High),
		known(f.sum(func(p *reconcile.StatusPart) *int64 { return p.Lag })),
		end(f.span(func(p *reconcile.StatusPart) providers.Position { return p.Low })), end(f.span(func(p *reconcile.StatusPart) providers.Position { return p.High })),
	}
}

func statusBar(f fold[reconcile.StatusPart]) any {
	return bar(f, func(p *reconcile.StatusPart) providers.Position { return p.Low }, func(p *reconcile.StatusPart) providers.Position { return p.High },
		func(p *reconcile.StatusPart) providers.Position { return p.Before }, func(p *reconcile.StatusPart) providers.Position { return p.After },
		func(p *reconcile.StatusPart) providers.Position { return p.Now })
}

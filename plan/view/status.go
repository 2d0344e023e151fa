package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
)

// Status writes a run's steps beside where their parts are now.
func Status(w io.Writer, s *reconcile.Status, o Options) error {
	var out strings.Builder
	if s.Outcome == "" {
		out.WriteString(wrapped(fmt.Sprintf("%s: run %s is not in the lock.", s.Name, s.Run), ""))
		_, err := io.WriteString(w, out.String())
		return err
	}
	fmt.Fprintf(&out, "%s, run %s: %s, by %s at %s\n", o.paint(bold, Plain(s.Name)), Plain(s.Run), s.Outcome, Plain(s.By), s.Started.Format(time.RFC3339))
	for _, st := range s.Steps {
		heading(&out, string(st.Outcome), outcomeColour[st.Outcome], st.ID, o)
		fmt.Fprintf(&out, "  %s; consumers %s\n", short(st.Address, width-24, o), Plain(st.Activity))
		for _, text := range []string{st.Paused, st.Why, st.Error} {
			if text != "" {
				out.WriteString(wrapped(text, "  "))
			}
		}
		if err := statusParts(&out, st.Parts, o); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// foldsOfStatus folds a step's parts: few of them only where they are equal,
// many where they have drifted alike.
func foldsOfStatus(parts []reconcile.StatusPart, o Options) []fold[reconcile.StatusPart] {
	few := len(parts) <= fewParts
	type key struct {
		same
		drift  string
		lagged bool
	}
	return folds(parts, o, func(p *reconcile.StatusPart) key {
		drift := p.Drift
		if p.Moved != nil && !few {
			drift = fmt.Sprint(sign(p.Now, p.After))
		}
		return key{likeness(p.Part, few, [4]providers.Position{p.Before, p.After, p.Now, p.High}), drift, p.Lag != nil}
	})
}

// statusParts writes where a step's parts stood, were left and are.
func statusParts(out *strings.Builder, parts []reconcile.StatusPart, o Options) error {
	if len(parts) == 0 {
		return nil
	}
	var rows [][]string
	for _, f := range foldsOfStatus(countedStatus(parts, o), o) {
		name := short(f.name(func(p *reconcile.StatusPart) providers.Part { return p.Part }), nameRoom, o)
		rows = append(rows, append([]string{name}, statusPlaces(f)...))
	}
	head := statusHead()
	if breadth(head, rows) <= width || o.Wide {
		return table(out, head, rows)
	}
	for _, r := range rows {
		fmt.Fprint(out, wrapped(fmt.Sprintf("%s: before %s, reset to %s, now %s, high %s; lag %s; %s", r[0], r[1], r[2], r[3], r[4], r[5], r[6]), "  "))
	}
	return nil
}

// statusHead are the columns of a status.
func statusHead() []column {
	return []column{{"PARTITION", false}, {"BEFORE", true}, {"RESET TO", true}, {"NOW", true}, {"HIGH", true}, {"LAG", true}, {"SINCE", false}}
}

// statusPlaces are the cells of a status but the first.
func statusPlaces(f fold[reconcile.StatusPart]) []string {
	return []string{
		f.span(func(p *reconcile.StatusPart) providers.Position { return p.Before }).String(),
		f.span(func(p *reconcile.StatusPart) providers.Position { return p.After }).String(),
		f.span(func(p *reconcile.StatusPart) providers.Position { return p.Now }).String(),
		f.span(func(p *reconcile.StatusPart) providers.Position { return p.High }).String(),
		f.sum(func(p *reconcile.StatusPart) *int64 { return p.Lag }),
		drift(f),
	}
}

// drift tells what has moved since, in words.
func drift(f fold[reconcile.StatusPart]) string {
	first := f[0]
	for _, p := range f[1:] {
		if p.Drift == first.Drift {
			continue
		}
		if *first.Moved > 0 {
			return "moved on"
		}
		return "moved back"
	}
	if first.Drift == "" && first.Now.IsZero() {
		return "not told by the service"
	}
	if first.Drift == "" {
		return "where it was left"
	}
	return Plain(first.Drift)
}

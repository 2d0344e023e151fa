package view

import (
	"cmp"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
)

// A StatusFamily is the recorded steps of one step of the document.
type StatusFamily struct{ family[reconcile.StatusStep] }

// StatusFamilies divides the steps of a status by the step of the document.
func StatusFamilies(steps []reconcile.StatusStep) []StatusFamily {
	var out []StatusFamily
	for _, f := range divided(steps, func(s *reconcile.StatusStep) string { return s.ID }) {
		out = append(out, StatusFamily{f})
	}
	return out
}

// Sorted are the steps: those that need attention first, then by lag.
func (f StatusFamily) Sorted() []*reconcile.StatusStep {
	class := func(s *reconcile.StatusStep) int {
		switch {
		case s.Error != "" || s.Paused != "" || OutcomeTone(s.Outcome) == Bad:
			return 0
		case OutcomeTone(s.Outcome) == Warn:
			return 1
		}
		return 2
	}
	lag := func(s *reconcile.StatusStep) (sum int64) {
		for _, p := range s.Parts {
			if p.Lag != nil {
				sum += *p.Lag
			}
		}
		return sum
	}
	return slices.SortedStableFunc(slices.Values(f.Steps), func(a, b *reconcile.StatusStep) int {
		return cmp.Or(cmp.Compare(class(a), class(b)), cmp.Compare(lag(b), lag(a)))
	})
}

// StatusSums are the lag of a recorded step and what has happened since, over all its
// parts: both are sums.
func StatusSums(s *reconcile.StatusStep, o Options) (lag, since string) {
	parts := StatusParts(s.Parts, o)
	var all, on, back []*Part
	var words []string
	for i := range parts {
		p := &parts[i]
		all = append(all, p)
		switch {
		case p.Moved == nil || !strings.HasPrefix(p.Effect, "moved "):
			if !slices.Contains(words, p.Effect) {
				words = append(words, p.Effect)
			}
		case *p.Moved > 0:
			on = append(on, p)
		default:
			back = append(back, p)
		}
	}
	if len(all) == 0 {
		return "?", "?"
	}
	moved := func(of []*Part) int64 { return total(of, func(p *Part) *int64 { return p.Moved }) }
	if len(on) > 0 {
		words = append(words, "moved on by "+text.Grouped(moved(on)))
	}
	if len(back) > 0 {
		words = append(words, "moved back by "+text.Grouped(-moved(back)))
	}
	if len(words) > 1 {
		words = slices.DeleteFunc(words, func(w string) bool { return w == "unchanged" })
	}
	return sum(all, func(p *Part) *int64 { return p.Lag }), strings.Join(words, ", ")
}

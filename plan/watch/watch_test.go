package watch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

// watched watches a run in which a step has reset group a from 4 to 1, and calls
// one function after each reading. It returns a word for each reading: the lag, or
// "away".
func watched(t *testing.T, r *plantest.Rig, o Options, then ...func()) (string, error) {
	t.Helper()
	reader := r.Open("s a 1")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	o.Selection, o.Every = r.Sel(), time.Second
	var seen []string
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := Run(ctx, reader, o, func(p *Progress) error {
		word := "away"
		if p.Away == "" {
			word = fmt.Sprint(*p.Steps[0].Lag)
		}
		seen = append(seen, word)
		if len(seen) > len(then) {
			cancel()
			return nil
		}
		then[len(seen)-1]()
		return nil
	})
	return strings.Join(seen, " "), err
}

func nothing() {}

func TestWatch(t *testing.T) {
	read := func(r *plantest.Rig, n int64) func() {
		return func() {
			r.Service.Activate("a")
			r.Service.Commit("a", plantest.Orders(0), n, nil)
			r.Service.Commit("a", plantest.Orders(1), n, nil)
		}
	}
	for name, c := range map[string]struct {
		until Until
		then  func(*plantest.Rig) []func()
		seen  string
		fails string // contained in the error; "" = the condition is met
	}{
		"it ends when every step has caught up": {UntilCaughtUp,
			func(r *plantest.Rig) []func() { return []func(){read(r, 3), read(r, 6), nothing} }, "10 6 0", ""},
		"a verified run is settled at once": {UntilSettled, func(*plantest.Rig) []func() { return []func(){nothing} }, "10", ""},
		"without a condition it continues until interrupted": {"", func(*plantest.Rig) []func() { return []func(){nothing, nothing} }, "10 10 10",
			"context canceled"},
		"an unavailable service is waited for": {UntilCaughtUp, func(r *plantest.Rig) []func() {
			return []func(){func() { r.Service.FailRead(providers.ErrUnavailable) }, nothing, func() { r.Service.FailRead(nil) }, read(r, 6), nothing}
		}, "10 away away 10 0", ""},
		"a denial ends the watch": {UntilCaughtUp, func(r *plantest.Rig) []func() {
			return []func(){func() { r.Service.FailRead(providers.ErrDenied) }}
		}, "10", "step s: memory: call: FAULT"},
		"a commit over the reset ends the watch": {UntilCaughtUp, func(r *plantest.Rig) []func() {
			return []func(){read(r, 3), read(r, 2)}
		}, "10 6 8", "step s: another client committed over it: orders/0 went back from offset:3 to offset:2; the group is active: Stable, " +
			"client at host"},
		"without a condition the watch continues after a commit over the reset": {"", func(r *plantest.Rig) []func() {
			return []func(){read(r, 3), read(r, 2), nothing}
		}, "10 6 8 8", "context canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			r := plantest.New(t)
			seen, err := watched(t, r, Options{Until: c.until}, c.then(r)...)
			if seen != c.seen || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("read %s, ended with %v", seen, err)
			}
			if r.Service.Resets() != 1 {
				t.Error("the watch sent a reset")
			}
		})
	}
}

func TestWatchRefusesUnobservableRuns(t *testing.T) {
	r := plantest.New(t)
	reader := r.Open("s a 1")
	never := func(*Progress) error { t.Error("a reading is shown"); return nil }
	var refused *plan.Refusal
	if err := Run(t.Context(), reader, Options{Selection: r.Sel()}, never); !errors.As(err, &refused) ||
		!strings.Contains(err.Error(), "nothing to watch") {
		t.Errorf("a missing run: %v", err)
	}
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	sel := r.Sel()
	sel.Steps = []string{"other"}
	var unknown *survey.UnknownStep
	if err := Run(t.Context(), reader, Options{Selection: sel}, never); !errors.As(err, &unknown) {
		t.Errorf("a missing step: %v", err)
	}
	r.Service.FailRead(providers.ErrUnavailable)
	if err := Run(t.Context(), reader, Options{Selection: r.Sel()}, never); !errors.Is(err, providers.ErrUnavailable) {
		t.Errorf("a service that was never available: %v", err)
	}
	r.Caps.Bounds = providers.No
	if err := Run(t.Context(), r.Open("s a 1"), Options{Selection: r.Sel(), Until: UntilCaughtUp}, never); !errors.As(err, &refused) ||
		!strings.Contains(err.Error(), "does not report the positions") {
		t.Errorf("a service without boundaries: %v", err)
	}
}

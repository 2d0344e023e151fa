package providertest

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

// remedies shows that the values on which decisions depend agree with what the
// connection is, and that each restriction has a sentence for people.
func remedies(t *testing.T, b *bench) {
	_, pauser := b.conn.(providers.Pauser)
	_, lister := b.conn.(providers.Lister)
	switch {
	case b.caps.CanPause && !pauser:
		t.Error("CanPause is set, and the connection is not a Pauser")
	case !b.caps.CanPause && b.caps.Notes["idle.pause"].Remedy == "":
		t.Error(`CanPause is not set, and Notes["idle.pause"] has no remedy`)
	case b.caps.NeedsGroup && b.caps.Notes["allowNew"].Remedy == "":
		t.Error(`NeedsGroup is set, and Notes["allowNew"] has no remedy`)
	case len(b.caps.Selects) > 0 && !lister:
		t.Error("Selects is set, and the connection is not a Lister")
	}
}

// cursors shows that Capabilities.Order compares the cursors of one part: without it
// no guard could distinguish a replay from a skip.
func cursors(t *testing.T, b *bench) {
	needs(t, b.caps.Moves[providers.Cursor] == providers.PerPart && b.caps.Bounds == providers.Exact, "cursors")
	for _, p := range b.read(t).Parts {
		for _, pos := range []providers.Position{p.Low, p.High, p.Committed} {
			if n, ok := b.caps.Order.Distance(pos, pos); !ok || n != 0 {
				t.Errorf("%s: the distance from %s to itself is %d (known: %t)", p.Part, pos, n, ok)
			}
		}
		if n, ok := b.caps.Order.Distance(p.High, p.Low); !ok || n <= 0 {
			t.Errorf("%s: the distance from %s to %s is %d (known: %t)", p.Part, p.Low, p.High, n, ok)
		}
	}
}

func (b *bench) pauser(t *testing.T) providers.Pauser {
	t.Helper()
	needs(t, b.caps.CanPause, "pausing consumers")
	return b.conn.(providers.Pauser)
}

// pauses starts the consumers, which the harness leaves idle, pauses them and
// starts them again.
func pauses(t *testing.T, b *bench) {
	p := b.pauser(t)
	committed := b.Committed()
	start := func() error { return p.Start(t.Context(), b.goal, nil) }
	for _, step := range []struct {
		name string
		call func() error
		want providers.State
	}{
		{"start", start, providers.Active},
		{"pause", func() error { return p.Pause(t.Context(), b.goal) }, providers.Idle},
		{"start again", start, providers.Active},
	} {
		writes := b.Writes()
		if err := step.call(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := b.read(t).Activity; got.State != step.want {
			t.Errorf("after %s the consumers are %s (%s), not %s", step.name, got.State, got.Why, step.want)
		}
		if n := b.Writes() - writes; n != 1 {
			t.Errorf("%s was sent %d times", step.name, n)
		}
	}
	if got := b.Committed(); !reflect.DeepEqual(got, committed) {
		t.Errorf("pausing moved the group from %v to %v", committed, got)
	}
}

func pauseCancelled(t *testing.T, b *bench) {
	p := b.pauser(t)
	before, writes := b.read(t).Activity.State, b.Writes()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"pause": func() error { return p.Pause(ctx, b.goal) },
		"start": func() error { return p.Start(ctx, b.goal, nil) },
	} {
		err := call()
		if !errors.Is(err, context.Canceled) || errors.Is(err, providers.ErrInDoubt) {
			t.Fatalf("%s: got %v", name, err)
		}
		b.oneLine(t, err)
	}
	if n, after := b.Writes()-writes, b.read(t).Activity.State; n != 0 || after != before {
		t.Errorf("%d requests were sent, and the consumers are %s instead of %s", n, after, before)
	}
}

// observes shows that the sums of running consumers are those of what they have
// committed, in the order of their times.
func observes(t *testing.T, b *bench) {
	p := b.pauser(t)
	o, ok := p.(providers.Observer)
	needs(t, ok, "observing consumers")
	if err := p.Start(t.Context(), b.goal, nil); err != nil {
		t.Fatal(err)
	}
	writes := b.Writes()
	sums, err := o.Observe(t.Context(), b.goal)
	if err != nil || len(sums) == 0 {
		t.Fatalf("got %d sums, %v", len(sums), err)
	}
	if n := b.Writes() - writes; n != 0 {
		t.Errorf("observing sent %d writes", n)
	}
	var want int64
	for _, at := range b.Committed() {
		n, _ := at.Offset()
		want += n
	}
	for i, s := range sums {
		if s.At.IsZero() || s.Offset < 0 || s.Lag != nil && *s.Lag < 0 || i > 0 && s.At.Before(sums[i-1].At) {
			t.Errorf("sum %d of %d: got %+v", i, len(sums), s)
		}
	}
	if last := sums[len(sums)-1]; last.Offset != want {
		t.Errorf("the newest sum is at %d, and %d are committed", last.Offset, want)
	}
}

func (b *bench) scripter(t *testing.T) providers.Scripter {
	t.Helper()
	s, ok := b.kind.(providers.Scripter)
	needs(t, ok, "writing commands")
	return s
}

func scripts(t *testing.T, b *bench) {
	s := b.scripter(t)
	m := providers.Move{Target: b.goal, To: []providers.PartMove{b.anyMove(t)}}
	before, writes := b.Committed(), b.Writes()
	script, err := s.Script(b.config(), m)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Script(b.config(), m); err != nil || !reflect.DeepEqual(script, again) {
		t.Errorf("the same move is written as %v and as %v (%v)", script, again, err)
	}
	b.commands(t, script)
	b.restarts(t, s, m, script)
	if got := b.Committed(); !reflect.DeepEqual(got, before) || b.Writes() != writes {
		t.Error("writing commands has changed something")
	}
}

// commands checks that there are commands and that they hold no secret.
func (b *bench) commands(t *testing.T, script providers.Script) {
	t.Helper()
	text := strings.Join(append(script.First, script.Commands...), "\n")
	if len(script.Commands) == 0 {
		t.Error("there are no commands")
	}
	for _, secret := range b.Secrets {
		if strings.Contains(text, secret) {
			t.Errorf("the commands hold a secret:\n%s", text)
		}
	}
}

// restarts shows that a provider that can write a pause and a start writes the same
// move without them.
func (b *bench) restarts(t *testing.T, s providers.Scripter, m providers.Move, plain providers.Script) {
	t.Helper()
	r, ok := s.(providers.RestartScripter)
	if !ok {
		return
	}
	if got, err := r.ScriptRestart(b.config(), m, providers.Restart{}); err != nil || !reflect.DeepEqual(got, plain) {
		t.Errorf("without a restart the move is written as %v and as %v (%v)", got, plain, err)
	}
	got, err := r.ScriptRestart(b.config(), m, providers.Restart{Pauses: true, Settings: map[string]any{"setting": 77123}})
	if text := strings.Join(got.Commands, "\n"); err != nil || !strings.Contains(text, "77123") {
		t.Errorf("the start lacks a setting: %v\n%s", err, text)
	}
	b.commands(t, got)
}

// scriptsRefused shows that Script refuses what Reset refuses.
func scriptsRefused(t *testing.T, b *bench) {
	s := b.scripter(t)
	for _, m := range b.refused() {
		got, err := s.Script(b.config(), providers.Move{Target: b.goal, To: []providers.PartMove{m}})
		if !errors.Is(err, providers.ErrUnsupported) {
			t.Errorf("%s for %q is written as %q, %v", m.Position, m.Part, got.Commands, err)
		}
	}
}

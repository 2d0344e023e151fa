package providertest

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

// concurrent is judged by the race detector.
func concurrent(t *testing.T, b *bench) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if s := b.conn.Read(t.Context(), []providers.ReadRequest{{Target: b.goal}}); s[0].Err != nil {
				t.Error(s[0].Err)
			}
		})
	}
	wg.Wait()
}

func cancelled(t *testing.T, b *bench) {
	needs(t, b.Block != nil, "calls that hang")
	release := b.Block()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.conn.Read(ctx, []providers.ReadRequest{{Target: b.goal}})[0].Err }()
	if b.Hangs != nil {
		b.Hangs()
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	} else {
		b.oneLine(t, err)
	}
}

// lists shows that each selector lists the target's own name, sorted, each name once,
// and only within the names of the selectors before it.
func lists(t *testing.T, b *bench) {
	needs(t, len(b.caps.Selects) > 0, "selecting several targets")
	for i, one := range b.caps.Selects {
		within := b.within(one)
		got, err := b.conn.(providers.Lister).Names(t.Context(), one.One, within)
		own, _ := b.Target[one.One].(string)
		if err != nil || own == "" || !slices.Contains(got, own) || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("%s within %v: got %v, %v, want sorted names with %q", one.One, within, got, err, own)
		}
		if one.Key == one.One || one.Key == "" {
			t.Errorf("the selector %q replaces the key %q", one.Key, one.One)
		}
		if i == 0 {
			continue
		}
		within[b.caps.Selects[i-1].One] = "does-not-exist"
		if got, err := b.conn.(providers.Lister).Names(t.Context(), one.One, within); len(got) > 0 || err != nil && !errors.Is(err, providers.ErrNotFound) {
			t.Errorf("%s within %v: got %v, %v, want nothing or ErrNotFound", one.One, within, got, err)
		}
	}
}

// within returns the target's own names of the selectors before one.
func (b *bench) within(of providers.Selector) map[string]string { return within(b.caps, of, b.Target) }

func within(c providers.Capabilities, of providers.Selector, target map[string]any) map[string]string {
	out := map[string]string{}
	for _, one := range c.Selects {
		if one == of {
			break
		}
		out[one.One], _ = target[one.One].(string)
	}
	return out
}

// identifies connects in each of the ways that the service has and compares
// the identities.
func identifies(t *testing.T, b *bench) {
	_, ok := b.conn.(providers.Identifier)
	needs(t, ok, "an id that only the service has")
	if len(b.Ways) == 0 {
		t.Fatal("the harness has no other way to the service")
	}
	writes := b.Writes()
	for _, keys := range append(b.Ways, b.Config) {
		way := *b.Service
		way.Config = keys
		conn, err := b.kind.Connect(way.config(), b.Env)
		if err != nil {
			t.Fatal(err)
		}
		goal, err := b.kind.Target(way.config(), Keys(b.Target))
		if err != nil {
			t.Fatal(err)
		}
		same, err := conn.(providers.Identifier).Identify(t.Context(), goal)
		if err != nil {
			t.Fatal(err)
		}
		own, err := b.conn.(providers.Identifier).Identify(t.Context(), b.goal)
		if err != nil {
			t.Fatal(err)
		}
		if same.Identity() != own.Identity() || !same.Overlaps(own) || !own.Overlaps(same) {
			t.Errorf("by %v it is %s, by %v %s", keys, same.Identity(), b.Config, own.Identity())
		}
		if same.Address() != goal.Address() || goal.Identity() != goal.Address() {
			t.Errorf("the address %s becomes %s; before, the identity is %s", goal.Address(), same.Address(), goal.Identity())
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	other, err := b.conn.(providers.Identifier).Identify(t.Context(), b.target(t, b.Other))
	if own, _ := b.conn.(providers.Identifier).Identify(t.Context(), b.goal); err != nil || other.Identity() == own.Identity() || other.Overlaps(own) {
		t.Errorf("another target is %v, %v", other, err)
	}
	if n := b.Writes() - writes; n != 0 {
		t.Errorf("%d requests changed something, joined a group or sent heartbeats", n)
	}
}

func sizes(t *testing.T, b *bench) {
	sizer, ok := b.conn.(providers.Sizer)
	needs(t, ok, "reporting sizes")
	move, _ := b.back(t)
	writes := b.Writes()
	one := providers.Move{Target: b.goal, To: []providers.PartMove{move}}
	got := sizer.Size(t.Context(), []providers.SizeRequest{{Oldest: true, Move: providers.Move{Target: b.goal}}, {Oldest: true, Move: one},
		{Move: one}, {Retention: true, Move: one}})
	if len(got) != 4 || got[0].Err != nil || got[1].Err != nil || len(got[0].Parts) != 0 || len(got[1].Parts) != 1 || got[1].Parts[0].Part != move.Part {
		t.Fatalf("for no part and for %s it reports %+v", move.Part, got)
	}
	if at := got[1].Parts[0].Oldest; at.IsZero() || at.After(b.Env.Now()) {
		t.Errorf("the record at %s is reported as of %s", move.Position, at)
	}
	if got[1].Parts[0].Retention != nil || len(got[2].Parts) != 0 {
		t.Errorf("it reports more than requested: %+v", got[1:3])
	}
	for _, p := range got[3].Parts {
		if !p.Oldest.IsZero() || p.Retention == nil {
			t.Errorf("for retention it reports %+v", p)
		}
	}
	if n := b.Writes() - writes; n != 0 {
		t.Errorf("%d requests changed something, joined a group or sent heartbeats", n)
	}
}

func denied(t *testing.T, b *bench) {
	needs(t, b.Deny != nil, "denying")
	b.Deny()
	err := b.conn.Read(t.Context(), []providers.ReadRequest{{Target: b.goal}})[0].Err
	var own *providers.Error
	if !errors.Is(err, providers.ErrDenied) || !errors.As(err, &own) || own.Code == "" {
		t.Fatalf("got %v", err)
	}
	b.oneLine(t, err)
}

// unpermitted connects while the operator permits no address. A provider without a
// network contacts none.
func unpermitted(t *testing.T, b *bench) {
	var asked []string
	env := b.Env
	env.Reach = func(address string) error {
		asked = append(asked, address)
		return &providers.Error{Kind: providers.ErrForbidden, Message: address + " is not permitted"}
	}
	conn, err := b.kind.Connect(b.config(), env)
	if err == nil {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		needs(t, len(asked) > 0, "a network")
	}
	if !errors.Is(err, providers.ErrForbidden) || len(asked) == 0 {
		t.Fatalf("requested %q, got %v", asked, err)
	}
	if _, _, err := net.SplitHostPort(asked[0]); err != nil {
		t.Errorf("it asks for %q, which is not host:port", asked[0])
	}
	b.oneLine(t, err)
}

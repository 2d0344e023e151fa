package providertest

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

// back is a move of the first part to an earlier position, with the reading before
// it.
func (b *bench) back(t *testing.T) (providers.PartMove, providers.Snapshot) {
	t.Helper()
	needs(t, b.caps.Moves[providers.Offset] == providers.PerPart || b.caps.Moves[providers.Cursor] == providers.PerPart, "exact positions part by part")
	s := b.read(t)
	first := s.Parts[0]
	move := providers.PartMove{Part: first.Part, Position: first.Low, LogID: first.LogID}
	if n, ok := first.Committed.Offset(); ok {
		move.Position = providers.AtOffset(n - 1)
	}
	return move, s
}

// anyMove is back if the service supports it, or else a move of the whole target.
func (b *bench) anyMove(t *testing.T) providers.PartMove {
	t.Helper()
	for _, p := range b.whole() {
		return providers.PartMove{Position: p}
	}
	for _, p := range b.native() {
		return providers.PartMove{Part: b.read(t).Parts[0].Part, Position: p}
	}
	move, _ := b.back(t)
	return move
}

// native returns a position of each kind that the service itself resolves, part by
// part.
func (b *bench) native() []providers.Position {
	var out []providers.Position
	for _, p := range []providers.Position{providers.AtTime(b.Within), providers.At(providers.Earliest), providers.At(providers.Latest)} {
		if b.caps.Moves[p.Kind()] == providers.PerPart {
			out = append(out, p)
		}
	}
	return out
}

// whole returns a position of each kind that moves the whole target.
func (b *bench) whole() []providers.Position {
	var out []providers.Position
	for _, p := range []providers.Position{providers.AtTime(b.Within), providers.At(providers.Earliest), providers.At(providers.Latest),
		providers.At(providers.Default)} {
		if b.caps.Moves[p.Kind()] == providers.WholeTarget {
			out = append(out, p)
		}
	}
	return out
}

func resetMoves(t *testing.T, b *bench) {
	move, before := b.back(t)
	b.reset(t, move)
	want := map[providers.Part]providers.Position{}
	for _, p := range before.Parts {
		want[p.Part] = p.Committed
	}
	want[move.Part] = move.Position
	if got := b.Committed(); !reflect.DeepEqual(got, want) {
		t.Errorf("it is at %v, want %v", got, want)
	}
	only := b.conn.Read(t.Context(), []providers.ReadRequest{{Target: b.goal, Only: []providers.Part{move.Part}}})[0]
	if only.Err != nil || len(only.Parts) != 1 || only.Parts[0].Committed != move.Position {
		t.Errorf("it is read back as %+v", only)
	}
}

func resetWhole(t *testing.T, b *bench) {
	needs(t, len(b.whole()) > 0, "moves of the whole target")
	parts := b.read(t).Parts
	for _, to := range b.whole() {
		writes := b.Writes()
		b.reset(t, providers.PartMove{Position: to})
		if n := b.Writes() - writes; n != 1 {
			t.Errorf("%s: it was sent %d times", to, n)
		}
		after := b.Committed()
		for _, p := range parts {
			low, ok1 := b.caps.Order.Distance(after[p.Part], p.Low)
			high, ok2 := b.caps.Order.Distance(p.High, after[p.Part])
			right := map[providers.Kind]bool{providers.Earliest: low == 0, providers.Latest: high == 0, providers.Time: low > 0 && high > 0,
				providers.Default: true}
			if b.caps.Bounds == providers.Exact && (!ok1 || !ok2 || !right[to.Kind()]) {
				t.Errorf("%s: %s is at %s, between %s and %s", to, p.Part, after[p.Part], p.Low, p.High)
			}
		}
	}
}

// resetNative moves the first part to each position that the service resolves.
func resetNative(t *testing.T, b *bench) {
	needs(t, len(b.native()) > 0, "moves of parts to positions that the service resolves")
	for _, to := range b.native() {
		first := b.read(t, to).Parts[0]
		want, writes := b.Committed(), b.Writes()
		b.reset(t, providers.PartMove{Part: first.Part, Position: to})
		if n := b.Writes() - writes; n != 1 {
			t.Errorf("%s: it was sent %d times", to, n)
		}
		one := first.Resolution(to)
		switch to.Kind() {
		case providers.Earliest:
			one.Found = first.Low
		case providers.Latest:
			one.Found = first.High
		}
		got := b.Committed()
		if one.Found.IsZero() { // the service does not report where the time leads
			one.Found, one.UpTo = first.Low, first.High
		}
		if !leadsTo(b.caps.Order, first, one, got[first.Part]) {
			t.Errorf("%s: %s is at %s, want %s..%s", to, first.Part, got[first.Part], one.Found, one.UpTo)
		}
		want[first.Part] = got[first.Part]
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: it is at %v, want %v", to, got, want)
		}
	}
}

func resetKeeps(t *testing.T, b *bench) {
	needs(t, b.Keeps, "metadata of positions")
	move, _ := b.back(t)
	move.Metadata = map[string]string{providers.ClientMetadata: `{"v": 1} é`, "leaderEpoch": "0"}
	b.reset(t, move)
	if got := b.read(t).Parts[0].Metadata; !reflect.DeepEqual(got, move.Metadata) {
		t.Errorf("got %v, want %v", got, move.Metadata)
	}
	move.Metadata = nil
	b.reset(t, move)
	if got := b.read(t).Parts[0].Metadata; len(got) != 0 {
		t.Errorf("a reset without metadata leaves %v", got)
	}
}

func resetUnset(t *testing.T, b *bench) {
	needs(t, b.caps.Moves[providers.Unset] == providers.PerPart, "removing a commit")
	move, before := b.back(t)
	move.Position = providers.At(providers.Unset)
	b.reset(t, move)
	if _, there := b.Committed()[move.Part]; there || b.read(t).Parts[0].Committed != move.Position {
		t.Error("the commit is still there")
	}
	move.Position = before.Parts[0].Committed
	b.reset(t, move)
	if got := b.Committed()[move.Part]; got != move.Position {
		t.Errorf("it is restored to %s, not %s", got, move.Position)
	}
}

func resetUnsupported(t *testing.T, b *bench) {
	before, writes := b.Committed(), b.Writes()
	for _, m := range b.refused() {
		_, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: []providers.PartMove{m}})
		if !errors.Is(err, providers.ErrUnsupported) || errors.Is(err, providers.ErrInDoubt) {
			t.Errorf("%s for %q: got %v", m.Position, m.Part, err)
		}
	}
	if got := b.Committed(); !reflect.DeepEqual(got, before) || b.Writes() != writes {
		t.Errorf("something was written: %v", got)
	}
}

// refused returns moves that the capabilities exclude.
func (b *bench) refused() []providers.PartMove {
	part := providers.Part{}
	for p := range b.Committed() {
		part = p
	}
	out := []providers.PartMove{{Part: part, Position: providers.AtOffset(-5)}, {Part: part, Position: providers.At(providers.Unknown)}}
	for _, p := range []providers.Position{providers.AtOffset(1), providers.AtTime(b.Within), providers.AtCursor("MQ=="),
		providers.At(providers.Earliest),
		providers.At(providers.Latest), providers.At(providers.Unset), providers.At(providers.Default)} {
		if b.caps.Moves[p.Kind()] != providers.PerPart {
			out = append(out, providers.PartMove{Part: part, Position: p})
		}
		if b.caps.Moves[p.Kind()] == providers.NoGrain && len(b.whole()) > 0 {
			out = append(out, providers.PartMove{Position: p})
		}
	}
	return out
}

func resetDisturbed(t *testing.T, b *bench) {
	needs(t, b.Disturb != nil && b.caps.Needs != providers.UnknownState, "consumers in the wrong state")
	move := b.anyMove(t)
	b.Disturb()
	before := b.Committed()
	if s := b.read(t).Activity; b.caps.Activity == providers.Exact &&
		(s.State == b.caps.Needs || s.Why == "" || s.State == providers.Active && len(s.Members) == 0) {
		t.Errorf("the consumers are reported as %+v", s)
	}
	_, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: []providers.PartMove{move}})
	switch {
	case b.Silent && err != nil, !b.Silent && !errors.Is(err, providers.ErrPrecondition), errors.Is(err, providers.ErrInDoubt):
		t.Fatalf("got %v", err)
	case err != nil:
		b.oneLine(t, err)
	}
	if got := b.Committed(); !reflect.DeepEqual(got, before) {
		t.Errorf("the positions were %v and are %v", before, got)
	}
}

func resetLost(t *testing.T, b *bench) {
	needs(t, b.LoseAnswer != nil, "losing an answer")
	move := b.anyMove(t)
	before := b.Committed()
	b.LoseAnswer()
	writes := b.Writes()
	_, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: []providers.PartMove{move}})
	if !errors.Is(err, providers.ErrInDoubt) {
		t.Fatalf("got %v", err)
	}
	b.oneLine(t, err)
	if n := b.Writes() - writes; n != 1 {
		t.Errorf("it was sent %d times", n)
	}
	if got := b.Committed(); reflect.DeepEqual(got, before) {
		t.Errorf("it is at %v: the service should have applied it", got)
	}
}

func resetThrottled(t *testing.T, b *bench) {
	needs(t, b.Throttle != nil, "throttling")
	move := b.anyMove(t)
	b.Throttle()
	before := b.Committed()
	_, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: []providers.PartMove{move}})
	if !errors.Is(err, providers.ErrThrottled) || errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("got %v", err)
	}
	if got := b.Committed(); !reflect.DeepEqual(got, before) {
		t.Errorf("the positions were %v and are %v", before, got)
	}
}

func resetCancelled(t *testing.T, b *bench) {
	move := b.anyMove(t)
	before := b.Committed()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.conn.Reset(ctx, providers.Move{Target: b.goal, To: []providers.PartMove{move}})
	if !errors.Is(err, context.Canceled) || errors.Is(err, providers.ErrInDoubt) {
		t.Fatalf("got %v", err)
	}
	b.oneLine(t, err)
	if got := b.Committed(); !reflect.DeepEqual(got, before) {
		t.Errorf("the positions were %v and are %v", before, got)
	}
}

func recreated(t *testing.T, b *bench) {
	needs(t, b.Recreate != nil, "re-creating a topic")
	move, before := b.back(t)
	needs(t, before.Parts[0].LogID != "", "the identity of a log")
	b.Recreate()
	if _, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: []providers.PartMove{move}}); !errors.Is(err, providers.ErrNotFound) {
		t.Errorf("a move planned for the old log got %v", err)
	}
	if got, there := b.Committed()[move.Part]; there {
		t.Errorf("it was committed at %s on the new log", got)
	}
}

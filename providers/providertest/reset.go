package providertest

import (
	"errors"
	"reflect"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

// back is a move of the first part, two positions back.
func (b *bench) back(t *testing.T) (providers.PartMove, providers.Snapshot) {
	t.Helper()
	needs(t, b.exact(), "offsets part by part")
	s := b.read(t)
	n, _ := s.Parts[0].Committed.Offset()
	return providers.PartMove{Part: s.Parts[0].Part, Position: providers.AtOffset(n - 2), LogID: s.Parts[0].LogID}, s
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
		t.Errorf("it stands at %v, want %v", got, want)
	}
	only := b.conn.Read(t.Context(), []providers.ReadRequest{{Target: b.goal, Only: []providers.Part{move.Part}}})[0]
	if only.Err != nil || len(only.Parts) != 1 || only.Parts[0].Committed != move.Position {
		t.Errorf("it is read back as %+v", only)
	}
}

func resetKeeps(t *testing.T, b *bench) {
	move, _ := b.back(t)
	needs(t, b.caps.Undo == providers.Exact, "an exact undo")
	move.Kept = map[string]string{"metadata": `{"v": 1} é`, "leaderEpoch": "0"}
	b.reset(t, move)
	if got := b.read(t).Parts[0].Kept; !reflect.DeepEqual(got, move.Kept) {
		t.Errorf("got %v, want %v", got, move.Kept)
	}
	move.Kept = nil
	b.reset(t, move)
	if got := b.read(t).Parts[0].Kept; len(got) != 0 {
		t.Errorf("a reset without anything to keep leaves %v", got)
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
		t.Errorf("it is put back at %s, not %s", got, move.Position)
	}
}

func resetUnsupported(t *testing.T, b *bench) {
	before, writes := b.Committed(), b.Writes()
	part := b.read(t).Parts[0].Part
	for _, p := range []providers.Position{providers.AtTime(b.Within), providers.AtCursor("MQ=="), providers.At(providers.Default), providers.At(providers.Unknown), providers.AtOffset(-5)} {
		if b.caps.Moves[p.Kind()] != providers.NoGrain && p != providers.AtOffset(-5) || p == providers.AtOffset(-5) && b.kind.Type() == "memory" {
			continue
		}
		_, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: []providers.PartMove{{Part: part, Position: p}}})
		if !errors.Is(err, providers.ErrUnsupported) {
			t.Errorf("%s: got %v", p, err)
		}
	}
	if got := b.Committed(); !reflect.DeepEqual(got, before) || b.Writes() != writes {
		t.Errorf("something was written: %v", got)
	}
}

func resetDisturbed(t *testing.T, b *bench) {
	needs(t, b.Disturb != nil && b.caps.Needs != providers.UnknownState, "consumers in the wrong state")
	move, _ := b.back(t)
	b.Disturb()
	before := b.Committed()
	if s := b.read(t).Activity; b.caps.Activity == providers.Exact && (s.State == b.caps.Needs || s.Why == "" || len(s.Members) == 0) {
		t.Errorf("the consumers are told as %+v", s)
	}
	_, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: []providers.PartMove{move}})
	if !errors.Is(err, providers.ErrPrecondition) || errors.Is(err, providers.ErrInDoubt) {
		t.Fatalf("got %v", err)
	}
	oneLine(t, err)
	if got := b.Committed(); !reflect.DeepEqual(got, before) {
		t.Errorf("it stood at %v and stands at %v", before, got)
	}
}

func resetLost(t *testing.T, b *bench) {
	needs(t, b.LoseAnswer != nil, "losing an answer")
	move, _ := b.back(t)
	b.LoseAnswer()
	writes := b.Writes()
	_, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: []providers.PartMove{move}})
	if !errors.Is(err, providers.ErrInDoubt) {
		t.Fatalf("got %v", err)
	}
	oneLine(t, err)
	if n := b.Writes() - writes; n != 1 {
		t.Errorf("it was sent %d times", n)
	}
	if got := b.Committed()[move.Part]; got != move.Position {
		t.Errorf("it stands at %s: the service was to carry it out", got)
	}
}

func resetThrottled(t *testing.T, b *bench) {
	needs(t, b.Throttle != nil, "throttling")
	move, _ := b.back(t)
	b.Throttle()
	before := b.Committed()
	_, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: []providers.PartMove{move}})
	if !errors.Is(err, providers.ErrThrottled) || errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("got %v", err)
	}
	if got := b.Committed(); !reflect.DeepEqual(got, before) {
		t.Errorf("it stood at %v and stands at %v", before, got)
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
	oneLine(t, err)
}

func recreated(t *testing.T, b *bench) {
	needs(t, b.Recreate != nil, "making a topic again")
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

package storetest

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

func secondHolder(t *testing.T, p Place) {
	h := p.started(t)
	appendAll(t, h, 1)
	var busy *store.HeldError
	if _, err := p.Open().Hold(t.Context(), store.Owner{Name: "bob@home"}); !errors.As(err, &busy) || busy.Holder != owner.Name ||
		!busy.Since.Equal(owner.Since) {
		t.Errorf("got %v", err)
	}
	appendAll(t, h, 2)
	p.want(t, "none p 1 2", "after the attempt")
	check(t, h.Release(t.Context(), false))
	check(t, p.hold(t).Release(t.Context(), false))
}

func holderIsShown(t *testing.T, p Place) {
	for _, end := range []func(store.Hold){p.Crash, func(h store.Hold) { check(t, h.Release(t.Context(), true)) }} {
		h := p.started(t)
		by, err := p.Open().Holder(t.Context())
		if err != nil || by == nil || by.Holder != owner.Name || !strings.Contains(by.Error(), "2026-11-20T03:00:00Z") {
			t.Errorf("the holder is %v, %v", by, err)
		}
		end(h)
		if by, err := p.Open().Holder(t.Context()); by != nil || err != nil {
			t.Errorf("afterwards the holder is %v, %v", by, err)
		}
	}
}

func holdersTakeTurns(t *testing.T, p Place) {
	var holders, recorded atomic.Int32
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 20 {
				h, err := p.Open().Hold(t.Context(), owner)
				var busy *store.HeldError
				if errors.As(err, &busy) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if holders.Add(1) != 1 {
					t.Error("two processes hold the lock")
				}
				c, err := h.Read(t.Context())
				text := strings.Repeat("x", len(c.Text)+1)
				err = errors.Join(err, h.Start(t.Context(), "p"), h.Append(t.Context(), record(1)), replace(t.Context(), h, text))
				holders.Add(-1)
				if err = errors.Join(err, h.Release(t.Context(), true)); err != nil {
					t.Error(err)
				}
				recorded.Add(1)
			}
		})
	}
	wg.Wait()
	c, err := p.Open().Read(t.Context())
	if err != nil || len(c.Text) != int(recorded.Load()) || recorded.Load() == 0 {
		t.Errorf("%d of %d holds are in the text: %v", len(c.Text), recorded.Load(), err)
	}
}

func lostHold(t *testing.T, p Place) {
	if p.Lose == nil {
		return // this store has no lease
	}
	h := p.started(t)
	appendAll(t, h, 1)
	p.Lose(h)
	next := p.hold(t)
	c, err := next.Read(t.Context())
	if err != nil || describe(c) != "none p 1" {
		t.Errorf("the next holder finds %s, %v", describe(c), err)
	}
	check(t, replace(t.Context(), next, "text 1"))
	check(t, next.Start(t.Context(), "p"))
	for name, err := range map[string]error{
		"a record":        h.Append(t.Context(), record(2)),
		"a text":          replace(t.Context(), h, "other"),
		"a start":         h.Start(t.Context(), "other"),
		"another record":  h.Append(t.Context(), record(3)),
		"a release of it": h.Release(t.Context(), true),
	} {
		var lost *store.LostError
		if !errors.As(err, &lost) {
			t.Errorf("%s of a lost hold: %v", name, err)
		}
	}
	appendAll(t, next, 4)
	p.want(t, `"text 1" p 4`, "after the writes of a lost hold")
	check(t, next.Release(t.Context(), false))
}

package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/objects/drivers"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
	"github.com/resetplan/resetplan/plan/lock/internal/store/storetest"
)

func TestObjectStoresConform(t *testing.T) {
	for name, location := range kinds {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Place {
				w, open := newShifted(t, location(t))
				return storetest.Place{Open: func() store.Store { return open() }, Crash: w.end, Lose: w.end}
			})
		})
	}
}

// TestAnOldNumberCannotBeUsedAgain suspends a holder until its next number was written
// and deleted by others: its record can be created, and does not count.
func TestAnOldNumberCannotBeUsedAgain(t *testing.T) {
	w, open := memory(t)
	asleep := held(t, open())
	w.end(asleep)
	for range 3 {
		next := held(t, open())
		check(t, next.Append(t.Context(), one))
		check(t, next.Replace(t.Context(), func(out io.Writer) error { _, err := io.WriteString(out, "text"); return err }))
		check(t, next.Release(t.Context(), true))
	}
	var lost *store.LostError
	if err := asleep.Append(t.Context(), one); !errors.As(err, &lost) || lost.By != "" {
		t.Errorf("got %v", err)
	}
	if _, _, err := asleep.Sending(t.Context()); !errors.As(err, &lost) {
		t.Errorf("got %v", err)
	}
	c, err := open().Read(t.Context())
	if err != nil || string(c.Text) != "text" || c.Journal != nil {
		t.Errorf("a reader finds %q, %v, %v", c.Text, c.Journal, err)
	}
	check(t, held(t, open()).Release(t.Context(), true))
	if all := keys(t, w); len(all) != 2 {
		t.Errorf("these objects are left: %v", all)
	}
}

// TestEveryLostAnswerIsFoundOut loses the answer of each request in turn, and lets
// another request before it fail.
func TestEveryLostAnswerIsFoundOut(t *testing.T) {
	for _, early := range []bool{false, true} {
		for at := 1; ; at++ {
			w, open := memory(t)
			var mu sync.Mutex // requests of a sweep run at the same time
			calls, failed := 0, false
			fail := func(string, string) error {
				mu.Lock()
				defer mu.Unlock()
				if calls++; calls == at {
					failed = true
					return errors.New("no answer")
				}
				return nil
			}
			w.mu.Lock()
			if early {
				w.before = fail
			} else {
				w.after = fail
			}
			w.mu.Unlock()
			s := open()
			s.wait = func(ctx context.Context, d time.Duration) error {
				if d < time.Second {
					return ctx.Err()
				}
				return sleep(ctx, d)
			}
			h := held(t, s)
			check(t, h.Append(t.Context(), one))
			check(t, h.Replace(t.Context(), func(out io.Writer) error { _, err := io.WriteString(out, "text"); return err }))
			check(t, h.Append(t.Context(), one))
			check(t, h.Release(t.Context(), false))
			w.mu.Lock()
			w.before, w.after = nil, nil
			w.mu.Unlock()
			c, err := open().Read(t.Context())
			if err != nil || string(c.Text) != "text" || c.Journal == nil || len(c.Journal.Records) != 1 {
				t.Errorf("request %d: a reader finds %q, %v, %v", at, c.Text, c.Journal, err)
			}
			mu.Lock()
			ended := !failed
			mu.Unlock()
			if ended {
				if at < 15 {
					t.Errorf("only %d requests", at)
				}
				break
			}
		}
	}
}

// TestAStoreWithoutConditionalWritesIsRefused overwrites what should only be created.
func TestAStoreWithoutConditionalWritesIsRefused(t *testing.T) {
	w, open := memory(t)
	w.before = func(verb, key string) error {
		if verb == "create" {
			return w.Bucket.Delete(t.Context(), key)
		}
		return nil
	}
	if _, err := open().Hold(t.Context(), owner); err == nil || !strings.Contains(err.Error(), "If-None-Match") {
		t.Errorf("got %v", err)
	}
	if all := keys(t, w); len(all) != 0 {
		t.Errorf("these objects are left: %v", all)
	}
}

// TestAStoreThatCannotBeWrittenIsRefused denies each kind of request.
func TestAStoreThatCannotBeWrittenIsRefused(t *testing.T) {
	for _, denied := range []string{"create", "list", "delete"} {
		w, open := memory(t)
		w.before = func(verb, _ string) error {
			if verb == denied {
				return fmt.Errorf("%w: AccessDenied", drivers.ErrPermanent)
			}
			return nil
		}
		if _, err := open().Hold(t.Context(), owner); err == nil || !strings.Contains(err.Error(), "AccessDenied") ||
			!strings.Contains(err.Error(), "/locks/p") {
			t.Errorf("%s: got %v", denied, err)
		}
	}
}

// TestOnlyTheClockOfTheStoreDecides has machines whose clocks are wrong by an hour or a
// day, as holders and as others.
func TestOnlyTheClockOfTheStoreDecides(t *testing.T) {
	for _, holder := range []time.Duration{0, -time.Hour, time.Hour} {
		for _, other := range []time.Duration{-24 * time.Hour, -time.Hour, 0, time.Hour, 24 * time.Hour} {
			w, open := memory(t)
			wrong := func(by time.Duration) *Store {
				s := open()
				s.now = func() time.Time { return time.Now().Add(w.passed() + by) }
				return s
			}
			h := held(t, wrong(holder))
			check(t, h.Append(t.Context(), one))
			var busy *store.HeldError
			if _, err := wrong(other).Hold(t.Context(), owner); !errors.As(err, &busy) || busy.Lease != defaultLease {
				t.Errorf("%s and %s: got %v", holder, other, err)
			}
			if by, err := wrong(other).Holder(t.Context()); by == nil || err != nil {
				t.Errorf("%s and %s: the holder is %v, %v", holder, other, by, err)
			}
			_, free, err := h.Sending(t.Context())
			check(t, err)
			free()
			w.end(h)
			if by, err := wrong(other).Holder(t.Context()); by != nil || err != nil {
				t.Errorf("%s and %s: after the lease the holder is %v, %v", holder, other, by, err)
			}
			next, err := wrong(other).Hold(t.Context(), owner)
			check(t, err)
			var lost *store.LostError
			if _, _, err := h.Sending(t.Context()); !errors.As(err, &lost) {
				t.Errorf("%s and %s: the first holder may send: %v", holder, other, err)
			}
			check(t, next.Release(t.Context(), true))
		}
	}
}

// TestAHoldIsRenewed waits longer than a lease.
func TestAHoldIsRenewed(t *testing.T) {
	_, open := memory(t)
	s := open()
	s.lease = 900 * time.Millisecond
	h := held(t, s)
	for range 200 {
		check(t, sleep(t.Context(), 30*time.Millisecond))
		h.writing.Lock()
		last := h.last
		h.writing.Unlock()
		if last.Kind != started && last.Kind != renewed {
			t.Fatalf("the newest record is %q", last.Kind)
		}
		if last.Number > 6 {
			break
		}
	}
	c, err := open().Read(t.Context())
	if err != nil || c.Journal == nil || len(c.Journal.Records) != 0 {
		t.Errorf("%+v, %v", c, err)
	}
	ctx, cancel, err := h.Sending(t.Context())
	check(t, err)
	if ctx.Err() != nil {
		t.Error("a request may not be sent although the lease was renewed")
	}
	cancel()
	check(t, h.Release(t.Context(), true))
}

// TestSendingEndsWithTheLease stops the renewals of a hold while a request is under way.
func TestSendingEndsWithTheLease(t *testing.T) {
	w, open := memory(t)
	s := open()
	s.wait = func(ctx context.Context, d time.Duration) error { return sleep(ctx, min(d, time.Millisecond)) }
	h := held(t, s)
	ctx, cancel, err := h.Sending(t.Context())
	check(t, err)
	defer cancel()
	w.end(h)
	<-ctx.Done()
	var lost *store.LostError
	if !errors.As(context.Cause(ctx), &lost) {
		t.Errorf("got %v", context.Cause(ctx))
	}
	again, cancel, err := h.Sending(t.Context()) // no other holder has the lock: it is renewed
	check(t, err)
	check(t, again.Err())
	cancel()
	check(t, h.Release(t.Context(), true))
}

// TestDamagedRecordsAreRefused changes, replaces and deletes records.
func TestDamagedRecordsAreRefused(t *testing.T) {
	for name, change := range map[string]func(body string) string{
		"is damaged":                       func(body string) string { return strings.Replace(body, `{"n":1}`, `{"n":2}`, 1) },
		"has version 9":                    func(body string) string { return strings.Replace(body, `"version":1`, `"version":9`, 1) },
		"a record of this lock is missing": func(string) string { return "" },
	} {
		w, open := memory(t)
		h := held(t, open())
		check(t, h.Append(t.Context(), one))
		k := h.prefix + key(h.last.Number)
		check(t, h.Append(t.Context(), one))
		check(t, h.Release(t.Context(), false))
		body, err := w.Bucket.Read(t.Context(), k, maxObject)
		check(t, err)
		check(t, w.Bucket.Delete(t.Context(), k))
		if changed := change(string(body)); changed != "" {
			check(t, w.Bucket.Create(t.Context(), k, []byte(changed)))
		}
		if _, err := open().Read(t.Context()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

// TestObjectsStayBounded applies many times, and nothing every other time.
func TestObjectsStayBounded(t *testing.T) {
	w, open := memory(t)
	for i := range 50 {
		h := held(t, open())
		if i%2 == 0 {
			check(t, h.Append(t.Context(), one))
			check(t, h.Replace(t.Context(), func(out io.Writer) error { _, err := fmt.Fprint(out, i); return err }))
		}
		if i%5 == 0 {
			w.end(h)
			continue
		}
		check(t, h.Release(t.Context(), true))
	}
	if all := keys(t, w); len(all) > 12 {
		t.Errorf("%d objects are left: %v", len(all), all)
	}
	check(t, held(t, open()).Release(t.Context(), true))
	if all := keys(t, w); len(all) != 2 {
		t.Errorf("%d objects are left: %v", len(all), all)
	}
}

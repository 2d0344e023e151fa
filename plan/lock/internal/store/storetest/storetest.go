// Package storetest is the conformance suite of stores: every store passes it.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// A Place is where a lock can be kept, empty at first.
type Place struct {
	// Open returns the store of the one lock of the place, as another process does:
	// two of them share nothing but the place.
	Open func() store.Store
	// Crash ends a hold as the end of its process does: it releases nothing itself, but
	// another holder can acquire the lock afterwards.
	Crash func(store.Hold)
	// Lose makes a hold lose the lock without its knowledge, as a suspension longer than
	// its lease does; nil = holds of this store end only with their process.
	Lose func(store.Hold)
}

var owner = store.Owner{Name: "alice@build-7 (pid 4711)", Since: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)}

// Run runs the suite; place makes a new place for each test.
func Run(t *testing.T, place func(*testing.T) Place) {
	for name, test := range map[string]func(*testing.T, Place){
		"an empty place":                  emptyPlace,
		"records are durable":             recordsAreDurable,
		"records of goroutines":           recordsOfGoroutines,
		"the text is replaced as a whole": textIsReplaced,
		"an interrupted replacement":      interruptedReplacement,
		"a release without folding":       releaseWithoutFolding,
		"a hold that was not started":     holdNotStarted,
		"a second holder":                 secondHolder,
		"the holder is shown":             holderIsShown,
		"holders take turns":              holdersTakeTurns,
		"a reader during applies":         readerDuringApplies,
		"a lost hold writes nothing":      lostHold,
		"records with text of every kind": anyText,
		"a large text":                    largeText,
		"several crashes":                 crashAfterCrash,
		"a deferred record":               deferredRecord,
	} {
		t.Run(name, func(t *testing.T) { test(t, place(t)) })
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (p Place) hold(t *testing.T) store.Hold {
	t.Helper()
	h, err := p.Open().Hold(t.Context(), owner)
	check(t, err)
	return h
}

// started holds the lock and starts a journal.
func (p Place) started(t *testing.T) store.Hold {
	t.Helper()
	h := p.hold(t)
	check(t, h.Start(t.Context(), "p"))
	return h
}

func record(n int) store.Entry {
	return store.Entry{Value: fmt.Appendf(nil, `{"n":%d}`, n), Subject: fmt.Sprint("s", n)}
}

func appendAll(t *testing.T, h store.Hold, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		check(t, h.Append(t.Context(), record(n)))
	}
}

func replace(ctx context.Context, h store.Hold, text string) error {
	return h.Replace(ctx, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// found describes what a reader gets: the text, the plan and the numbers of the records.
func (p Place) found(t *testing.T) string {
	t.Helper()
	c, err := p.Open().Read(t.Context())
	check(t, err)
	return describe(c)
}

func describe(c store.Content) string {
	out := fmt.Sprintf("%q", c.Text)
	if c.Text == nil {
		out = "none"
	}
	if c.Journal == nil {
		return out
	}
	out += " " + c.Journal.Plan
	for _, r := range c.Journal.Records {
		_, number, _ := strings.Cut(string(r.Value), `"n":`)
		out += " " + strings.TrimSuffix(number, "}")
	}
	return out
}

func (p Place) want(t *testing.T, want, when string) {
	t.Helper()
	if got := p.found(t); got != want {
		t.Errorf("%s a reader finds %s, want %s", when, got, want)
	}
}

func emptyPlace(t *testing.T, p Place) {
	p.want(t, "none", "at first")
	if by, err := p.Open().Holder(t.Context()); by != nil || err != nil {
		t.Errorf("the holder is %v, %v", by, err)
	}
	if p.Open().Name() == "" {
		t.Error("the store has no name")
	}
	h := p.hold(t)
	c, err := h.Read(t.Context())
	if err != nil || c.Text != nil || c.Journal != nil {
		t.Errorf("its holder finds %+v, %v", c, err)
	}
	check(t, h.Release(t.Context(), true))
	p.want(t, "none", "after a hold")
}

func recordsAreDurable(t *testing.T, p Place) {
	h := p.started(t)
	p.want(t, "none p", "after the start")
	appendAll(t, h, 1, 2)
	p.want(t, "none p 1 2", "during the apply")
	p.Crash(h)
	p.want(t, "none p 1 2", "after a crash")
	h = p.hold(t)
	c, err := h.Read(t.Context())
	if err != nil || describe(c) != "none p 1 2" {
		t.Errorf("the next holder finds %s, %v", describe(c), err)
	}
	check(t, replace(t.Context(), h, "text 1 2"))
	check(t, h.Start(t.Context(), "q"))
	p.want(t, `"text 1 2" q`, "after they were folded")
	appendAll(t, h, 3)
	p.want(t, `"text 1 2" q 3`, "after another record")
	check(t, replace(t.Context(), h, "text 1 2 3"))
	check(t, h.Release(t.Context(), true))
	p.want(t, `"text 1 2 3"`, "at the end")
}

func recordsOfGoroutines(t *testing.T, p Place) {
	h := p.started(t)
	const each = 25
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range each {
				if err := h.Append(t.Context(), record(g*each+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	p.Crash(h)
	c, err := p.Open().Read(t.Context())
	check(t, err)
	last := map[int]int{}
	for _, r := range c.Journal.Records {
		var n int
		_, number, _ := strings.Cut(string(r.Value), `"n":`)
		if _, err := fmt.Sscan(strings.TrimSuffix(number, "}"), &n); err != nil {
			t.Fatalf("%s: %v", r.Value, err)
		}
		if n%each != last[n/each] {
			t.Fatalf("record %d is not after %d", n, last[n/each])
		}
		last[n/each]++
	}
	if len(c.Journal.Records) != 8*each {
		t.Errorf("%d records are found", len(c.Journal.Records))
	}
}

func textIsReplaced(t *testing.T, p Place) {
	h := p.started(t)
	check(t, replace(t.Context(), h, "old"))
	failed := errors.New("no more text")
	err := h.Replace(t.Context(), func(w io.Writer) error {
		_, err := io.WriteString(w, "half of the new")
		return errors.Join(err, failed)
	})
	if !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	p.want(t, `"old" p`, "after a failed replacement")
	check(t, replace(t.Context(), h, ""))
	check(t, replace(t.Context(), h, "new"))
	check(t, h.Release(t.Context(), true))
	p.want(t, `"new"`, "at the end")
}

func interruptedReplacement(t *testing.T, p Place) {
	h := p.started(t)
	appendAll(t, h, 1)
	check(t, replace(t.Context(), h, "text 1"))
	p.Crash(h)
	if got := p.found(t); got != `"text 1"` && got != `"text 1" p` && got != `"text 1" p 1` {
		t.Errorf("a reader finds %s", got)
	}
	h = p.started(t)
	appendAll(t, h, 2)
	p.want(t, `"text 1" p 2`, "in the next apply")
	check(t, h.Release(t.Context(), false))
}

func releaseWithoutFolding(t *testing.T, p Place) {
	h := p.started(t)
	appendAll(t, h, 1)
	check(t, h.Release(t.Context(), false))
	p.want(t, "none p 1", "after the release")
	h = p.hold(t)
	check(t, h.Release(t.Context(), false))
	p.want(t, "none p 1", "after another hold that ended before its start")
}

func holdNotStarted(t *testing.T, p Place) {
	check(t, p.hold(t).Release(t.Context(), false))
	p.want(t, "none", "after it")
	p.Crash(p.hold(t))
	if got := p.found(t); got != "none" {
		t.Errorf("after its crash a reader finds %s", got)
	}
	check(t, p.started(t).Release(t.Context(), true))
	p.want(t, "none", "after an apply without records")
}

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

// readerDuringApplies reads while applies start and end: a durable record is never
// missing.
func readerDuringApplies(t *testing.T, p Place) {
	var durable atomic.Int32
	var wg sync.WaitGroup
	wg.Go(func() {
		defer durable.Store(-1)
		for n := 1; n <= 30; n++ {
			h, err := p.Open().Hold(t.Context(), owner)
			if err == nil {
				err = errors.Join(h.Start(t.Context(), "p"), h.Append(t.Context(), record(n)))
				durable.Store(int32(n))
				err = errors.Join(err, replace(t.Context(), h, fmt.Sprint(n)), h.Release(t.Context(), true))
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for {
		before := durable.Load()
		if before < 0 {
			break
		}
		c, err := p.Open().Read(t.Context())
		if err != nil {
			t.Error(err)
			break
		}
		newest := 0
		_, _ = fmt.Sscan(string(c.Text), &newest)
		if c.Journal != nil {
			for _, r := range c.Journal.Records {
				n := 0
				_, number, _ := strings.Cut(string(r.Value), `"n":`)
				_, _ = fmt.Sscan(strings.TrimSuffix(number, "}"), &n)
				newest = max(newest, n)
			}
		}
		if newest < int(before) {
			t.Errorf("record %d is missing: a reader finds %s", before, describe(c))
			break
		}
	}
	wg.Wait()
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

func anyText(t *testing.T, p Place) {
	h := p.started(t)
	values := []string{`{"n":1,"t":"` + strings.Repeat("long ", 100_000) + `"}`, `{"n":2,"t":"é\u2028\n\\"}`, `{"n":3,"t":"` + "\u2028\u202e" + `"}`}
	for _, v := range values {
		check(t, h.Append(t.Context(), store.Entry{Value: []byte(v), Subject: "s", Reserve: true}))
	}
	p.Crash(h)
	c, err := p.Open().Read(t.Context())
	check(t, err)
	for i, r := range c.Journal.Records {
		value := string(r.Value)
		if rest, ok := strings.CutPrefix(value, `{"saved":`); ok {
			_, rest, _ = strings.Cut(rest, ",")
			value = "{" + rest
		}
		if i >= len(values) || value != values[i] || r.File == "" {
			t.Errorf("record %d is %.80s", i, value)
		}
	}
	if len(c.Journal.Records) != len(values) {
		t.Errorf("%d records are found", len(c.Journal.Records))
	}
}

func largeText(t *testing.T, p Place) {
	h := p.started(t)
	line := []byte(strings.Repeat("0123456789abcde", 4) + "\n")
	check(t, h.Replace(t.Context(), func(w io.Writer) error {
		var err error
		for range 100_000 {
			_, failed := w.Write(line)
			err = errors.Join(err, failed)
		}
		return err
	}))
	check(t, h.Release(t.Context(), true))
	c, err := p.Open().Read(t.Context())
	if err != nil || !slices.Equal(c.Text, slices.Repeat(line, 100_000)) {
		t.Errorf("%d bytes are read, %v", len(c.Text), err)
	}
}

func crashAfterCrash(t *testing.T, p Place) {
	h := p.started(t)
	appendAll(t, h, 1)
	p.Crash(h)
	p.Crash(p.hold(t)) // before its start
	p.want(t, "none p 1", "after two crashes")
	h = p.hold(t)
	check(t, replace(t.Context(), h, "text 1"))
	p.Crash(h) // after the text was replaced
	h = p.started(t)
	appendAll(t, h, 2)
	p.Crash(h)
	p.want(t, `"text 1" p 2`, "after four crashes")
}

func deferredRecord(t *testing.T, p Place) {
	later := func(n int) store.Entry {
		e := record(n)
		e.Deferred = true
		return e
	}
	h := p.started(t)
	check(t, h.Append(t.Context(), later(1)))
	appendAll(t, h, 2)
	check(t, h.Append(t.Context(), later(3)))
	if got := p.found(t); got != "none p 1 2" && got != "none p 1 2 3" {
		t.Errorf("a reader finds %s", got)
	}
	check(t, h.Release(t.Context(), false))
	p.want(t, "none p 1 2 3", "after a release that keeps the journal")
}

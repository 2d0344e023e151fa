package storetest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

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

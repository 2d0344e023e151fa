// Package storetest is the conformance suite of stores: every store passes it.
package storetest

import (
	"context"
	"fmt"
	"io"
	"strings"
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

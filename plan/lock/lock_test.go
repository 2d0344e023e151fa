package lock

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

var at = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)

func clock() time.Time { return at }

func open(t *testing.T, path string) *Held {
	t.Helper()
	h, err := Open(t.Context(), path, Options{Plan: "p", Holder: "alice@build-7", Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// step is a step with two parts; the first had commit metadata.
func step(n int, o Outcome) Step {
	return Step{ID: fmt.Sprintf("s%d", n), Digest: digestOf(n), Address: "memory:g/t", Outcome: o, At: AtTime(at), Parts: []Part{
		{Part: providers.Part{Topic: "t", Number: 0}, Before: providers.AtOffset(1200), After: providers.AtOffset(800), Seen: providers.AtOffset(800),
			Metadata: map[string]string{"metadata": "x: {y}"}, LogID: "id"},
		{Part: providers.Part{Topic: "t", Number: 1}, Before: providers.At(providers.Unset), After: providers.AtOffset(0), Error: "REFUSED: \"why\""},
	}}
}

func begun(o RunOutcome) Run {
	params := schema.Values{"n": int64(9007199254740993), "s": "2026-11-18T00:00:00Z"}
	return Run{Document: digestOf(7), Params: params, By: "alice@build-7", Started: AtTime(at), Outcome: o}
}

func TestRecordsAreReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunInterrupted)))
	check(t, h.Record("once", step(1, InDoubt)))
	check(t, h.Record("once", step(1, Verified)))
	undone := step(2, Undone)
	undone.Undo = &Undo{Outcome: Verified, By: "bob@home", At: AtTime(at), Parts: step(2, Applied).Parts[:1]}
	check(t, h.Record("once", undone))
	check(t, h.Finish("once", RunApplied, at))
	want := loaded(h.File())
	check(t, h.Close(20))
	got, err := Read(t.Context(), path)
	check(t, err)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got.Runs["once"], want.Runs["once"])
	}
	if _, err := os.Stat(JournalPath(path)); !os.IsNotExist(err) {
		t.Error("the journal was not removed")
	}
	first, err := os.ReadFile(path)
	check(t, err)
	if !bytes.HasPrefix(first, []byte("# Written by resetplan; `resetplan lock` reads and settles it.\nversion: 1\n")) {
		t.Errorf("the lock starts with %.80s", first)
	}
	again := marshal(got)
	if !bytes.Equal(first, again) {
		t.Errorf("the same content has two texts:\n%s\n%s", first, again)
	}
}

func TestAnApplyWithoutRecordsDoesNotChangeTheLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	check(t, open(t, path).Close(20))
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error("a lock was written")
	}
}

func TestAForeignLockIsAnError(t *testing.T) {
	for name, text := range map[string]string{
		"from the future": "version: 2\nplan: p\nruns: {}\n",
		"truncated":       "version: 1\nplan: p\nruns: {once: {",
		"another file":    "hello: world\n",
		"a wrong outcome": "version: 1\nplan: p\nruns: {once: {document: '" + digestOf(0) +
			"', by: a, started: 2026-11-20T03:00:00Z, outcome: perhaps, steps: []}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p.lock.yaml")
			check(t, os.WriteFile(path, []byte(text), 0o644))
			var errs diag.Errors
			if _, err := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock}); !errors.As(err, &errs) {
				t.Errorf("got %v", err)
			}
			if raw, err := os.ReadFile(path); err != nil || string(raw) != text {
				t.Errorf("it was changed to %s", raw)
			}
		})
	}
}

func TestOnlyTheNewestRunsKeepTheirParts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	for n := range 5 {
		run := begun(RunInterrupted)
		run.Started = AtTime(at.AddDate(0, 0, n))
		key := fmt.Sprintf("day-%d", n)
		check(t, h.Begin(key, run))
		outcome := Verified
		if n == 0 {
			outcome = InDoubt
		}
		check(t, h.Record(key, step(1, outcome)))
	}
	check(t, h.Close(2))
	f, err := Read(t.Context(), path)
	check(t, err)
	for n, want := range []bool{true, false, false, true, true} { // the oldest is in doubt
		if got := f.Runs[fmt.Sprintf("day-%d", n)].Index().ByDigest(digestOf(1)); (got.Parts != nil) != want || got.Outcome == "" {
			t.Errorf("day %d: parts %v, want them: %v", n, got.Parts != nil, want)
		}
	}
	if f.Keys()[0] != "day-4" {
		t.Errorf("the newest is %s", f.Keys()[0])
	}
	h = open(t, path)
	if went := h.Prune(1); !reflect.DeepEqual(went, []string{"day-1", "day-2", "day-3"}) {
		t.Errorf("pruned %v", went)
	}
	check(t, h.Close(20))
}

func TestAReadOnlyFolderIsReportedBeforeTheApply(t *testing.T) {
	for name, path := range map[string]string{"a missing folder": "/nowhere/at/all/p.lock.yaml", "a folder in its place": t.TempDir()} {
		if _, err := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRecordsFromSeveralGoroutines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunInterrupted)))
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() {
			if err := errors.Join(h.Record("once", step(n, InDoubt)), h.Record("once", step(n, Verified))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	check(t, h.Close(20))
	f, err := Read(t.Context(), path)
	check(t, err)
	if len(f.Runs["once"].Steps) != 20 {
		t.Errorf("%d steps are recorded", len(f.Runs["once"].Steps))
	}
}

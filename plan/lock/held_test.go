package lock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

func TestASecondHolderGetsTheNameOfTheFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	var busy *HeldError
	want := "alice@build-7 (pid " + strconv.Itoa(os.Getpid())
	if _, err := Open(t.Context(), path, Options{Plan: "p", Holder: "bob@home", Now: clock}); !errors.As(err, &busy) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	check(t, h.Close(20))
	check(t, open(t, path).Close(20))
}

// TestAnotherProcessGetsTheNameOfTheHolder lets a child hold the lock.
func TestAnotherProcessGetsTheNameOfTheHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	c := start(t, "hold", path, "")
	c.line(t)
	var busy *HeldError
	want := fmt.Sprintf("child@here (pid %d) since 2026-11-20T03:00:00Z", c.cmd.Process.Pid)
	if _, err := Open(t.Context(), path, Options{Plan: "p", Holder: "bob@home", Now: clock}); !errors.As(err, &busy) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	f, err := Read(t.Context(), path)
	check(t, err)
	if f.Runs["once"] == nil {
		t.Error("another reader does not see the record of the holder")
	}
	c.kill(t)
	check(t, open(t, path).Close(20))
}

// TestOneAtATime opens and closes a lock in several goroutines: the journal may be
// removed between opening and locking it.
func TestOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	var holders, begunRuns atomic.Int32
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range 500 {
				h, err := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock})
				var busy *HeldError
				if errors.As(err, &busy) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if holders.Add(1) != 1 {
					t.Error("two goroutines hold the lock")
				}
				if i%25 == 0 { // few, so that the journal comes and goes quickly
					begunRuns.Add(1)
					err = h.Begin(fmt.Sprintf("run-%d-%d", n, i), begun(RunApplied))
				}
				holders.Add(-1)
				if err = errors.Join(err, h.Close(20)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	f, err := Read(t.Context(), path)
	check(t, err)
	if len(f.Runs) != int(begunRuns.Load()) {
		t.Errorf("%d of %d runs are recorded", len(f.Runs), begunRuns.Load())
	}
}

// TestReadingDuringApplies reads while applies start and end: a recorded run is
// never missing.
func TestReadingDuringApplies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	var done atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		defer done.Store(true)
		for i := range 60 {
			h, err := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock})
			if err == nil {
				err = errors.Join(h.Begin(fmt.Sprint("run-", i), begun(RunInterrupted)), h.Record(fmt.Sprint("run-", i), step(i, Verified)), h.Close(1))
			}
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	known := 0
	for !done.Load() {
		f, err := Read(t.Context(), path)
		if err != nil {
			t.Error(err)
			break
		}
		if len(f.Runs) < known {
			t.Errorf("%d runs are read after %d", len(f.Runs), known)
			break
		}
		known = len(f.Runs)
	}
	wg.Wait()
}

func TestAFailedOpenLeavesNoFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	check(t, os.WriteFile(path, []byte("hello: world\n"), 0o644))
	if _, err := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock}); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(JournalPath(path)); !os.IsNotExist(err) {
		t.Error("the journal was not removed")
	}
}

// TestTemporaryFilesOfACrashAreRemoved leaves the half-written copy of an
// interrupted replacement, and files with similar names, which must remain.
func TestTemporaryFilesOfACrashAreRemoved(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunInterrupted)))
	check(t, h.Record("once", step(1, Verified)))
	check(t, h.release(false))
	for _, name := range []string{".p.lock.yaml5577006791947779410", ".p.lock.yaml.swp", ".p.lock.yaml-1", ".q.lock.yaml12", "p.lock.yaml12"} {
		check(t, os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o644))
	}
	check(t, open(t, path).Close(20))
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	check(t, err)
	var names []string
	for _, f := range left {
		names = append(names, filepath.Base(f))
	}
	if got := strings.Join(names, " "); got != ".p.lock.yaml-1 .p.lock.yaml.swp .q.lock.yaml12 p.lock.yaml p.lock.yaml12" {
		t.Errorf("the folder has %s", got)
	}
}

// TestSpaceIsReservedForTheOutcomesOfAPauseAndOfTheSend follows a step whose
// consumers are paused first.
func TestSpaceIsReservedForTheOutcomesOfAPauseAndOfTheSend(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "p.lock.yaml"))
	check(t, h.Begin("once", begun(RunInterrupted)))
	paused := &Paused{Doing: Pausing, By: "a@b", Since: AtTime(at)}
	for n, c := range []struct {
		outcome  Outcome
		paused   *Paused
		reserved bool
	}{{NotRun, paused, true}, {InDoubt, paused, true}, {Verified, paused, true}, {Verified, nil, false}} {
		s := step(1, c.outcome)
		s.Paused = c.paused
		check(t, h.Record("once", s))
		if got := h.reserved[record{Run: "once", Step: &s}.subject()]; got != c.reserved {
			t.Errorf("after record %d room is reserved: %v", n, got)
		}
	}
	check(t, h.release(false))
}

// A countingHold keeps the entries that are appended.
type countingHold struct {
	store.Hold
	entries []store.Entry
}

func (c *countingHold) Append(ctx context.Context, e store.Entry) error {
	c.entries = append(c.entries, e)
	return c.Hold.Append(ctx, e)
}

// TestTheJournalOfAStepDoesNotDependOnTheLock records the same run with an empty lock and
// with a large one: the same number of entries waits for the disk, two for each step, and
// they have the same number of bytes.
func TestTheJournalOfAStepDoesNotDependOnTheLock(t *testing.T) {
	recorded := func(runs int) (lengths []int, durable int) {
		path := filepath.Join(t.TempDir(), "p.lock.yaml")
		h := open(t, path)
		for n := range runs {
			key := fmt.Sprint("run-", n)
			check(t, h.Begin(key, begun(RunInterrupted)))
			check(t, h.Record(key, wide(1, 1000, Verified)))
		}
		check(t, h.Close(runs))
		h = open(t, path)
		counting := &countingHold{Hold: h.hold}
		h.hold = counting
		h.recorder.runs, h.recorder.steps = 100, 100 // the sequence has as many digits
		check(t, h.Begin("new", begun(RunInterrupted)))
		for n := range 4 {
			check(t, h.Record("new", wide(n, 1000, InDoubt)))
			check(t, h.Record("new", wide(n, 1000, Verified)))
		}
		check(t, h.Finish("new", RunApplied, at))
		check(t, h.Close(20))
		for _, e := range counting.entries {
			lengths = append(lengths, len(e.Value))
			if !e.Deferred {
				durable++
			}
		}
		return lengths, durable
	}
	few, durable := recorded(0)
	many, other := recorded(30)
	if !slices.Equal(few, many) || durable != 8 || other != 8 {
		t.Errorf("with an empty lock the entries have %v bytes, with a large one %v; %d and %d wait for the disk", few, many, durable, other)
	}
	if most := slices.Max(few); most > 40_000 {
		t.Errorf("an entry of 1,000 parts has %d bytes", most)
	}
}

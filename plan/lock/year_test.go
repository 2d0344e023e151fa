package lock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/resetplan/resetplan/providers"
)

// A year of daily runs of a thousand parts each. As by default, the newest 20 keep theirs.
const (
	yearOfRuns = 365
	keptRuns   = 20
	yearParts  = 1000
)

// year writes the lock of such a year.
func year(t testing.TB) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "p.lock.yaml")
	h, err := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock})
	check(t, err)
	for n := range yearOfRuns {
		key := fmt.Sprintf("run-%03d", n)
		check(t, h.Begin(key, begun(RunInterrupted)))
		s := wide(n, yearParts, Verified)
		for i := range s.Parts {
			s.Parts[i].Metadata = nil
		}
		check(t, h.Record(key, s))
		check(t, h.Finish(key, RunApplied, at))
	}
	check(t, h.Close(keptRuns))
	return path
}

// applyAfter records one step of a new run, as an apply does after its plan has read the
// lock.
func applyAfter(t testing.TB, path string) {
	t.Helper()
	planned, err := ReadRun(context.Background(), path, "new")
	check(t, err)
	h, err := Open(context.Background(), path, Options{Plan: "p", Holder: "a@b", Now: clock, Read: planned})
	check(t, err)
	check(t, h.Begin("new", begun(RunInterrupted)))
	s := Step{ID: "s", Digest: digestOf(yearOfRuns), Address: "a", Outcome: InDoubt, Parts: []Part{{Part: providers.Part{Topic: "t"},
		Before: providers.AtOffset(2), After: providers.AtOffset(1)}}}
	check(t, h.Record("new", s))
	s.Outcome = Verified
	check(t, h.Record("new", s))
	check(t, h.Finish("new", RunApplied, at))
	check(t, h.Close(keptRuns))
}

// TestAnApplyAfterAYearOfRunsAllocatesItsTextTwice holds the memory of an apply, of which
// the rest is the runs without their parts: one text for the plan, and one that is compared
// with it.
func TestAnApplyAfterAYearOfRunsAllocatesItsTextTwice(t *testing.T) {
	path := year(t)
	s, err := os.Stat(path)
	check(t, err)
	result := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			applyAfter(t, path)
		}
	})
	text, got := s.Size(), result.AllocedBytesPerOp()
	t.Logf("an apply with a lock of %d bytes allocates %d", text, got)
	if rest := int64(yearOfRuns * 3 << 10); got > 2*text+rest {
		t.Errorf("an apply allocates %d bytes with a lock of %d bytes", got, text)
	}
}

func BenchmarkApplyAfterAYearOfRuns(b *testing.B) {
	path := year(b)
	b.ReportAllocs()
	for b.Loop() {
		applyAfter(b, path)
	}
}

// sameMemory reports whether two texts are one in memory.
func sameMemory(a, b string) bool {
	return a != "" && len(a) == len(b) && unsafe.StringData(a) == unsafe.StringData(b)
}

// TestALockThatThePlanHasReadIsNotParsedAgain compares the lock that an apply holds after
// a plan has read it with one that it reads itself.
func TestALockThatThePlanHasReadIsNotParsedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	for n, o := range []Outcome{Verified, Failed, Undone} {
		key := fmt.Sprint("r", n)
		s := wide(n, 100, o)
		s.Undo = &Undo{Outcome: Verified, By: "a@b", At: AtTime(at), Parts: wide(n, 100, o).Parts}
		s.Return = &Undo{Outcome: Verified, By: "a@b", At: AtTime(at), Parts: wide(n, 100, o).Parts}
		check(t, h.Begin(key, begun(RunInterrupted)))
		check(t, h.Record(key, s))
	}
	check(t, h.Close(keptRuns))
	planned, err := ReadRun(t.Context(), path, "new")
	check(t, err)
	before := planned.Runs["r0"].Steps[0]
	opened := func(read *File) *Held {
		h, err := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock, Read: read})
		check(t, err)
		return h
	}
	h = opened(planned)
	held := h.File()
	if !sameMemory(held.Runs["r0"].Steps[0].packed, before.packed) {
		t.Error("the lock was parsed again")
	}
	for _, key := range []string{"r0", "r1", "r2"} { // what is recorded does not change what the plan has
		check(t, h.Begin(key, begun(RunInterrupted)))
		check(t, h.Record(key, wide(7, 3, Verified)))
	}
	h.file.trim(0)
	if n := len(planned.Runs["r0"].Steps); n != 1 || planned.Runs["r0"].Steps[0] != before || before.packed == "" || before.Undo.packed == "" ||
		before.Return.packed == "" {
		t.Errorf("the plan's lock has changed: %d steps, %+v", n, before)
	}
	h.dirty = false
	check(t, h.Close(keptRuns))

	h = opened(nil)
	want := h.File()
	check(t, h.Close(keptRuns))
	h = opened(planned)
	if got := h.File(); !reflect.DeepEqual(got.Runs, want.Runs) || !reflect.DeepEqual(got.texts, want.texts) || got.Plan != want.Plan {
		t.Error("it holds another lock than the one that it reads itself")
	}
	check(t, h.Close(keptRuns))
}

// TestALockThatHasChangedSinceThePlanIsReadAgain changes it in each way that leaves a lock.
func TestALockThatHasChangedSinceThePlanIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("r0", begun(RunInterrupted)))
	check(t, h.Record("r0", wide(1, 100, Verified)))
	check(t, h.Close(keptRuns))
	planned, err := ReadRun(t.Context(), path, "new")
	check(t, err)
	o := Options{Plan: "p", Holder: "a@b", Now: clock, Read: planned}

	raw, err := os.ReadFile(path)
	check(t, err)
	edited := []byte(strings.Replace(string(raw), "1200000000", "1200000001", 1))
	check(t, os.WriteFile(path, edited, 0o600))
	if _, err := Open(t.Context(), path, o); !errors.As(err, new(*ChecksumError)) {
		t.Errorf("a lock that was edited after the plan: %v", err)
	}
	check(t, os.WriteFile(path, raw, 0o600))

	h = open(t, path)
	check(t, h.Begin("r1", begun(RunInterrupted)))
	check(t, h.Record("r1", wide(2, 100, InDoubt)))
	check(t, h.release(false)) // as after a crash: only the journal has the record
	h, err = Open(t.Context(), path, o)
	check(t, err)
	if s := h.Step("r1", digestOf(2)); s == nil || s.Outcome != InDoubt {
		t.Errorf("the journal of another apply is not read: %+v", s)
	}
	check(t, h.Close(keptRuns))

	check(t, os.Remove(path))
	h, err = Open(t.Context(), path, o)
	check(t, err)
	if n := len(h.File().Runs); n != 0 {
		t.Errorf("a lock that was removed has %d runs", n)
	}
	check(t, h.Close(keptRuns))
}

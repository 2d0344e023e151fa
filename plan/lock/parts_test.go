package lock

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// TestLocksWithALineForEachPartOfALargeStepAreRead has the form of earlier versions. The
// lines are copied as they are.
func TestLocksWithALineForEachPartOfALargeStepAreRead(t *testing.T) {
	f := fileOf(wide(1, 300, Verified))
	older := fileOf(wide(1, 300, Verified))
	s := older.Runs["once"].Steps[0]
	s.packed, s.Parts = partLines(stepIndent, s.Parts, false), nil
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	check(t, os.WriteFile(path, marshal(older), 0o600))
	got, err := Read(t.Context(), path)
	if err != nil || !reflect.DeepEqual(got, f) {
		t.Fatalf("got %v", err)
	}
	h := open(t, path)
	check(t, h.Begin("next", begun(RunInterrupted)))
	check(t, h.Close(20))
	raw, err := os.ReadFile(path)
	if err != nil || strings.Count(string(raw), "- {part: orders/") != 300 {
		t.Errorf("the lines are not as they were: %v", err)
	}
}

// TestOnlyTheSelectedRunIsLoaded reads a lock for one run: the others keep the lines of
// their parts, except what is undecided or failed.
func TestOnlyTheSelectedRunIsLoaded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	for n, o := range []Outcome{Verified, InDoubt, Failed, Overwritten, Verified, Undone} {
		key := fmt.Sprint("r", n)
		s := wide(1, 100, o)
		if o == Undone {
			s.Parts[5].Error = "rolled back"
		}
		check(t, h.Begin(key, begun(RunInterrupted)))
		check(t, h.Record(key, s))
	}
	check(t, h.Close(20))
	before, err := os.ReadFile(path)
	check(t, err)
	f, err := ReadRun(t.Context(), path, "r4")
	check(t, err)
	for n, want := range []int{0, 100, 100, 100, 100, 100} {
		s := f.Runs[fmt.Sprint("r", n)].Steps[0]
		if len(s.Parts) != want {
			t.Errorf("run %d has %d parts, want %d", n, len(s.Parts), want)
		}
		if s.Load(); len(s.Parts) != 100 || s.Parts[99].After != wide(1, 100, Verified).Parts[99].After {
			t.Errorf("run %d has %d parts after it was loaded", n, len(s.Parts))
		}
	}
	h = open(t, path)
	if s := h.Step("r0", digestOf(1)); len(s.Parts) != 100 {
		t.Errorf("a held lock returns %d parts", len(s.Parts))
	}
	h.dirty = true
	check(t, h.Close(20))
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("copying the lines changed the lock: %v", err)
	}
}

// TestLinesThatAreNotLoadedAreCoveredByTheChecksum changes each kind of line.
func TestLinesThatAreNotLoadedAreCoveredByTheChecksum(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("old", begun(RunInterrupted)))
	check(t, h.Record("old", wide(1, 1000, Verified)))
	check(t, h.Record("old", wide(2, 3, Verified)))
	check(t, h.Close(20))
	raw, err := os.ReadFile(path)
	check(t, err)
	for at := strings.Index(string(raw), "- {parts"); at < len(raw); at += 1009 {
		changed := append([]byte(nil), raw...)
		changed[at] ^= 1
		check(t, os.WriteFile(path, changed, 0o600))
		if _, err := ReadRun(t.Context(), path, "new"); err == nil {
			t.Fatalf("byte %d was changed: no error", at)
		}
		if _, err := Open(t.Context(), path, Options{Plan: "p", Now: clock}); err == nil {
			t.Fatalf("byte %d was changed: it was opened", at)
		}
	}
}

func TestTheNumberOfPartsIsLimited(t *testing.T) {
	block := "          - {parts: t/0-999, before: 1, after: 2}\n"
	text := func(steps, blocks int) []byte {
		out := "plan: p\nruns:\n  once:\n    document: " + digestOf(7) + "\n    by: a\n    started: 2026-11-20T03:00:00Z\n    outcome: applied\n" +
			"    sequence: 1\n    steps:\n"
		for n := range steps {
			out += fmt.Sprintf("      - id: s%d\n        digest: %s\n        address: a\n        sequence: %d\n        outcome: verified\n"+
				"        at: 2026-11-20T03:00:05Z\n        parts:\n%s", n, digestOf(n), n+1, strings.Repeat(block, blocks))
		}
		return withChecksum([]byte(firstLine + "version: 1\n" + out))
	}
	most := maxParts / maxBlock
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"many blocks":       {text(1, most+1), "more than 1048576 partitions"},
		"many steps":        {text(most+1, 1), "lock prune"},
		"a block too large": {[]byte(strings.Replace(string(text(1, 1)), "t/0-999", "t/0-1000", 1)), "not a valid lock file"},
		"numbers that go back": {[]byte(strings.Replace(string(text(1, 1)), "t/0-999", `"t/4,3"`, 1)),
			"not a valid lock file"},
		"a list too short": {[]byte(strings.Replace(string(text(1, 1)), "before: 1,", "before: [1,2],", 1)), "not a valid lock file"},
		"no before":        {[]byte(strings.Replace(string(text(1, 1)), "before: 1, ", "", 1)), "not a valid lock file"},
	} {
		path := filepath.Join(t.TempDir(), "p.lock.yaml")
		check(t, os.WriteFile(path, c.text, 0o600))
		if _, err := Read(t.Context(), path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	check(t, os.WriteFile(path, text(1, most), 0o600))
	if f, err := ReadRun(t.Context(), path, "other"); err != nil || f.Runs["once"].Steps[0].Parts != nil {
		t.Errorf("a lock of a million parts: %v", err)
	}
	check(t, os.WriteFile(path, text(2*most, 1), 0o600))
	h, err := Open(context.Background(), path, Options{Plan: "p", Now: clock})
	check(t, err)
	h.dirty = true
	if err := h.Close(20); err == nil || !strings.Contains(err.Error(), "would exceed its limit") {
		t.Errorf("a lock with more parts than its limit was written: %v", err)
	}
}

// TestAnApplyDoesNotReadThePartsOfOtherRuns holds that the memory of an apply does not
// grow with the parts in the lock: they are in its text only.
func TestAnApplyDoesNotReadThePartsOfOtherRuns(t *testing.T) {
	used := func(count int) (bytes int64, text int) {
		path := filepath.Join(t.TempDir(), "p.lock.yaml")
		h := open(t, path)
		for n := range 20 {
			key := fmt.Sprint("r", n)
			check(t, h.Begin(key, begun(RunInterrupted)))
			check(t, h.Record(key, wide(1, count, Verified)))
		}
		check(t, h.Close(20))
		s, err := os.Stat(path)
		check(t, err)
		result := testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				h, err := Open(context.Background(), path, Options{Plan: "p", Holder: "a@b", Now: time.Now})
				if err != nil {
					b.Fatal(err)
				}
				if err := h.Begin("r0", begun(RunInterrupted)); err != nil {
					b.Fatal(err)
				}
				if err := h.Close(20); err != nil {
					b.Fatal(err)
				}
			}
		})
		return result.AllocedBytesPerOp(), int(s.Size())
	}
	few, small := used(70)
	many, large := used(1000)
	if most := few + 5*int64(large-small); many > most {
		t.Errorf("with 20 × 1,000 parts an apply allocates %d bytes, with 20 × 70 %d; at most %d are expected", many, few, most)
	}
}

// TestAnApplyCopiesTheTextOfTheRunsThatItDoesNotChange counts the runs whose text is
// copied: not the one that is recorded, and not the one that loses its parts.
func TestAnApplyCopiesTheTextOfTheRunsThatItDoesNotChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	for n := range 6 {
		key := fmt.Sprint("r", n)
		check(t, h.Begin(key, begun(RunInterrupted)))
		check(t, h.Record(key, wide(1, 3, Verified)))
	}
	check(t, h.Close(4))
	h = open(t, path)
	if n := len(h.file.texts); n != 6 {
		t.Errorf("the text of %d of 6 runs would be copied", n)
	}
	check(t, h.Begin("r5", begun(RunInterrupted)))
	check(t, h.Record("r5", wide(2, 3, Verified)))
	check(t, h.Close(3))
	want := slices.Sorted(slices.Values([]string{"r0", "r1", "r3", "r4"}))
	if got := slices.Sorted(maps.Keys(h.file.texts)); !slices.Equal(got, want) {
		t.Errorf("the text of %v was copied, want %v", got, want)
	}
	f, err := Read(t.Context(), path)
	check(t, err)
	for key, parts := range map[string]int{"r0": 0, "r1": 0, "r2": 0, "r3": 3, "r4": 3, "r5": 3} {
		if got := len(f.Runs[key].Steps[0].Parts); got != parts {
			t.Errorf("run %s has %d parts, want %d", key, got, parts)
		}
	}
}

// TestPartsInOneLineAreReadIntoOneList compares the bytes that are allocated for a step in
// one block with the size of its parts.
func TestPartsInOneLineAreReadIntoOneList(t *testing.T) {
	s := wide(1, 1000, Verified)
	for i := range s.Parts {
		s.Parts[i].Metadata = nil
	}
	lines := s.lines()
	result := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if parts, ok := readParts(lines, stepIndent, false); !ok || len(parts) != 1000 {
				b.Fatal("the parts cannot be read")
			}
		}
	})
	if size, got := int64(1000*unsafe.Sizeof(Part{})), result.AllocedBytesPerOp(); got > size+size/4 {
		t.Errorf("%d bytes are allocated for parts of %d bytes", got, size)
	}
}

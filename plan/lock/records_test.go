package lock

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/lock/internal/journal"
	"github.com/resetplan/resetplan/schema/diag"
)

func TestAJournalLeftByACrashIsFolded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunInterrupted)))
	check(t, h.Record("once", step(1, Verified)))
	check(t, h.Record("once", doubt(2)))
	check(t, h.release()) // as after a crash: the journal remains
	f, err := Read(path)
	check(t, err)
	if r := f.Runs["once"]; r.Outcome != RunInDoubt || r.ByID("s2").Outcome != InDoubt || r.Finished != nil {
		t.Errorf("got %+v", r)
	}
	h = open(t, path)
	raw, err := os.ReadFile(path)
	check(t, err)
	if !bytes.Contains(raw, []byte("outcome: in-doubt")) {
		t.Error("the next start did not fold the journal")
	}
	check(t, h.ResolveDoubt("once", "s2", nil, true, "bob@home", at))
	check(t, h.Close(20))
	f, err = Read(path)
	check(t, err)
	if s := f.Runs["once"].ByID("s2"); s.Outcome != Applied || !strings.Contains(s.Why, "bob@home") || f.Runs["once"].Outcome != RunInterrupted {
		t.Errorf("got %+v", s)
	}
}

// TestATruncatedJournalKeepsItsCompleteRecords truncates a journal at every byte:
// exactly the complete lines are returned.
func TestATruncatedJournalKeepsItsCompleteRecords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunInterrupted)))
	for n := range 3 {
		check(t, h.Record("once", step(n, InDoubt)))
		check(t, h.Record("once", step(n, Verified)))
	}
	raw, err := os.ReadFile(JournalPath(path))
	check(t, err)
	raw = bytes.TrimRight(raw, "\x00")
	check(t, h.release())
	for cut := range len(raw) + 1 {
		check(t, os.WriteFile(JournalPath(path), raw[:cut], 0o644))
		f, err := Read(path)
		if err != nil {
			t.Fatalf("truncated at %d: %v", cut, err)
		}
		lines := bytes.Count(raw[:cut], []byte("\n"))
		known := 0
		if r := f.Runs["once"]; r != nil {
			known = len(r.Steps)
		}
		if want := max(0, lines-1) / 2; known != want { // a header, a begin, then two lines a step
			t.Fatalf("truncated at %d, after %d lines: %d steps are recorded, want %d", cut, lines, known, want)
		}
	}
}

// TestLinesOfOneSyncMayBeTornInAnyOrder zeroes the first of two lines that
// were written before one sync: neither is returned.
func TestLinesOfOneSyncMayBeTornInAnyOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunInterrupted)))
	synced := h.journal.Saved()
	for n := range 2 {
		s := step(n, InDoubt)
		r := record{Saved: synced, Run: "once", Step: &s}
		_, err := h.append(r)
		check(t, err)
	}
	raw, err := os.ReadFile(JournalPath(path))
	check(t, err)
	end := int64(len(bytes.TrimRight(raw, "\x00")))
	check(t, h.release())
	for zeroed := synced + 1; zeroed < end; zeroed += 7 {
		torn := bytes.Clone(raw)
		clear(torn[synced:min(zeroed, end)])
		check(t, os.WriteFile(JournalPath(path), torn, 0o644))
		f, err := Read(path)
		if err != nil {
			t.Fatalf("zeroed up to %d of %d: %v", zeroed, end, err)
		}
		if n := len(f.Runs["once"].Steps); n != 0 {
			t.Fatalf("zeroed up to %d: %d steps are returned", zeroed, n)
		}
	}
}

func TestADamagedLineBeforeTheLastIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunInterrupted)))
	check(t, h.Record("once", step(1, Verified)))
	check(t, h.release())
	raw, err := os.ReadFile(JournalPath(path))
	check(t, err)
	raw[bytes.IndexByte(raw, '\n')+20] ^= 1
	check(t, os.WriteFile(JournalPath(path), raw, 0o644))
	var errs diag.Errors
	if _, err := Read(path); !errors.As(err, &errs) || errs[0].Line != 2 {
		t.Errorf("got %v", err)
	}
	if _, err := Open(path, Options{Plan: "p", Holder: "a@b", Now: clock}); !errors.As(err, &errs) {
		t.Errorf("opening it: %v", err)
	}
}

func TestAForeignJournalIsAnError(t *testing.T) {
	lines := func(values ...any) []byte {
		var out []byte
		for _, v := range values {
			l, err := journal.Line(v)
			check(t, err)
			out = append(out, l...)
		}
		return out
	}
	run := begun(RunInterrupted)
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"from the future":      {lines(header{Version: 2, Plan: "p"}, "of another shape"), "version 2"},
		"without its header":   {lines(record{Run: "once", Begin: &run}), "damaged"},
		"with a line of words": {lines(header{Version: 1}, "words"), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p.lock.yaml")
			check(t, os.WriteFile(JournalPath(path), c.raw, 0o644))
			var errs diag.Errors
			if _, err := Open(path, Options{Plan: "p", Holder: "a@b", Now: clock}); !errors.As(err, &errs) || !strings.Contains(errs[0].Reason, c.want) {
				t.Errorf("got %v", err)
			}
			if raw, err := os.ReadFile(JournalPath(path)); err != nil || !bytes.Equal(raw, c.raw) {
				t.Errorf("it became %q, %v", raw, err)
			}
		})
	}
}

func TestParametersInAJournalAreExact(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunInterrupted)))
	check(t, h.Record("once", step(1, Verified)))
	check(t, h.release())
	f, err := Read(path)
	check(t, err)
	if !reflect.DeepEqual(f.Runs, h.File().Runs) {
		t.Errorf("got  %+v\nwant %+v", f.Runs["once"], h.File().Runs["once"])
	}
}

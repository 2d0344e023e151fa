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
	check(t, h.release(false)) // as after a crash: the journal remains
	f, err := Read(t.Context(), path)
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
	f, err = Read(t.Context(), path)
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
	check(t, h.release(false))
	for cut := range len(raw) + 1 {
		check(t, os.WriteFile(JournalPath(path), raw[:cut], 0o644))
		f, err := Read(t.Context(), path)
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

func TestADamagedLineBeforeTheLastIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunInterrupted)))
	check(t, h.Record("once", step(1, InDoubt)))
	check(t, h.Record("once", step(1, Verified))) // proves that the lines before were on disk
	check(t, h.release(false))
	raw, err := os.ReadFile(JournalPath(path))
	check(t, err)
	raw[bytes.IndexByte(raw, '\n')+20] ^= 1
	check(t, os.WriteFile(JournalPath(path), raw, 0o644))
	var errs diag.Errors
	if _, err := Read(t.Context(), path); !errors.As(err, &errs) || errs[0].Line != 2 {
		t.Errorf("got %v", err)
	}
	if _, err := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock}); !errors.As(err, &errs) {
		t.Errorf("opening it: %v", err)
	}
}

func TestAForeignJournalIsAnError(t *testing.T) {
	lines := func(values ...any) (out []byte) {
		for _, v := range values {
			out = append(out, lineOf(v)...)
		}
		return out
	}
	run := begun(RunInterrupted)
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"from the future":      {lines(journal.Header{Version: 3, Plan: "p"}, "of another shape"), "version 3"},
		"without its header":   {lines(record{Run: "once", Begin: &run}), "damaged"},
		"with a line of words": {lines(journal.Header{Version: 1}, "words"), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p.lock.yaml")
			check(t, os.WriteFile(JournalPath(path), c.raw, 0o644))
			var errs diag.Errors
			if _, err := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock}); !errors.As(err, &errs) || !strings.Contains(errs[0].Reason, c.want) {
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
	check(t, h.release(false))
	f, err := Read(t.Context(), path)
	check(t, err)
	if !reflect.DeepEqual(f.Runs, loaded(h.File()).Runs) {
		t.Errorf("got  %+v\nwant %+v", f.Runs["once"], loaded(h.File()).Runs["once"])
	}
}

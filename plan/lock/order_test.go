package lock

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func TestOrderIsBySequenceNotByTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	for n := range 3 {
		run := begun(RunInterrupted)
		run.Started = AtTime(at.AddDate(0, 0, -n)) // the clock goes back
		key := fmt.Sprint("run-", n)
		check(t, h.Begin(key, run))
		s := step(n, Verified)
		s.At = run.Started
		check(t, h.Record(key, s))
	}
	check(t, h.Record("run-2", step(0, Verified)))
	check(t, h.Close(20))
	h = open(t, path)
	if got := h.File().Keys(); !reflect.DeepEqual(got, []string{"run-2", "run-1", "run-0"}) {
		t.Errorf("the order is %v", got)
	}
	if s := h.File().Runs["run-2"].ByID("s0"); s.Sequence != 4 {
		t.Errorf("the newest record has number %d", s.Sequence)
	}
	check(t, h.Begin("run-0", begun(RunInterrupted)))
	if h.File().Keys()[0] != "run-0" || h.File().Runs["run-0"].Sequence != 4 || !h.File().Runs["run-0"].Started.Equal(at) {
		t.Errorf("a run that is continued is not the newest: %+v", h.File().Runs["run-0"])
	}
	check(t, h.Record("run-0", step(9, Verified)))
	if s := h.File().Runs["run-0"].ByID("s9"); s.Sequence != 5 {
		t.Errorf("the next record has number %d", s.Sequence)
	}
	check(t, h.Close(20))
}

func TestALockOfAnOlderVersionGetsSequencesAndAChecksum(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	old := "version: 1\nplan: p\nruns:\n"
	for _, day := range []string{"18", "20", "19"} {
		old += "  r" + day + ":\n    document: " + digestOf(7) + "\n    by: a@b\n    started: 2026-11-" + day + "T03:00:00Z\n" +
			"    outcome: applied\n    steps:\n      - id: s\n        digest: " + digestOf(1) + "\n        address: memory:g/t\n" +
			"        outcome: verified\n        at: 2026-11-" + day + "T03:00:05Z\n"
	}
	check(t, os.WriteFile(path, []byte(old), 0o644))
	f, err := Read(t.Context(), path)
	check(t, err)
	if got := f.Keys(); !reflect.DeepEqual(got, []string{"r20", "r19", "r18"}) {
		t.Errorf("the order is %v", got)
	}
	for key, want := range map[string]int{"r18": 1, "r19": 2, "r20": 3} {
		if r := f.Runs[key]; r.Sequence != want || r.Steps[0].Sequence != want {
			t.Errorf("%s has %d, its step %d", key, r.Sequence, r.Steps[0].Sequence)
		}
	}
	check(t, open(t, path).Close(20))
	if raw, err := os.ReadFile(path); err != nil || string(raw) != old {
		t.Error("it was written although nothing was recorded")
	}
	h := open(t, path)
	check(t, h.Begin("new", begun(RunApplied)))
	check(t, h.Close(20))
	raw, err := os.ReadFile(path)
	check(t, err)
	if !strings.Contains(string(raw), "version: 1\nchecksum: sha256:") || strings.Count(string(raw), "sequence: ") != 7 {
		t.Errorf("it became %s", raw)
	}
	if s, err := os.Stat(path); err != nil || s.Mode().Perm() != 0o644 && runtime.GOOS != "windows" { // which has no modes
		t.Error("its mode was changed")
	}
}

func TestDuplicateNumbersAfterAMergeAreResolved(t *testing.T) {
	f := fullLock()
	f.Runs["once"].Sequence, f.Runs["2026-11-20"].Sequence = 3, 3
	f.number()
	if a, b := f.Runs["once"].Sequence, f.Runs["2026-11-20"].Sequence; a == b || a > 2 || b > 2 {
		t.Errorf("they are %d and %d", a, b)
	}
}

func TestUndecidedStepsKeepTheirParts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	paused := step(2, Verified)
	paused.Paused = &Paused{Doing: Pausing, By: "a@b", Since: AtTime(at)}
	for n, s := range []Step{step(0, InDoubt), step(1, Overwritten), paused, step(3, Verified), step(4, Verified)} {
		run := begun(RunInterrupted)
		run.Approvals = []Approval{{Digest: digestOf(1), Inputs: digestOf(2), Steps: map[string]string{"s": digestOf(3)}}}
		check(t, h.Begin(fmt.Sprint("r", n), run))
		check(t, h.Record(fmt.Sprint("r", n), s))
	}
	check(t, h.Close(1))
	f, err := Read(t.Context(), path)
	check(t, err)
	for n, want := range []bool{true, true, true, false, true} {
		r := f.Runs[fmt.Sprint("r", n)]
		if got := r.Steps[0].Parts != nil; got != want || (r.Approvals[0].Steps != nil) != want || r.Approvals[0].Digest != digestOf(1) {
			t.Errorf("run %d has its parts: %v", n, got)
		}
	}
	if f.Runs["r2"].Steps[0].Paused == nil {
		t.Error("the record of the pause is missing")
	}
	h = open(t, path)
	if went := h.Prune(1); !reflect.DeepEqual(went, []string{"r3"}) {
		t.Errorf("pruned %v", went)
	}
	check(t, h.Close(20))
}

func TestApprovalsAreKeptWhenARunIsContinued(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	for _, n := range []int{1, 2, 1} {
		run := begun(RunInterrupted)
		run.Approvals = []Approval{{Digest: digestOf(n), Inputs: digestOf(9)}}
		check(t, h.Begin("once", run))
	}
	check(t, h.Begin("once", begun(RunInterrupted)))
	check(t, h.release(false))
	f, err := Read(t.Context(), path)
	check(t, err)
	var got []string
	for _, a := range f.Runs["once"].Approvals {
		got = append(got, a.Digest)
	}
	if !reflect.DeepEqual(got, []string{digestOf(2), digestOf(1)}) {
		t.Errorf("the approvals are %v", got)
	}
}

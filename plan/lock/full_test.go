//go:build unix

package lock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestAFullDiskLosesNoOutcome lets a child announce steps until the disk is full:
// the error comes before a send, and the outcome of every announced step is
// recorded, although an outcome is longer than its announcement.
func TestAFullDiskLosesNoOutcome(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	c := start(t, "full", path, "")
	announced, err := strconv.Atoi(c.line(t))
	check(t, err)
	if announced < 3 {
		t.Fatalf("the child announced %d steps", announced)
	}
	for n := range announced {
		if got := c.line(t); got != "ok" {
			t.Fatalf("outcome %d of %d: %s", n, announced, got)
		}
	}
	if got := c.line(t); got != "finished" {
		t.Fatal(got)
	}
	check(t, c.cmd.Wait())
	f, err := Read(t.Context(), path)
	check(t, err)
	r := f.Runs["once"]
	if len(r.Steps) != announced || r.Outcome != RunFailed || r.Finished == nil {
		t.Errorf("%d of %d steps are recorded, the run is %s", len(r.Steps), announced, r.Outcome)
	}
	for _, s := range r.Steps {
		if s.Outcome != Failed {
			t.Errorf("%s is %s", s.ID, s.Outcome)
		}
	}
}

// fillTheDisk runs as the child, with a limit on the size of its files.
func fillTheDisk(path, _ string) error {
	signal.Ignore(syscall.SIGXFSZ)
	h, err := Open(context.Background(), path, Options{Plan: "p", Holder: "child@here", Now: clock})
	if err != nil {
		return err
	}
	if err := h.Begin("once", begun(RunInterrupted)); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 300 << 10, Max: 300 << 10}); err != nil {
		return err
	}
	announced := 0
	for h.Record("once", largeStep(announced, InDoubt)) == nil {
		announced++
	}
	fmt.Println(announced)
	for n := range announced {
		s := largeStep(n, Failed)
		for i := range s.Parts {
			s.Parts[i].Seen, s.Parts[i].Error = s.Parts[i].After, "NOT_COORDINATOR: not the right one"
		}
		if err := h.Record("once", s); err != nil {
			return err
		}
		fmt.Println("ok")
	}
	if err := h.Finish("once", RunFailed, at); err != nil {
		return err
	}
	fmt.Println("finished")
	return nil
}

// largeStep is a step with sixty parts.
func largeStep(n int, o Outcome) Step {
	s := step(n, o)
	part := s.Parts[1]
	part.Error, s.Parts = "", nil
	for i := range 60 {
		part.Part.Number = i
		s.Parts = append(s.Parts, part)
	}
	return s
}

func TestARecordThatIsNotDurableIsNotReturned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunInterrupted)))
	working := h.hold
	h.hold = failingHold{working}
	if err := h.Record("once", step(1, InDoubt)); !errors.Is(err, errNotDurable) {
		t.Errorf("got %v", err)
	}
	if h.File().Runs["once"].ByID("s1") != nil {
		t.Error("a record that is not durable is returned")
	}
	h.hold = working
	check(t, h.Record("once", step(2, Verified)))
	check(t, h.Close(20))
}

func TestIfTheLockCannotBeWrittenTheJournalKeepsTheRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunInterrupted)))
	check(t, h.Record("once", step(1, Verified)))
	check(t, os.MkdirAll(filepath.Join(path, "in-the-way"), 0o755))
	if err := h.Close(20); err == nil || !strings.Contains(err.Error(), "journal") {
		t.Errorf("got %v", err)
	}
	check(t, os.RemoveAll(path))
	f, err := Read(t.Context(), path)
	check(t, err)
	if s := f.Runs["once"].ByID("s1"); s == nil || s.Outcome != Verified {
		t.Errorf("got %+v", s)
	}
	check(t, open(t, path).Close(20))
	if raw, err := os.ReadFile(path); err != nil || !strings.Contains(string(raw), "outcome: verified") {
		t.Errorf("the next start did not fold the journal: %v", err)
	}
}

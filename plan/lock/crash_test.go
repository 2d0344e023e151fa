package lock

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

// TestMain lets the test binary run as a child process that holds a lock.
func TestMain(m *testing.M) {
	as, path, arg := os.Getenv("RESETPLAN_LOCK_CHILD"), os.Getenv("RESETPLAN_LOCK_PATH"), os.Getenv("RESETPLAN_LOCK_ARG")
	children := map[string]func(path, arg string) error{"record": recordUntilKilled, "hold": holdUntilKilled, "full": fillTheDisk}
	if child := children[as]; child != nil {
		if err := child(path, arg); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A child is a process of this test binary that uses a lock.
type child struct {
	cmd *exec.Cmd
	out *bufio.Scanner
}

func start(t *testing.T, as, path, arg string) *child {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "RESETPLAN_LOCK_CHILD="+as, "RESETPLAN_LOCK_PATH="+path, "RESETPLAN_LOCK_ARG="+arg)
	out, err := c.StdoutPipe()
	check(t, err)
	_, err = c.StdinPipe()
	check(t, err)
	check(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill() })
	return &child{c, bufio.NewScanner(out)}
}

func (c *child) line(t *testing.T) string {
	t.Helper()
	if !c.out.Scan() {
		t.Fatalf("the child ended: %v", c.out.Err())
	}
	return c.out.Text()
}

// kill ends the child at once and returns the rest of its output.
func (c *child) kill(t *testing.T) []string {
	t.Helper()
	check(t, c.cmd.Process.Kill())
	var output []string
	for c.out.Scan() {
		output = append(output, c.out.Text())
	}
	_ = c.cmd.Wait()
	return output
}

// TestKilledAtAnyMoment kills a recording process again and again: every record
// that it acknowledged is found, and at most one more that it had no time to
// acknowledge.
func TestKilledAtAnyMoment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	acked, unacknowledged := map[string]int64{}, map[int64]bool{}
	for round := range 40 {
		c := start(t, "record", path, strconv.Itoa(round*1_000_000))
		var output []string
		for range 1 + rand.IntN(120) {
			output = append(output, c.line(t))
		}
		last := int64(-1)
		for _, s := range append(output, c.kill(t)...) {
			n, err := strconv.ParseInt(s, 10, 64)
			check(t, err)
			acked[digestOf(int(n%50))], last = n, n
		}
		unacknowledged[last+1] = true
		f, err := Read(t.Context(), path)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for digest, n := range acked {
			s := f.Runs["once"].Index().ByDigest(digest)
			if s == nil {
				t.Fatalf("round %d: record %d was acknowledged but is missing", round, n)
			}
			if got, _ := s.Parts[0].After.Offset(); got != n && (got < n || !unacknowledged[got]) {
				t.Fatalf("round %d: record %d was acknowledged, but %d is recorded", round, n, got)
			}
		}
	}
}

func recordUntilKilled(path, first string) error {
	base, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	h, err := Open(context.Background(), path, Options{Plan: "p", Holder: "child@here", Now: clock})
	if err != nil {
		return err
	}
	if err := h.Begin("once", begun(RunInterrupted)); err != nil {
		return err
	}
	for n := base; ; n++ {
		s := step(n%50, InDoubt)
		s.Parts[0].After = providers.AtOffset(int64(n))
		if err := h.Record("once", s); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func holdUntilKilled(path, _ string) error {
	h, err := Open(context.Background(), path, Options{Plan: "p", Holder: "child@here", Now: clock})
	if err != nil {
		return err
	}
	if err := h.Begin("once", begun(RunInterrupted)); err != nil {
		return err
	}
	fmt.Println("held")
	_, err = io.Copy(io.Discard, os.Stdin) // until the parent ends
	return err
}

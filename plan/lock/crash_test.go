package lock

import (
	"bufio"
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

// TestMain lets the test binary be a child that holds a lock.
func TestMain(m *testing.M) {
	as, path, arg := os.Getenv("RESETPLAN_LOCK_CHILD"), os.Getenv("RESETPLAN_LOCK_PATH"), os.Getenv("RESETPLAN_LOCK_ARG")
	children := map[string]func(path, arg string) error{"record": recordForEver, "hold": holdForEver, "full": fillTheDisk}
	if child := children[as]; child != nil {
		if err := child(path, arg); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A child is this test binary doing one thing with a lock.
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

// kill ends the child at once and returns what it had still said.
func (c *child) kill(t *testing.T) []string {
	t.Helper()
	check(t, c.cmd.Process.Kill())
	var said []string
	for c.out.Scan() {
		said = append(said, c.out.Text())
	}
	_ = c.cmd.Wait()
	return said
}

// TestKilledAtAnyMoment kills a process that records, again and again: all
// that it said was recorded is there, and at most the one record more that it
// had no time to acknowledge.
func TestKilledAtAnyMoment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	acked, unsaid := map[string]int64{}, map[int64]bool{}
	for round := range 40 {
		c := start(t, "record", path, strconv.Itoa(round*1_000_000))
		var said []string
		for range 1 + rand.IntN(120) {
			said = append(said, c.line(t))
		}
		last := int64(-1)
		for _, s := range append(said, c.kill(t)...) {
			n, err := strconv.ParseInt(s, 10, 64)
			check(t, err)
			acked[digestOf(int(n%50))], last = n, n
		}
		unsaid[last+1] = true
		f, err := Read(path)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for digest, n := range acked {
			s := f.Runs["once"].ByDigest(digest)
			if s == nil {
				t.Fatalf("round %d: record %d was acknowledged and is not there", round, n)
			}
			if got, _ := s.Parts[0].After.Offset(); got != n && (got < n || !unsaid[got]) {
				t.Fatalf("round %d: record %d was acknowledged, and %d is there", round, n, got)
			}
		}
	}
}

func recordForEver(path, first string) error {
	base, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	h, err := Open(path, Options{Plan: "p", Holder: "child@here", Now: clock})
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

func holdForEver(path, _ string) error {
	h, err := Open(path, Options{Plan: "p", Holder: "child@here", Now: clock})
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

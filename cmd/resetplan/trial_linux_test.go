//go:build linux && amd64

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers/sandbox"
)

// The sweeps run the program against services in the test's own process: the test knows what they have received even if
// the program was killed.

// An effect is one change that a service has made for the program.
type effect struct {
	key string // the part that was moved, or "run" for a pause or start
	to  string // the position in the request
}

// A ledger is a service's own record of what it has done, in order.
type ledger struct {
	mu      sync.Mutex
	effects []effect
}

func (l *ledger) add(e effect) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.effects = append(l.effects, e)
}

func (l *ledger) all() []effect {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.effects)
}

// A shiftedClock is the real clock and what a test has added to it.
type shiftedClock struct {
	mu sync.Mutex
	by time.Duration
}

func (c *shiftedClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.by)
}

func (c *shiftedClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by += d
}

func (c *shiftedClock) ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by
}

// A service is one emulated service with a target of its own.
type service struct {
	name      string
	provider  string // the keys of its provider in a plan
	step      string // the keys of a step besides id and provider
	group     string // if another file needs it
	port      int
	front     *front                      // its proxy
	otherPort int                         // of the second step
	parts     []string                    // what a whole reset moves
	asked     func(e effect) bool         // the effect is the step's reset, not its rollback
	at        func() map[string]string    // the committed positions by part; nil = the service has none to compare
	before    map[string]string           // at, before the reset
	after     map[string]string           // at, after the reset; nil = consumers read on
	later     func()                      // what consumers do after the program was killed; may be nil
	readers   func(to int64)              // what consumers commit; may be nil
	settles   time.Duration               // after this time the outcome can be read
	paused    func() bool                 // the consumers are paused; may be nil
	stops     bool                        // the step leaves them so
	faults    func() []string             // what commands of a workload and resets did that they must not do; may be nil
	flags     []string                    // of apply
	env       []string                    // of every command
	lift      func()                      // makes the second step succeed; may be nil
	second    string                      // a second step with its own provider, which fails until lift is called
	secondAt  func() (got, want []string) // positions of the second step
}

// A trial is one plan in a folder of its own, and the service behind it.
type trial struct {
	service
	*ledger
	*shiftedClock
	dir     string
	program string // with a clock that can be set ahead
}

// write writes the trial's plan.
func (s *trial) write(t testing.TB, timeout string) {
	t.Helper()
	onError := "stop"
	if s.second != "" {
		onError = "undo"
	}
	text := fmt.Sprintf("version: 1\nname: p\nonError: %s\nproviders:\n", onError)
	text += fmt.Sprintf("  one: {type: %s, timeout: %s, rateLimit: 1000, %s}\n", s.name, timeout, s.provider)
	steps := "steps:\n  - id: move\n    provider: one\n" + s.step
	if s.second != "" {
		provider, step, _ := strings.Cut(s.second, "\n")
		text += "  two: {timeout: " + timeout + ", " + provider + "}\n"
		steps += "  - id: then\n    provider: two\n" + step
	}
	if err := os.WriteFile(filepath.Join(s.dir, "p.yaml"), []byte(text+steps), 0o600); err != nil {
		t.Fatal(err)
	}
}

// environment is the environment of the program, as the sandbox prints it.
func environment(home string) []string {
	env := []string{"HOME=" + home, "PATH=/nowhere"}
	for _, v := range sandbox.Environment() {
		env = append(env, v.Name+"="+v.Value)
	}
	return env
}

// A output is the output of a command and its exit code.
type output struct {
	code     int
	out, err string
}

// run runs a command of the program on the trial's clock.
func (s *trial) run(args ...string) output {
	var out, errs bytes.Buffer
	c := exec.Command(s.program, args...)
	c.Dir, c.Env, c.Stdout, c.Stderr = s.dir, append(append(environment(s.dir), s.env...), aheadVariable+"="+s.ahead().String()), &out, &errs
	err := c.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return output{-1, "", err.Error()}
	}
	return output{c.ProcessState.ExitCode(), out.String(), errs.String()}
}

func (s *trial) file() string { return filepath.Join(s.dir, "p.yaml") }

func (s *trial) lock() (*lock.File, error) {
	name, err := lock.For(s.file())
	if err != nil {
		return nil, err
	}
	return lock.Read(context.Background(), name)
}

// recorded returns the state of a step in lock and journal, or nil.
func (s *trial) recorded(id string) (*lock.Step, error) {
	f, err := s.lock()
	if err != nil {
		return nil, err
	}
	if r := f.Runs["once"]; r != nil {
		return r.ByID(id), nil
	}
	return nil, nil
}

// moved summarizes the service's record: whether the reset is the last change of all parts, of some, and which change was
// made twice in a row.
func (s *trial) moved() (all, some bool, twice []string) {
	last := map[string]effect{}
	for _, e := range s.all() {
		if was, ok := last[e.key]; ok && was == e {
			twice = append(twice, e.key+" to "+e.to)
		}
		last[e.key] = e
	}
	all = true
	for _, part := range s.parts {
		e, ok := last[part]
		there := ok && s.asked(e)
		all, some = all && there, some || there
	}
	return all, some, twice
}

// left returns the files of the trial except the plan and its lock.
func (s *trial) left() []string {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, e := range entries {
		if e.Name() != "p.yaml" && e.Name() != "p.lock.yaml" {
			out = append(out, e.Name())
		}
	}
	return out
}

// differing lists the parts that are not where they should be.
func differing(got, want map[string]string) []string {
	var out []string
	for _, part := range slices.Sorted(maps.Keys(want)) {
		if got[part] != want[part] {
			out = append(out, fmt.Sprintf("%s is at %s, not %s", part, got[part], want[part]))
		}
	}
	return out
}

// everywhere returns the same position for every part.
func everywhere(parts []string, position string) map[string]string {
	out := map[string]string{}
	for _, p := range parts {
		out[p] = position
	}
	return out
}

// Package modelcheck_test compares random histories of commands with a model. A script
// of operations (plans, applies, rollbacks, kills, lost answers, commits of other
// clients, damaged locks, a clock that goes back) runs against the service in memory,
// and a ledger that does not read the lock records what was sent.
//
// The invariants have numbers, which docs/promises.md cites: 1 at most one effect per step and
// run; 2 only what was approved is sent; 3 verified means reached; 4 paused or stopped consumers
// are started or reported; 5 a rollback restores; 6 the lock is true; 7 order is by
// sequence; 8 resets of one target wait for each other; 9 an approval outlives its own
// apply. The package contains only tests.
package modelcheck_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var kinds = []string{"offline", "online", "pausing", "blind", "workload"}

// TestModel runs random scripts of operations, including kills, against a model of
// the services and the lock. A script that breaks an invariant is shortened, printed
// and saved in testdata/rapid. For a long run:
//
//	go test ./plan/modelcheck -run TestModel -rapid.checks=20000
func TestModel(t *testing.T) {
	thorough()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := scripts(kind, 20).Draw(t, "script")
				if sm := play(s); len(sm.wrong) > 0 {
					fail(t, sm.report(), number(sm.wrong[0]))
				}
			})
		})
	}
}

// thorough raises rapid's default number of cases, unless the command line sets
// it.
func thorough() {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if _, set := os.LookupEnv("RAPID_CHECKS"); !given && !set {
		must(flag.Set("rapid.checks", "400"))
		must(flag.Set("rapid.seed", "20261120")) // the same cases each time; a long run uses others
	}
}

func (sm *simulation) report() string {
	return fmt.Sprintf("%s\n%s\nwhat happened:\n%s", sm.wrong[0], sm.script, strings.Join(sm.trace, "\n"))
}

// number returns the number in an invariant's name.
func number(wrong string) int {
	return int(strings.TrimPrefix(wrong, "INVARIANT ")[0] - '0')
}

// fail fails at a stack depth that differs per invariant: rapid treats failures with
// the same stack as the same failure, and shortens a script only while it fails in
// the same way.
func fail(t *rapid.T, report string, depth int) {
	if depth > 0 {
		fail(t, report, depth-1)
		return
	}
	t.Fatal(report)
}

// play runs a script to its end, or to the first violation.
func play(s script) *simulation {
	dir, err := os.MkdirTemp(scratch(), "model")
	must(err)
	defer os.RemoveAll(dir)
	sm := newSimulation(dir, s)
	for _, o := range s.Ops {
		if sm.do(o); len(sm.wrong) > 0 {
			break
		}
	}
	return sm
}

// scratch returns a folder in memory if the system has one: the cost of a sync is not
// tested here.
func scratch() string {
	if s, err := os.Stat("/dev/shm"); err == nil && s.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// TestModelScripts runs the scripts that once broke an invariant.
func TestModelScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/model/*.script")
	must(err)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".script"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			must(err)
			s, err := parse(string(text))
			must(err)
			if sm := play(s); len(sm.wrong) > 0 {
				t.Error(sm.report())
			}
		})
	}
}

// TestModelText checks that the text of random scripts round-trips.
func TestModelText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := scripts(rapid.SampledFrom(kinds).Draw(t, "kind"), 5).Draw(t, "script")
		got, err := parse(want.String())
		if err != nil || got.String() != want.String() {
			t.Fatalf("%s\nis read back as\n%s\n%v", want, got, err)
		}
	})
}

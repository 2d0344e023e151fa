package modelcheck_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/lock"
	"pgregory.net/rapid"
)

// TestModelClock runs each script twice: with a clock that only goes forward, and with
// one that also goes back between commands. Only times may differ. Services whose
// resets are visible immediately need no clock for any decision.
func TestModelClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"offline", "pausing"}).Draw(t, "kind")
		s := scripts(kind, 14).Draw(t, "script")
		if !slices.ContainsFunc(s.Ops, func(o op) bool { return o.Do == "back" }) {
			s.Ops = slices.Insert(s.Ops, len(s.Ops)/2, op{Do: "back", N: rapid.IntRange(0, 2).Draw(t, "far")})
		}
		if diff := clockDifference(s); diff != "" {
			t.Fatalf("INVARIANT 7 order is by sequence: a clock that goes back changes only times\n%s\n%s", s, diff)
		}
	})
}

// still is the operand of "back" that leaves the clock unchanged.
const still = 3

// clockDifference plays a script with both clocks and describes the first difference.
func clockDifference(s script) string {
	on := script{s.Setup, slices.Clone(s.Ops)}
	for i, o := range on.Ops {
		if o.Do == "back" {
			on.Ops[i].N = still
		}
	}
	a, b := eventsWithoutTimes(on), eventsWithoutTimes(s)
	for i := range a {
		if i < len(b) && a[i] != b[i] {
			return fmt.Sprintf("with a clock that goes forward:\n%s\nwith one that goes back:\n%s", strings.Join(a[:i+1], "\n"),
				strings.Join(b[:i+1], "\n"))
		}
	}
	return ""
}

// eventsWithoutTimes plays a script and returns the state after each operation, without
// times.
func eventsWithoutTimes(s script) (out []string) {
	dir, err := os.MkdirTemp(scratch(), "model")
	must(err)
	defer os.RemoveAll(dir)
	sm := newSimulation(dir, s)
	for _, o := range s.Ops {
		from := len(sm.trace) + 1
		sm.do(o)
		state := line(o)
		if o.Do == "back" {
			state = "back"
		}
		for _, l := range sm.trace[min(from, len(sm.trace)):] {
			if strings.HasPrefix(l, "  sends") || strings.HasPrefix(l, "  ->") {
				l, _, _ = strings.Cut(l, ": ") // messages show times
				state += "\n" + l
			}
		}
		for n := range sm.steps() {
			state += fmt.Sprintf("\n  %s is at %v", group(n), sm.committed(group(n)))
		}
		out = append(out, state+recorded(filepath.Join(dir, "p.lock.yaml"))+recorded(filepath.Join(dir, "other.lock.yaml")))
	}
	return out
}

// recorded describes a lock without times.
func recorded(path string) (out string) {
	f, err := lock.Read(context.Background(), path)
	if err != nil {
		return "\n  a lock that cannot be read"
	}
	for _, run := range []string{"once", "again"} {
		if r := f.Runs[run]; r != nil {
			out += fmt.Sprintf("\n  run %s is %s", run, r.Outcome)
			for _, s := range r.Steps {
				out += fmt.Sprintf("\n    %s is %s", s.ID, s.Outcome)
				for _, p := range s.Parts {
					out += fmt.Sprintf(", %s from %s to %s, seen at %s", p.Part, p.Before, p.After, p.Seen)
				}
			}
		}
	}
	return out
}

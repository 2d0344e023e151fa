//go:build linux && amd64

package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
)

// apply runs apply or rollback.
func (tr *trial) apply(verb string) output {
	return tr.run(append([]string{verb, tr.file(), "--auto-approve"}, tr.flags...)...)
}

// recover does what a person does after the program was killed: plan, the same command again, and `lock settle` if the
// step is in doubt. It returns each rule of the specification that was broken.
func (tr *trial) recover(verb string) []string {
	b := &broken{}
	tr.quiet(b)
	tr.claims(b, "after the kill")
	if tr.later != nil {
		tr.later()
	}
	tr.advance(tr.settles)
	if tr.lift != nil {
		tr.lift()
	}
	planned := tr.readOnly(b)
	if verb == "apply" && planned.code != 0 && planned.code != 5 {
		b.add("the plan after the kill fails: exit %d, %s", planned.code, oneLine(planned))
	}
	const rounds = 4
	for round := range rounds {
		done := tr.apply(verb)
		tr.claims(b, "after another "+verb)
		switch {
		case done.code == 0:
			tr.ended(b, verb)
			return b.rules
		case done.code != 5:
			b.add("the next %s exits neither with 0 nor with 5: exit %d, %s", verb, done.code, oneLine(done))
			return b.rules
		case round == 0 && planned.code == 0 && verb == "apply":
			b.add("the plan succeeds and the apply fails: exit %d, %s", done.code, oneLine(done))
		}
		tr.settle(b)
		tr.advance(tr.settles)
	}
	b.add("it never ends: %d times exit 5", rounds)
	return b.rules
}

// readOnly runs commands that must change nothing, and must report consumers that the program has left paused.
func (tr *trial) readOnly(b *broken) (planned output) {
	known, paused := len(tr.all()), tr.paused != nil && tr.paused()
	commands := [][]string{{"plan", tr.file()}}
	if paused {
		commands = [][]string{{"status", tr.file()}, {"lock", "show", tr.file()}, {"plan", tr.file()}}
	}
	for _, command := range commands {
		planned = tr.run(command...)
		if printed := strings.ToLower(planned.out + planned.err); paused && !strings.Contains(printed, "paused") &&
			!strings.Contains(printed, "stopped (workload consumers)") {
			b.add("the consumers are paused, which is not reported by: %s", command[0])
		}
	}
	if now := tr.all(); len(now) != known {
		b.add("a read-only command changed something: %v", now[known:])
	}
	return planned
}

// A broken collects the rules that were broken at one point.
type broken struct{ rules []string }

func (b *broken) add(format string, args ...any) {
	rule := fmt.Sprintf(format, args...)
	if !slices.Contains(b.rules, rule) {
		b.rules = append(b.rules, rule)
	}
}

func oneLine(s output) string {
	text := strings.Join(strings.Fields(s.err), " ")
	return text[:min(300, len(text))]
}

// settle settles a step in doubt according to the service's own record.
func (tr *trial) settle(b *broken) {
	s, err := tr.recorded("move")
	if err != nil || s == nil || !s.Doubtful() {
		return
	}
	whole, _, _ := tr.moved()
	if attempt := s.Attempt(); attempt != nil && attempt == s.Return {
		whole = slices.ContainsFunc(tr.all(), func(e effect) bool { return strings.HasPrefix(e.key, returnKey) })
	} else if s.Outcome != lock.InDoubt { // its rollback is in doubt
		_, some, _ := tr.moved()
		whole = !some
	}
	verdict := map[bool]string{true: "applied", false: "not-applied"}[whole]
	if done := tr.run("lock", "settle", tr.file(), "move", verdict); done.code != 0 {
		b.add("lock settle fails: exit %d, %s", done.code, oneLine(done))
	}
}

// claims compares the lock with the service's record: the lock never claims more than happened, and misses nothing that
// may have happened.
func (tr *trial) claims(b *broken, when string) {
	whole, some, twice := tr.moved()
	if len(twice) > 0 {
		b.add("the same reset is sent twice: %s", strings.Join(twice, ", "))
	}
	if tr.faults != nil {
		for _, f := range tr.faults() {
			b.add("%s", f)
		}
	}
	s, err := tr.recorded("move")
	switch {
	case err != nil:
		b.add("the lock cannot be read: %v", err)
	case s == nil && some:
		b.add("the service has moved partitions that are not in the lock, %s: %v", when, tr.all())
	case s == nil || s.Doubtful():
	case s.Outcome.Done() && !whole:
		b.add("the lock claims more than happened, %s: %s, and the service has %v", when, s.Outcome, tr.all())
	case s.Outcome == lock.Undone && some:
		b.add("the lock claims a rollback that did not happen, %s: the service has %v", when, tr.all())
	case some && (s.Outcome == lock.Keep || s.Outcome == lock.Refused || s.Outcome == lock.NotRun || s.Outcome == lock.Failed && whole):
		b.add("the lock denies what happened, %s: %s, and the service has %v", when, s.Outcome, tr.all())
	}
}

// ended checks the state after a command that exited with 0.
func (tr *trial) ended(b *broken, verb string) {
	if tr.paused != nil && tr.paused() != tr.stops {
		b.add("the pipeline is left paused (%t), exit 0: %v", tr.paused(), tr.all())
	}
	whole, some, _ := tr.moved()
	want := tr.after
	switch {
	case verb == "rollback":
		want = tr.before
		if some {
			b.add("a rollback with exit 0 has not restored everything: %v", tr.all())
		}
	case !whole:
		b.add("an apply with exit 0 has not moved everything: %v", tr.all())
	}
	if tr.at != nil && want != nil {
		if wrong := differing(tr.at(), want); wrong != nil {
			b.add("the final positions are wrong: %s", strings.Join(wrong, ", "))
		}
	}
	if tr.secondAt != nil {
		if got, want := tr.secondAt(); !slices.Equal(got, want) {
			b.add("the second step's final positions are wrong: %v, not %v", got, want)
		}
	}
	if left := tr.left(); left != nil {
		b.add("files are left behind: %v", left)
	}
	s, err := tr.recorded("move")
	if err != nil || s == nil || s.Doubtful() || verb == "apply" && !s.Outcome.Done() || verb == "rollback" && s.Outcome != lock.Undone {
		b.add("the lock has no outcome after exit 0: %+v", s)
	}
}

// quiet waits until the services have handled everything that the program had sent before it was killed: they have closed
// each connection that it left.
func (tr *trial) quiet(b *broken) {
	const closeWait = "08"
	for until := time.Now().Add(time.Minute); ; {
		time.Sleep(2 * time.Millisecond) // less than it takes to read the table
		table, err := os.ReadFile("/proc/net/tcp")
		if err != nil {
			b.add("cannot see the connections: %v", err)
			return
		}
		open := false
		for line := range strings.Lines(string(table)) {
			if !strings.Contains(line, " "+closeWait+" ") {
				continue // most of the table, which has the closed connections of a minute
			}
			f := strings.Fields(line)
			_, port, _ := strings.Cut(f[1], ":")
			open = open || f[3] == closeWait && (port == fmt.Sprintf("%04X", tr.port) || port == fmt.Sprintf("%04X", tr.otherPort))
		}
		if !open {
			break
		}
		if time.Now().After(until) {
			b.add("the service does not close the connections of a killed program")
			return
		}
	}
	if tr.at != nil {
		tr.at() // the broker has handled everything it received before when it answers this request
	}
}

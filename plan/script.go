package plan

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// A Script is how a person carries one step out by hand.
type Script struct {
	Step     *Step
	First    []string // what to make sure of before, a sentence each
	Commands []string // for a POSIX shell; none where there is nothing to be typed
	Why      string   // why there is none
}

// Scripts returns how a person would make the plan's moves with the vendors'
// own clients, step by step. It asks nobody. The plan is one that this process
// has made: a plan that was read has lost what is behind its steps.
func (p *Prepared) Scripts() []Script {
	all := make([]Script, len(p.Steps))
	for i := range p.Steps {
		all[i] = Script{Step: &p.Steps[i]}
		switch {
		case p.Steps[i].Action != Reset:
		default:
			all[i].write(p.work[i])
		}
	}
	return all
}

// write lets the step's provider write its move.
func (s *Script) write(w *work) {
	scripter, ok := w.conn.kind.(providers.Scripter)
	if !ok {
		s.Why = w.conn.kind.Type() + " has no client that could be told to"
		return
	}
	written, err := scripter.Script(w.conn.config, w.move(*s.Step))
	switch {
	case err != nil:
		s.Why = err.Error()
	case strings.Contains(strings.Join(written.Commands, ""), "\x00"):
		s.Why = "a name in it holds a character that no command can be given"
	default:
		s.First = append(ready(w, s.Step), written.First...)
		s.Commands = written.Commands
	}
}

// ready says how the target's consumers must be, which no vendor's client
// makes sure of.
func ready(w *work, s *Step) []string {
	switch w.conn.caps.Needs {
	case providers.Idle:
		now := fmt.Sprintf("Its consumers must be stopped, and stay so until this is done: a live one would commit over the reset. When this was planned they were %s.", seen(s))
		return []string{now}
	case providers.Active:
		return []string{fmt.Sprintf("Its consumers must be online: the service carries the reset out through them. When this was planned they were %s.", seen(s))}
	}
	return nil
}

// seen is what was known of a step's consumers.
func seen(s *Step) string {
	if s.Activity == providers.UnknownState.String() {
		return "not to be seen"
	}
	return s.Activity
}

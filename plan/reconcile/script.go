package reconcile

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

// A Script is one step as commands for a person.
type Script struct {
	Step     *plan.Step
	First    []string // what to check first, one sentence each
	Commands []string // for a POSIX shell; none if there is no command
	Why      string   // why there is none
}

// Scripts returns the plan's moves as commands of the vendors' own clients, step by
// step. It contacts no service. The plan must have been made by this process: a plan
// that was read from a file has no targets.
func (p *Prepared) Scripts() []Script {
	all := make([]Script, len(p.Steps))
	for i := range p.Steps {
		all[i] = Script{Step: &p.Steps[i]}
		switch {
		case p.Steps[i].Action != plan.Reset:
		default:
			all[i].write(p.targets[i])
		}
	}
	return all
}

// write asks the step's provider for the commands of its move.
func (s *Script) write(t *survey.Target) {
	scripter, ok := t.Conn.Kind.(providers.Scripter)
	if !ok {
		s.Why = t.Conn.Kind.Type() + " has no command line client that can do this"
		return
	}
	written, err := scripter.Script(t.Conn.Config, t.Move(*s.Step))
	switch {
	case err != nil:
		s.Why = err.Error()
	case strings.Contains(strings.Join(written.Commands, ""), "\x00"):
		s.Why = "a name contains a character that cannot be passed to a command"
	default:
		s.First = append(consumersFirst(t, s.Step), written.First...)
		s.Commands = written.Commands
	}
}

// consumersFirst returns the state that the target's consumers must be in; the vendors'
// clients do not check it.
func consumersFirst(t *survey.Target, s *plan.Step) []string {
	switch t.Conn.Caps.Needs {
	case providers.Idle:
		now := fmt.Sprintf("Stop its consumers first and keep them stopped until this is done: a running one would commit over the reset. When this was planned they were %s.", seen(s))
		return []string{now}
	case providers.Active:
		return []string{fmt.Sprintf("Its consumers must be online: the service resets through them. When this was planned they were %s.", seen(s))}
	}
	return nil
}

// seen describes what was known about a step's consumers.
func seen(s *plan.Step) string {
	if s.Activity == providers.UnknownState.String() {
		return "not to be seen"
	}
	return s.Activity
}

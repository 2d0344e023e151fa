package reconcile

import (
	"fmt"
	"maps"
	"slices"
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
		if p.Steps[i].Action == plan.Reset {
			all[i].write(p.targets[i])
		}
	}
	p.addWorkloads(all)
	return all
}

// addWorkloads adds the commands that stop a workload to the first step that needs it
// stopped, and those that start it to the last one.
func (p *Prepared) addWorkloads(all []Script) {
	first, last := map[string]int{}, map[string]int{}
	for i := range all {
		name := workloadName(p.targets[i].PausedBy, p.targets[i])
		if all[i].Commands == nil || !all[i].Step.Pauses || p.workloads[name] == nil {
			continue
		}
		if last[name] = i; !slices.Contains(slices.Collect(maps.Keys(first)), name) {
			first[name] = i
		}
		all[i].First = append([]string{fmt.Sprintf("The workload %s is stopped before the reset and started after it. Continue only when the service "+
			"reports that the group is idle. %s", name, observed(all[i].Step))}, all[i].First[min(1, len(all[i].First)):]...)
	}
	for name, i := range first {
		stop, _ := p.workloads[name].Lines()
		all[i].Commands = append([]string{stop}, all[i].Commands...)
	}
	for name, i := range last {
		_, start := p.workloads[name].Lines()
		all[i].Commands = append(all[i].Commands, start)
	}
}

// write asks the step's provider for the commands of its move.
func (s *Script) write(t *survey.Target) {
	scripter, ok := t.Conn.Kind.(providers.Scripter)
	if !ok {
		s.Why = t.Conn.Kind.Type() + " has no command line client that can do this"
		return
	}
	written, err := script(scripter, t, s.Step)
	switch {
	case err != nil:
		s.Why = err.Error()
	case strings.Contains(strings.Join(written.Commands, ""), "\x00"):
		s.Why = "a name contains a character that cannot be passed to a command"
	default:
		s.First = append(consumerState(t, s.Step), written.First...)
		if s.Step.Until != "" {
			s.First = append(s.First, "The commands end with the reset: watch the replay that follows it, and end it yourself.")
		}
		s.Commands = written.Commands
	}
}

// script asks for the commands of a step, with its pause and its start if the provider
// can write them.
func script(w providers.Scripter, t *survey.Target, s *plan.Step) (providers.Script, error) {
	if r, ok := w.(providers.RestartScripter); ok {
		return r.ScriptRestart(t.Conn.Config, t.Move(*s), providers.Restart{Pauses: s.Pauses, Settings: t.Step.Start})
	}
	return w.Script(t.Conn.Config, t.Move(*s))
}

// consumerState returns the state in which the target's consumers must be; the vendors'
// clients do not check it.
func consumerState(t *survey.Target, s *plan.Step) []string {
	_, restarts := t.Conn.Kind.(providers.RestartScripter)
	switch {
	case s.Pauses && restarts:
		return []string{"The commands pause its consumers and start them again. " + observed(s)}
	case t.Conn.Caps.Needs == providers.Idle:
		return []string{"Stop its consumers first and keep them stopped until this is done: " +
			"a running one would commit over the reset. " + observed(s)}
	case t.Conn.Caps.Needs == providers.Active:
		return []string{"Its consumers must be online: the service resets through them. " + observed(s)}
	}
	return nil
}

// observed describes the state of a step's consumers in the plan's reading.
func observed(s *plan.Step) string {
	if s.Activity == providers.UnknownState.String() {
		return "Their state was unknown when this was planned."
	}
	return fmt.Sprintf("When this was planned they were %s.", s.Activity)
}

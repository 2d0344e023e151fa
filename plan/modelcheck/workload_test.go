package modelcheck_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

// The invariants of workloads. They have the number of all invariants about consumers that
// the program stops.
const (
	stoppedOnce   = "4b a workload is not stopped again before it was started"
	idleAtSend    = "4c no reset is sent while the consumers of a workload are active"
	startedLast   = "4d a workload is started after the last reset, a rollback included"
	startedAlways = "4e what an apply has stopped, it starts, whatever the outcome"
	resumeStarts  = "4f resume starts what a killed command has left stopped"
)

// consumers are those of all groups of a simulation, which its workload runs.
type consumers struct {
	running map[string]bool // by group; the service reports it later, if the setup has a delay
	due     []transition
	halted  bool // stopped by the program, and not started by anyone since
	unknown bool // the operator's configuration does not have the workload any more
}

// A transition is a stop or a start that the service does not report yet.
type transition struct {
	at     time.Duration
	group  string
	active bool
}

// set stops or starts all consumers.
func (sm *simulation) set(active bool, late time.Duration) {
	for n := range sm.steps() {
		g := group(n)
		sm.consumers.running[g] = active
		sm.consumers.due = append(sm.consumers.due, transition{sm.passed + late, g, active})
	}
	sm.arrive()
}

// arrive lets the service report what has happened by now.
func (sm *simulation) arrive() {
	sm.consumers.due = slices.DeleteFunc(sm.consumers.due, func(d transition) bool {
		if d.at > sm.passed {
			return false
		}
		if d.active {
			sm.service.Activate(d.group)
		} else {
			sm.service.Rest(d.group)
		}
		return true
	})
}

func (sm *simulation) anyActive() bool {
	for n := range sm.steps() {
		if sm.service.Active(group(n)) {
			return true
		}
	}
	return false
}

// workloads are those of the operator's configuration.
func (sm *simulation) workloads() map[string]survey.Workload {
	if sm.script.Setup.Kind != "workload" || sm.consumers.unknown {
		return nil
	}
	return map[string]survey.Workload{"w": &workload{sm}}
}

// A workload is the operator's commands.
type workload struct{ sm *simulation }

func (w *workload) late() time.Duration { return time.Duration(w.sm.script.Setup.Delay) * time.Second }

func (w *workload) Stop(context.Context) error {
	sm := w.sm
	return sm.control("pause", "paused", func() error {
		c := sm.command
		if c.stopped || sm.consumers.halted && !sm.anyActive() {
			sm.violated(stoppedOnce, "it is stopped a second time")
		}
		for n := range sm.steps() {
			if sm.consumers.running[group(n)] {
				sm.paused[group(n)] = c.lock
			}
		}
		c.stopped, c.started, sm.consumers.halted = true, false, true
		sm.set(false, w.late())
		return nil
	})
}

func (w *workload) Start(context.Context) error {
	sm := w.sm
	return sm.control("start", "started", func() error {
		c := sm.command
		if c.starts++; c.starts > 1 && !c.undo { // a rollback also starts what an earlier one has left stopped
			sm.violated(startedLast, "it is started a second time")
		}
		c.stopped, c.started = false, true
		sm.startAll(w.late())
		return nil
	})
}

// startAll starts the consumers, by the program or by hand.
func (sm *simulation) startAll(late time.Duration) {
	for n := range sm.steps() {
		delete(sm.paused, group(n))
	}
	sm.consumers.halted = false
	sm.set(true, late)
}

func (w *workload) Running(context.Context) (running, known bool) {
	for _, is := range w.sm.consumers.running {
		running = running || is
	}
	return running, w.sm.script.Setup.Status
}

func (w *workload) Times() (stopped, started time.Duration) { return time.Minute, time.Minute }

func (w *workload) Lines() (stop, start string) { return "stop", "start" }

// resume runs the command that only starts consumers.
func (sm *simulation) resume(ctx context.Context, c *command) error {
	text, err := os.ReadFile(sm.file())
	must(err)
	s, err := open(sm.file(), text, sm.operator(c.Who))
	if err != nil {
		return err
	}
	defer s.close()
	return s.resume(ctx, c.lock)
}

// checkConsumers checks a reset that is about to be sent.
func (sm *simulation) checkConsumers(group string) {
	switch {
	case sm.script.Setup.Kind != "workload":
	case sm.service.Active(group):
		sm.violated(idleAtSend, "%s is active", group)
	case sm.command.started && !sm.command.disturbed:
		sm.violated(startedLast, "%s is sent after the start", group)
	}
}

// checkStarted checks the consumers after a command that was not killed. A start that fails
// is the only reason for which they may be stopped.
func (sm *simulation) checkStarted(c *command, err error) {
	failed := strings.HasSuffix(c.Fault, "-start")
	left := ""
	for n := range sm.steps() {
		if sm.paused[group(n)] == c.lock {
			left = group(n)
		}
	}
	switch {
	case failed || sm.damaged[c.lock]:
	case c.stopped:
		sm.violated(startedAlways, "the command stops the workload, and ends without starting it: %s", short(err))
	case c.Do != "resume" || c.disturbed:
	case left != "" && (!sm.consumers.unknown || exitOf(err) != 5):
		sm.violated(resumeStarts, "%s is still stopped after resume: %s", left, short(err))
	case err != nil && !sm.consumers.unknown:
		sm.violated(resumeStarts, "resume ends with %s", short(err))
	}
}

// returning reports whether a reset of an apply rolls back what the same apply has sent.
func (sm *simulation) returning(s *send) bool {
	return sm.script.Setup.Undo && !sm.command.undo &&
		slices.ContainsFunc(sm.commandSends, func(was *send) bool { return was.group == s.group && sameMoves(s.moves, was.before) })
}

func sameMoves(moves, before map[providers.Part]providers.Position) bool {
	for p, to := range moves {
		if before[p] != to {
			return false
		}
	}
	return true
}

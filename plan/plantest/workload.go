package plantest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
)

// A Workload runs the consumers of groups of a Rig. It records what was requested, and
// what the lock had by then.
type Workload struct {
	Rig       *Rig
	Groups    []string
	Late      int    // at which sleep of the program the service reports the change; 0 = at once
	AtStop    func() // may be nil
	FailStop  error  // after the consumers were stopped
	FailStart error  // before the consumers are started
	Keeps     string // a group whose consumers another program runs
	Started   *bool  // what its status command reports; nil = it has none

	mu    sync.Mutex
	calls []string
}

// Calls returns the requests, each with the intent that the lock had: "stop pause".
func (w *Workload) Calls() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

func (w *Workload) called(verb string) {
	intent := "unrecorded"
	f, err := lock.Read(context.Background(), w.Rig.Lock)
	if err != nil {
		w.Rig.T.Error(err)
		return
	}
	for _, p := range f.Paused() {
		intent = string(p.Step.Paused.Doing) + " " + p.Step.Paused.Workload
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, verb+": "+intent)
}

// after does something at the sleep that Late counts.
func (w *Workload) after(do func()) {
	if w.Late == 0 {
		do()
		return
	}
	left := w.Late
	w.Rig.mu.Lock()
	defer w.Rig.mu.Unlock()
	w.Rig.Asleep = func() {
		if left--; left == 0 {
			do()
		}
	}
}

// Stop stops the consumers.
func (w *Workload) Stop(context.Context) error {
	w.called("stop")
	if w.AtStop != nil {
		w.AtStop()
	}
	w.after(func() {
		for _, g := range w.Groups {
			if g != w.Keeps {
				w.Rig.Service.Rest(g)
			}
		}
	})
	return w.FailStop
}

// Start starts the consumers.
func (w *Workload) Start(context.Context) error {
	w.called("start")
	if w.FailStart != nil {
		return w.FailStart
	}
	w.after(func() {
		for _, g := range w.Groups {
			w.Rig.Service.Activate(g)
		}
	})
	return nil
}

// Running is the answer of a status command.
func (w *Workload) Running(context.Context) (running, known bool) {
	if w.Started == nil {
		return false, false
	}
	return *w.Started, true
}

// Times are a minute each.
func (w *Workload) Times() (stopped, started time.Duration) { return time.Minute, time.Minute }

// Lines are commands that do nothing.
func (w *Workload) Lines() (stop, start string) { return "stop-it --now", "start-it" }

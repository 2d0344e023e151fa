package lock

import (
	"cmp"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// A Replay is what follows a reset with `until`: consumers read up to a bound, and then
// something is done. It is recorded with the reset, and each phase before it begins.
type Replay struct {
	Doing  ReplayPhase                   `json:"doing"`
	Until  string                        `json:"until"`            // "former", "offset:300" or "time:2026-11-18T00:00:00Z"
	Then   string                        `json:"then"`             // "nothing", "stop" or "return"
	By     string                        `json:"by"`               // user@host
	Since  Time                          `json:"since"`            // when the phase began
	Why    string                        `json:"why,omitempty"`    // why the phase is not over, or who ended the replay
	Bounds map[string]providers.Position `json:"bounds,omitempty"` // by part: the position to be passed; nil once the replay is over
	// Former has the former positions of parts that were reset again: another client had
	// moved them, so that the position before that reset is not the former one.
	Former map[string]providers.Position `json:"former,omitempty"`
}

// ReplayPhase is a phase of a replay.
type ReplayPhase string

// The phases of a replay.
const (
	Replaying ReplayPhase = "replaying" // the consumers read up to the bounds
	Stopping  ReplayPhase = "stopping"  // the bounds were passed, and the consumers are stopped
	Returning ReplayPhase = "returning" // the consumers are stopped, and positions are moved forward to the former ones
	Restoring ReplayPhase = "starting"  // the consumers are started again
	Replayed  ReplayPhase = "done"
	Abandoned ReplayPhase = "abandoned" // it was ended before that, by a person or by another reset of its target
)

var (
	replayPhases = []ReplayPhase{Replaying, Stopping, Returning, Restoring, Replayed, Abandoned}
	replayThens  = []string{"nothing", "stop", "return"}
)

// InReplay reports whether the reset of a step counts as applied and the replay that
// follows it is not over.
func (s *Step) InReplay() bool {
	return s != nil && s.Replay != nil && !s.Replay.over() && s.Outcome.Done()
}

// over reports whether nothing of a replay is left to do.
func (r *Replay) over() bool { return r.Doing == Replayed || r.Doing == Abandoned }

// Abandon ends the replay of a step before its consumers have passed its end. The record
// of consumers that were stopped for it is kept: they still have to be started.
func (s *Step) Abandon(why, by string, at Time) {
	s.Replay = s.Replay.WithPhase(Abandoned, by, at)
	s.Replay.Why = why
	s.Why = strings.TrimPrefix(s.Why+"; its replay was not finished: "+why, "; ")
}

// EndsReplay reports whether an apply that continues stops the consumers, or leaves them
// stopped, at the end of a replay.
func (s *Step) EndsReplay() bool {
	return s.InReplay() && (s.Replay.Doing == Stopping || s.Replay.Doing == Returning)
}

// Passed reports whether the consumers of a step were seen past the end of its replay.
func (s *Step) Passed() bool {
	return s != nil && s.Replay != nil && s.Replay.Doing != Replaying && (s.Replay.Doing != Abandoned || s.Returned())
}

// Returned reports whether a step was put back to its former positions after a replay.
func (s *Step) Returned() bool {
	return s.Outcome.Done() && s.Return != nil && s.Return.Outcome.Done()
}

// WithPhase returns a copy of the replay in another phase.
func (r Replay) WithPhase(doing ReplayPhase, by string, since Time) *Replay {
	if r.Doing != doing {
		r.By, r.Since, r.Why = by, since, ""
	}
	if r.Doing = doing; r.over() {
		r.Bounds, r.Former = nil, nil
	}
	return &r
}

// attempts are the attempts to move a step's parts that follow its reset.
func (s *Step) attempts() [2]**Undo { return [2]**Undo{&s.Undo, &s.Return} }

// Attempt returns the attempt after the reset of which it is unknown whether it took
// effect, or nil.
func (s *Step) Attempt() *Undo {
	for _, u := range s.attempts() {
		if *u != nil && (*u).Outcome == InDoubt {
			return *u
		}
	}
	return nil
}

// Owed reports whether this program has to start the consumers again: it has stopped
// them, and the plan does not keep them stopped.
func (p *Paused) Owed() bool { return p != nil && p.Doing != Stopped }

// Paused returns the recorded steps, of all runs, whose consumers may still be
// paused and have to be started.
func (f *File) Paused() []PausedStep { return f.steps((*Paused).Owed) }

// Stopped returns the recorded steps, of all runs, whose consumers were stopped and stay
// so until they are started on request.
func (f *File) Stopped() []PausedStep {
	return f.steps(func(p *Paused) bool { return p != nil && p.Doing == Stopped })
}

// Halted returns the steps of Paused and of Stopped.
func (f *File) Halted() []PausedStep { return slices.Concat(f.Paused(), f.Stopped()) }

// Replays returns the recorded steps, of all runs, whose replay is not over.
func (f *File) Replays() []PausedStep { return f.matching((*Step).InReplay) }

// steps returns the steps with matching consumers, those of the newest run first.
func (f *File) steps(is func(*Paused) bool) []PausedStep {
	return f.matching(func(s *Step) bool { return is(s.Paused) })
}

func (f *File) matching(is func(*Step) bool) (out []PausedStep) {
	for key, r := range f.Runs {
		for _, s := range r.Steps {
			if is(s) {
				out = append(out, PausedStep{key, *s})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b PausedStep) int {
		return cmp.Or(cmp.Compare(f.Runs[b.Run].Sequence, f.Runs[a.Run].Sequence), strings.Compare(b.Run, a.Run))
	})
	return out
}

func (l *layout) replay(to **Replay) {
	if *to == nil {
		*to = &Replay{}
	}
	r := *to
	l.value("", (*str)(&r.Doing))
	l.require(slices.Contains(replayPhases, r.Doing))
	l.value(", until: ", (*str)(&r.Until))
	l.value(", then: ", (*str)(&r.Then))
	l.require(slices.Contains(replayThens, r.Then))
	l.value(", by: ", (*str)(&r.By))
	l.value(", since: ", &r.Since)
	l.optional(", why: ", (*str)(&r.Why))
	mapping(l, ", bounds: ", &r.Bounds, func(p *providers.Position) scalar { return (*position)(p) })
	mapping(l, ", former: ", &r.Former, func(p *providers.Position) scalar { return (*position)(p) })
	l.literal("}")
}

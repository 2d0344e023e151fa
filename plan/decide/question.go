package decide

import (
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// Question is everything Diff needs except the snapshot.
type Question struct {
	ID           string
	Provider     string // its path or name, for messages
	Type         string
	Address      string
	Identity     string // identifies the target, independent of the names in the document
	Group        string // the consumer group; "" = the service has none
	Digest       string
	Run          string // the run's key
	File         string // of the plan, for the commands in messages
	Step         *schema.Step
	Capabilities providers.Capabilities
	Now          time.Time
	Record       *lock.Step                   // the record of the step in this run; nil = none
	Earlier      *lock.Step                   // a request for the target in this run that is in doubt, such as before an edit; nil = none
	Paused       *lock.Paused                 // the consumers were paused by this program, in any run; nil = no
	Stopped      *lock.Paused                 // the consumers were stopped at the end of a replay, and stay so; nil = no
	Unfinished   string                       // describes a replay of this target that another request began and that is not over; "" = none
	Fixed        []lock.Part                  // parts whose After is already decided: a saved plan, a step to resume, an undo, a lock's run; sorted
	Complete     bool                         // Fixed holds every part of the target: any other part was added since
	ByGlob       bool                         // the group is matched only by a glob, so it may not read these topics
	Undo         bool                         // Fixed holds the positions before a reset
	Past         bool                         // an undo may go back further than the consumers had read before the reset
	Retry        bool                         // a step that another client has committed over is sent again
	Holder       string                       // the apply that holds the lock now; "" = none
	Ceded        bool                         // another step of the same rollback restores the parts that are not in Fixed
	Landings     map[providers.Part]Landing   // where the positions in Fixed lead, as the plan has shown
	Ranges       map[providers.Part]Landing   // between which positions the times lead that only the service resolves, as the plan has shown
	Oldest       map[providers.Part]time.Time // when the first record at each target was written, if known
	NoWorkload   string                       // why the workload that was stopped, or that the step stops, is not known; "" = it is, or there is none
	NoTarget     string                       // why the step has no target; "" = it has one
	room         *Room                        // memory for the parts of the decision; nil = none
	Patient      bool                         // the document lets the step wait for its consumers or pause them, whatever they do now
}

// Resume limits a step of which some parts have moved to the other parts, with
// their earlier targets: parts that have moved are not sent again.
func (q *Question) Resume() {
	if inPart(q.Record) {
		q.Fixed = slices.DeleteFunc(slices.Clone(q.Record.Parts), func(p lock.Part) bool { return p.Error == "" })
	}
}

// Also returns the parts that are read even if the target does not select them
// at present: those that were decided or recorded before.
func (q *Question) Also() []providers.Part {
	var recorded []lock.Part
	if q.Record != nil && (q.Record.Doubtful() || q.Record.Outcome.Done()) {
		recorded = q.Record.Parts
	}
	out := slices.Grow([]providers.Part(nil), len(q.Fixed)+len(recorded))
	for _, decided := range [][]lock.Part{q.Fixed, recorded} {
		for i := range decided {
			if decided[i].Part != (providers.Part{}) {
				out = append(out, decided[i].Part)
			}
		}
	}
	return out
}

// Resolve lists the positions that the service has to resolve.
func (q *Question) Resolve() []providers.Position {
	var out []providers.Position
	add := func(p providers.Position) {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	switch to := q.Step.To; {
	case q.Fixed != nil:
	case to.Form == schema.ToTimestamp && q.Capabilities.Resolves[providers.Time]:
		add(providers.AtTime(to.Time.At(q.Now)))
	case to.Form == schema.ToGroup:
		add(providers.PlaceOf(to.Group))
	}
	if !q.Capabilities.Resolves[providers.Time] {
		return out
	}
	if u := q.Step.Until; u.Form == schema.UntilTimestamp && !q.Undo {
		add(providers.AtTime(u.Time.At(q.Now)))
	}
	var recorded []lock.Part
	if q.Record != nil {
		recorded = q.Record.Parts
	}
	for _, decided := range [][]lock.Part{q.Fixed, recorded} {
		for i := range decided {
			if decided[i].After.Kind() == providers.Time {
				add(decided[i].After)
			}
		}
	}
	return out
}

// nearly reports whether the step goes to times near its exact positions.
func (q *Question) nearly() bool {
	if !q.Step.Approximate {
		return false
	}
	if q.Fixed != nil { // recorded positions
		return canApproach(q.Capabilities, schema.ToLock)
	}
	return Approximates(q.Capabilities, q.Step.To.Form)
}

// ByTime reports whether the service resolves a time for the step, and returns the
// time of the record with the position.
func (q *Question) ByTime() bool { return q.Step.To.Form == schema.ToTimestamp && q.Fixed == nil }

// Placer returns the placer for the parts of this step.
func (q *Question) Placer() Placer {
	return PlacerFor(q.Capabilities, !q.Undo && q.MovingEnd())
}

// MovingEnd reports whether the step goes to the end of the log.
func (q *Question) MovingEnd() bool { return q.Step.To.Form == schema.ToLatest }

package survey

import (
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// Target is a step with its latest reading. Apply uses it from the plan to the lock.
type Target struct {
	*Job
	decide.Case
	PausedBy *lock.PausedStep // the record of a pause or a stop by this program, in any run; nil = none
	Evidence *lock.Evidence   // what the service reported before this apply paused the consumers; nil = nothing
	Bytes    bool             // also read the size of the logs
	LowTime  bool             // also read the time of the first record
	Internal bool             // also read topics that an application creates for itself
	Risks    bool             // also read what a reset may lose without a count of it
	ReadAt   time.Time
	later    bool  // the parts of the next reading may be loaded later
	Sizes    Sizes // the figures that the service reported with the positions
}

// buffers are lists of parts that are not used at present.
var buffers = sync.Pool{New: func() any { return new([]providers.PartReading) }}

// Loaded makes a call for which the parts of the newest reading are loaded.
func (t *Target) Loaded(do func()) {
	release := t.LoadParts()
	defer release()
	do()
}

// LoadParts loads the parts of the newest reading until the returned function is called.
func (t *Target) LoadParts() (release func()) {
	return LoadParts(&t.Snapshot)
}

// LoadParts loads the parts of a reading until the returned function is called.
func LoadParts(s *providers.Snapshot) (release func()) {
	if s.Parts != nil || s.Load == nil {
		return func() {}
	}
	buffer := buffers.Get().(*[]providers.PartReading)
	*buffer = s.Load((*buffer)[:0])
	s.Parts = *buffer
	return func() {
		if len(*buffer) > 0 && len(s.Parts) > 0 && &(*buffer)[0] == &s.Parts[0] { // no other reading since
			s.Parts = nil
		}
		buffers.Put(buffer)
	}
}

// Sizes are figures about parts, sorted by part.
type Sizes []providers.PartSize

// Of returns the figures about one part; zero if there are none.
func (all Sizes) Of(p providers.Part) providers.PartSize {
	i, ok := all.find(p)
	if !ok {
		return providers.PartSize{}
	}
	return all[i]
}

func (all Sizes) find(p providers.Part) (int, bool) {
	return slices.BinarySearchFunc(all, p, func(s providers.PartSize, p providers.Part) int { return s.Part.Compare(p) })
}

// Move returns what is sent for a step: the parts that move, or the whole
// target if the service accepts one position for all.
func (t *Target) Move(s plan.Step) providers.Move {
	m := providers.Move{Target: t.Target, To: make([]providers.PartMove, 0, len(s.Parts))}
	fixed := t.Question.Fixed
	for i := range s.Parts {
		p := &s.Parts[i]
		if p.Effect == plan.EffectKeep {
			continue
		}
		if t.Conn.Caps.Moves[p.After.Kind()] == providers.WholeTarget {
			m.To = []providers.PartMove{{Position: p.After}}
			m.Parts = named(s.Parts)
			return m
		}
		move := providers.PartMove{Part: p.Part, Position: p.After, LogID: p.LogID}
		if decided := decide.RecordAt(fixed, i, p.Part); decided != nil {
			move.Metadata = decided.Metadata
		}
		m.To = append(m.To, move)
	}
	return m
}

// named returns the parts of a step; nil if they are not known.
func named(parts []plan.Part) (out []providers.Part) {
	for _, p := range parts {
		if p.Part != (providers.Part{}) {
			out = append(out, p.Part)
		}
	}
	return out
}

// ForReading returns targets for reading only: no move is requested, and neither lock
// nor guards are used.
func (r *Reader) ForReading(jobs []*Job) []*Target {
	all := make([]*Target, len(jobs))
	for i, j := range jobs {
		still := *j
		step := *j.Step
		step.To, step.Guards, step.Until = schema.To{Form: schema.ToCurrent}, schema.Guards{}, schema.Until{}
		still.Step = &step
		all[i] = &Target{Job: &still, Case: decide.Case{Question: decide.Question{ID: j.ID, Step: &step, Capabilities: j.Conn.Caps,
			Now: r.Deps.Process.Now()}}}
	}
	return all
}

// Package track follows the consumers of one step from reading to reading: how far they
// have read since the reset, how fast, whether retention overtakes them, and whether
// another client has committed over it.
//
// The invariant: each statement follows from readings that it has seen, and once a
// commit over the reset was seen it is not forgotten. The package contacts no service,
// reads no clock and writes no lock.
package track

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/impact"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// A StepProgress is how far the consumers of a step have read. Unknown numbers are nil.
type StepProgress struct {
	ID          string       `json:"id"`
	Address     string       `json:"address"`
	Outcome     lock.Outcome `json:"outcome"` // the outcome in the lock
	Why         string       `json:"why,omitempty"`
	Settled     bool         `json:"settled"`               // verified, by the lock or by a later reading
	CaughtUp    bool         `json:"caughtUp"`              // no part has more unread records than arrive between two readings
	Done        *int64       `json:"done,omitempty"`        // records read since the target of the reset
	Total       *int64       `json:"total,omitempty"`       // records from the target to the end of the log, which moves
	Lag         *int64       `json:"lag,omitempty"`         // records to the end
	Rate        *float64     `json:"rate,omitempty"`        // records per second that the consumers read
	Arrival     *float64     `json:"arrival,omitempty"`     // records per second that producers add
	ETA         *int64       `json:"eta,omitempty"`         // seconds until they have caught up; absent if that is unknown or never
	Race        string       `json:"race,omitempty"`        // whether retention overtakes them, as text
	Failure     Failure      `json:"failure,omitempty"`     // why it will not reach its target
	Overwritten string       `json:"overwritten,omitempty"` // as text: who committed over it
	Stuck       string       `json:"stuck,omitempty"`       // as text: why it will not be verified by waiting
	Error       string       `json:"error,omitempty"`       // the service's error
	Activity    string       `json:"activity"`
	Members     []string     `json:"members,omitempty"` // the consumers, as far as the service reports them
}

// A Failure is why waiting for a step is useless.
type Failure string

// The failures of a step.
const (
	NoFailure   Failure = ""
	Overwritten Failure = "overwritten" // another client has committed over it
	Stuck       Failure = "stuck"       // the run has ended without verifying it
)

// A Reading is one reading of a step's target, with its time.
type Reading struct {
	At   time.Time
	Snap providers.Snapshot
}

// A Tracker follows one recorded step from reading to reading. It contacts no
// service and reads no clock.
type Tracker struct {
	record *lock.Step
	Caps   providers.Capabilities // of the step's service
	Placer decide.Placer          // decides what a position proves about the reset
	Sizes  survey.Sizes           // for bytes and retention; the zero value has none
	bytes  map[providers.Part]*int64

	seen        []Reading // readings since this record, the oldest first, as far back as rates need them
	base        map[providers.Part]providers.Position
	settled     bool   // a reading has shown it at its target
	overwritten bool   // once set, it stays set
	overwriter  string // who committed over it, as text
}

// ratesOver is the period over which a rate is measured.
const ratesOver = 30 * time.Second

// Renew starts over if the lock has a new record of the step.
func (t *Tracker) Renew(s *lock.Step) {
	if t.record != nil && t.record.At.Equal(s.At.Time) && t.record.Outcome == s.Outcome && len(t.record.Parts) == len(s.Parts) {
		t.record = s
		return
	}
	t.record, t.seen, t.base, t.settled, t.overwritten, t.overwriter = s, nil, map[providers.Part]providers.Position{}, false, false, ""
}

// parts returns the recorded parts of the step, without those that the service
// refused to move.
func (t *Tracker) parts() []lock.Part {
	parts := t.record.Parts
	if t.record.Outcome == lock.Undone && t.record.Undo != nil {
		parts = t.record.Undo.Parts
	}
	return slices.DeleteFunc(slices.Clone(parts), func(p lock.Part) bool { return p.Error != "" })
}

// Add adds a reading and returns the progress of the step. over means that the run
// has ended.
func (t *Tracker) Add(now Reading, over bool) StepProgress {
	out := StepProgress{ID: t.record.ID, Address: t.record.Address, Outcome: t.record.Outcome, Why: t.record.Why,
		Activity: now.Snap.Activity.State.String()}
	for _, m := range now.Snap.Activity.Members {
		out.Members = append(out.Members, decide.MemberText(m))
	}
	t.noteSettled(now)
	t.detectOverwrite(now)
	t.keepBytes(now)
	t.seen = append(t.seen, now)
	for len(t.seen) > 2 && now.At.Sub(t.seen[1].At) >= ratesOver {
		t.seen = t.seen[1:]
	}
	if t.overwritten {
		out.Failure, out.Overwritten = Overwritten, t.overwriter
	}
	if now.Snap.Err != nil {
		out.Error = now.Snap.Err.Error()
	}
	t.distances(&out, now)
	t.rates(&out)
	if gone := t.lost(t.parts(), now.Snap.Parts); gone != "" {
		out.Race = gone
	}
	out.Settled = t.settled
	if over && !t.settled && t.hopeless(now) {
		out.Failure, out.Stuck = cmp.Or(out.Failure, Stuck), t.stuckText(now)
	}
	return out
}

// start is the position from which a part's progress is measured: the target of the
// reset, the position read back, or the first position seen, whichever is known.
func (t *Tracker) start(p lock.Part, now providers.PartReading) providers.Position {
	if at, ok := t.base[p.Part]; ok {
		return at
	}
	for _, at := range []providers.Position{p.After, p.Seen, now.Committed} {
		if _, ok := t.Caps.Order.Distance(now.High, at); ok {
			t.base[p.Part] = at
			return at
		}
	}
	return providers.Position{}
}

// distances sums up the progress of the parts. If one part cannot be measured, the
// step has no sums.
func (t *Tracker) distances(out *StepProgress, now Reading) {
	parts := t.parts()
	if len(parts) == 0 || now.Snap.Err != nil {
		return
	}
	var done, total, left int64
	caughtUp := true
	for _, p := range parts {
		r, ok := decide.ReadingOf(now.Snap.Parts, p.Part)
		from := t.start(p, r)
		whole, ahead := t.Caps.Order.Between(from, r.High), t.Caps.Order.Lag(r.Committed, r.Low, r.High)
		if !ok || whole == nil || ahead == nil {
			return
		}
		read, _ := t.Caps.Order.Distance(r.Committed, from)
		done, total, left = done+max(min(read, *whole), 0), total+*whole, left+*ahead
		caughtUp = caughtUp && *ahead <= t.arrived(p.Part)
	}
	out.Done, out.Total, out.Lag, out.CaughtUp = &done, &total, &left, caughtUp
}

// arrived returns the number of records added to a part between the two newest
// readings.
func (t *Tracker) arrived(p providers.Part) int64 {
	n := len(t.seen)
	if n < 2 {
		return 0
	}
	a, _ := decide.ReadingOf(t.seen[n-2].Snap.Parts, p)
	b, _ := decide.ReadingOf(t.seen[n-1].Snap.Parts, p)
	added, _ := t.Caps.Order.Distance(b.High, a.High)
	return max(added, 0)
}

// rates returns how fast the step moves, over the kept readings.
func (t *Tracker) rates(out *StepProgress) {
	if len(t.seen) < 2 || out.Lag == nil {
		return
	}
	first, last := t.seen[0], t.seen[len(t.seen)-1]
	m := impact.MovementOf(t.Caps.Order, first.Snap.Parts, last.Snap.Parts, last.At.Sub(first.At))
	var rate, arrival float64
	var edges []impact.Edge
	for _, p := range t.parts() {
		v := m.Parts[p.Part]
		rate, arrival = rate+v.Committed, arrival+v.High
		r, _ := decide.ReadingOf(last.Snap.Parts, p.Part)
		if n := t.Caps.Order.Lag(r.Committed, r.Low, r.High); n != nil && *n > 0 {
			edges = append(edges, impact.EdgesOf(impact.EdgeFacts{
				Part: p.Part, Order: t.Caps.Order, Low: r.Low, High: r.High, At: r.Committed, Lag: *n,
				Oldest: t.Sizes.Of(p.Part).Oldest, Now: last.At, Bytes: t.bytes[p.Part], Limits: t.Sizes.Of(p.Part).Retention, Speed: v,
			})...)
		}
	}
	out.Rate, out.Arrival = &rate, &arrival
	if out.ETA = impact.Seconds(impact.UntilRead(*out.Lag, rate, arrival)); *out.Lag == 0 {
		out.ETA = new(int64(0))
	}
	out.Race = impact.Race(edges, rate, *out.Lag, arrival)
}

// keepBytes keeps the sizes of a reading; not every reading includes them.
func (t *Tracker) keepBytes(now Reading) {
	for _, p := range now.Snap.Parts {
		if p.Bytes == nil {
			continue
		}
		if t.bytes == nil {
			t.bytes = map[providers.Part]*int64{}
		}
		t.bytes[p.Part] = p.Bytes
	}
}

// lost reports the parts whose next record retention has already deleted.
func (t *Tracker) lost(parts []lock.Part, now []providers.PartReading) string {
	for _, p := range parts {
		r, _ := decide.ReadingOf(now, p.Part)
		if n, ok := t.Caps.Order.Distance(r.Low, r.Committed); ok && n > 0 {
			return fmt.Sprintf("retention has overtaken the reader of %s: up to %s %s are lost", plan.PartName(p.Part), text.Grouped(n),
				text.Noun(n, plan.UnitName(t.Caps.Unit)))
		}
	}
	return ""
}

// noteSettled records that the step was seen at its target.
func (t *Tracker) noteSettled(now Reading) {
	switch o := t.record.Outcome; o {
	case lock.Verified, lock.Keep, lock.Undone:
		t.settled = true
	case lock.Applied, lock.InDoubt:
		t.settled = t.settled || now.Snap.Err == nil && len(t.record.Parts) > 0 &&
			!slices.ContainsFunc(t.record.Parts, func(p lock.Part) bool { return t.placementOf(p, now) != decide.AtTarget })
	}
}

// placementOf compares one part with a reading. If the service accepted a move back, a
// position between the target and the previous one also proves it.
func (t *Tracker) placementOf(p lock.Part, now Reading) decide.Placement {
	r, ok := decide.ReadingOf(now.Snap.Parts, p.Part)
	if !ok || decide.Recreated(p.LogID, r.LogID) {
		return decide.Elsewhere
	}
	past, ok1 := t.Caps.Order.Distance(r.Committed, p.After)
	left, ok2 := t.Caps.Order.Distance(p.Before, r.Committed)
	if t.record.Outcome == lock.Applied && ok1 && ok2 && past >= 0 && left > 0 {
		return decide.AtTarget
	}
	return t.Placer.Place(p, r.Committed, decide.LandingOf(r, p.After))
}

package watch

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

// A Progress is one reading of a watched run: how far its consumers have read since
// the reset.
type Progress struct {
	At      time.Time       `json:"at"`
	Name    string          `json:"plan"`
	Run     string          `json:"run"`
	Outcome lock.RunOutcome `json:"outcome"`
	// UnderWay means that an apply of the run is active: more steps may follow.
	UnderWay bool           `json:"underWay,omitempty"`
	Away     string         `json:"away,omitempty"` // why the reading failed; the steps are from the last successful one
	Steps    []StepProgress `json:"steps"`
}

// A StepProgress is one step of a Progress. Unknown numbers are nil.
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
	ETA         *int64       `json:"eta,omitempty"`         // seconds until they have caught up; nil if unknown or never
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

// A reading is one reading of a step's target, with its time.
type reading struct {
	at   time.Time
	snap providers.Snapshot
}

// A tracker follows one recorded step from reading to reading. It contacts no
// service and reads no clock.
type tracker struct {
	record *lock.Step
	caps   providers.Capabilities
	placer decide.Placer
	sizes  survey.Sizes
	bytes  map[providers.Part]*int64

	seen        []reading // readings since this record, the oldest first, as far back as rates need them
	base        map[providers.Part]providers.Position
	settled     bool   // a reading has shown it at its target
	overwritten bool   // once set, it stays set
	overwriter  string // who committed over it, as text
}

// ratesOver is the period over which a rate is measured.
const ratesOver = 30 * time.Second

// renew starts over if the lock has a new record of the step.
func (t *tracker) renew(s *lock.Step) {
	if t.record != nil && t.record.At.Equal(s.At.Time) && t.record.Outcome == s.Outcome && len(t.record.Parts) == len(s.Parts) {
		t.record = s
		return
	}
	t.record, t.seen, t.base, t.settled, t.overwritten, t.overwriter = s, nil, map[providers.Part]providers.Position{}, false, false, ""
}

// parts returns the recorded parts of the step, without those that the service
// refused to move.
func (t *tracker) parts() []lock.Part {
	parts := t.record.Parts
	if t.record.Outcome == lock.Undone && t.record.Undo != nil {
		parts = t.record.Undo.Parts
	}
	return slices.DeleteFunc(slices.Clone(parts), func(p lock.Part) bool { return p.Error != "" })
}

// add adds a reading and returns the progress of the step. over means that the run
// has ended.
func (t *tracker) add(now reading, over bool) StepProgress {
	out := StepProgress{ID: t.record.ID, Address: t.record.Address, Outcome: t.record.Outcome, Why: t.record.Why,
		Activity: now.snap.Activity.State.String()}
	for _, m := range now.snap.Activity.Members {
		out.Members = append(out.Members, decide.MemberText(m))
	}
	t.noteSettled(now)
	t.detectOverwrite(now)
	t.keepBytes(now)
	t.seen = append(t.seen, now)
	for len(t.seen) > 2 && now.at.Sub(t.seen[1].at) >= ratesOver {
		t.seen = t.seen[1:]
	}
	if t.overwritten {
		out.Failure, out.Overwritten = Overwritten, t.overwriter
	}
	if now.snap.Err != nil {
		out.Error = now.snap.Err.Error()
	}
	t.distances(&out, now)
	t.rates(&out)
	if gone := t.lost(t.parts(), now.snap.Parts); gone != "" {
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
func (t *tracker) start(p lock.Part, now providers.PartReading) providers.Position {
	if at, ok := t.base[p.Part]; ok {
		return at
	}
	for _, at := range []providers.Position{p.After, p.Seen, now.Committed} {
		if _, ok := t.caps.Order.Distance(now.High, at); ok {
			t.base[p.Part] = at
			return at
		}
	}
	return providers.Position{}
}

// distances sums up the progress of the parts. If one part cannot be measured, the
// step has no sums.
func (t *tracker) distances(out *StepProgress, now reading) {
	parts := t.parts()
	if len(parts) == 0 || now.snap.Err != nil {
		return
	}
	var done, total, left int64
	caughtUp := true
	for _, p := range parts {
		r, ok := decide.ReadingOf(now.snap.Parts, p.Part)
		from := t.start(p, r)
		whole, ahead := t.caps.Order.Between(from, r.High), t.caps.Order.Lag(r.Committed, r.Low, r.High)
		if !ok || whole == nil || ahead == nil {
			return
		}
		read, _ := t.caps.Order.Distance(r.Committed, from)
		done, total, left = done+max(min(read, *whole), 0), total+*whole, left+*ahead
		caughtUp = caughtUp && *ahead <= t.arrived(p.Part)
	}
	out.Done, out.Total, out.Lag, out.CaughtUp = &done, &total, &left, caughtUp
}

// arrived returns the number of records added to a part between the two newest
// readings.
func (t *tracker) arrived(p providers.Part) int64 {
	n := len(t.seen)
	if n < 2 {
		return 0
	}
	a, _ := decide.ReadingOf(t.seen[n-2].snap.Parts, p)
	b, _ := decide.ReadingOf(t.seen[n-1].snap.Parts, p)
	added, _ := t.caps.Order.Distance(b.High, a.High)
	return max(added, 0)
}

// rates returns how fast the step moves, over the kept readings.
func (t *tracker) rates(out *StepProgress) {
	if len(t.seen) < 2 || out.Lag == nil {
		return
	}
	first, last := t.seen[0], t.seen[len(t.seen)-1]
	m := impact.MovementOf(t.caps.Order, first.snap.Parts, last.snap.Parts, last.at.Sub(first.at))
	var rate, arrival float64
	var edges []impact.Edge
	for _, p := range t.parts() {
		v := m.Parts[p.Part]
		rate, arrival = rate+v.Committed, arrival+v.High
		r, _ := decide.ReadingOf(last.snap.Parts, p.Part)
		if n := t.caps.Order.Lag(r.Committed, r.Low, r.High); n != nil && *n > 0 {
			edges = append(edges, impact.EdgesOf(impact.EdgeFacts{
				Part: p.Part, Order: t.caps.Order, Low: r.Low, High: r.High, At: r.Committed, Lag: *n,
				Oldest: t.sizes.Of(p.Part).Oldest, Now: last.at, Bytes: t.bytes[p.Part], Limits: t.sizes.Of(p.Part).Retention, Speed: v,
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
func (t *tracker) keepBytes(now reading) {
	for _, p := range now.snap.Parts {
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
func (t *tracker) lost(parts []lock.Part, now []providers.PartReading) string {
	for _, p := range parts {
		r, _ := decide.ReadingOf(now, p.Part)
		if n, ok := t.caps.Order.Distance(r.Low, r.Committed); ok && n > 0 {
			return fmt.Sprintf("retention has overtaken the reader of %s: up to %s %s are lost", plan.PartName(p.Part), text.Grouped(n),
				text.Noun(n, plan.UnitName(t.caps.Unit)))
		}
	}
	return ""
}

// noteSettled records that the step was seen at its target.
func (t *tracker) noteSettled(now reading) {
	switch o := t.record.Outcome; o {
	case lock.Verified, lock.Keep, lock.Undone:
		t.settled = true
	case lock.Applied, lock.InDoubt:
		t.settled = t.settled || now.snap.Err == nil && len(t.record.Parts) > 0 &&
			!slices.ContainsFunc(t.record.Parts, func(p lock.Part) bool { return t.placementOf(p, now) != decide.AtTarget })
	}
}

// placementOf compares one part with a reading. If the service accepted a move back, a
// position between the target and the previous one also proves it.
func (t *tracker) placementOf(p lock.Part, now reading) decide.Placement {
	r, ok := decide.ReadingOf(now.snap.Parts, p.Part)
	if !ok || decide.Recreated(p.LogID, r.LogID) {
		return decide.Elsewhere
	}
	past, ok1 := t.caps.Order.Distance(r.Committed, p.After)
	left, ok2 := t.caps.Order.Distance(p.Before, r.Committed)
	if t.record.Outcome == lock.Applied && ok1 && ok2 && past >= 0 && left > 0 {
		return decide.AtTarget
	}
	return t.placer.Place(p, r.Committed, decide.LandingOf(r, p.After))
}

package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// A Progress is one reading of a run under watch: how far its consumers have
// come from where they were reset to.
type Progress struct {
	At      time.Time       `json:"at"`
	Name    string          `json:"plan"`
	Run     string          `json:"run"`
	Outcome lock.RunOutcome `json:"outcome"`
	// UnderWay means that an apply is at work on it: more steps may come.
	UnderWay bool           `json:"underWay,omitempty"`
	Away     string         `json:"away,omitempty"` // why nothing could be read; the steps are as last seen
	Steps    []StepProgress `json:"steps"`
}

// A StepProgress is one step of it. Numbers that cannot be told are nil.
type StepProgress struct {
	ID          string       `json:"id"`
	Address     string       `json:"address"`
	Outcome     lock.Outcome `json:"outcome"` // as the lock has it
	Why         string       `json:"why,omitempty"`
	Settled     bool         `json:"settled"`           // verified, by the lock or by what was read since
	CaughtUp    bool         `json:"caughtUp"`          // no part has more to read than arrived within a sample
	Done        *int64       `json:"done,omitempty"`    // records passed since the reset's target
	Total       *int64       `json:"total,omitempty"`   // records from there to the end, which moves
	Lag         *int64       `json:"lag,omitempty"`     // records to the end
	Rate        *float64     `json:"rate,omitempty"`    // records a second that the consumers pass
	Arrival     *float64     `json:"arrival,omitempty"` // records a second that are added
	ETA         *int64       `json:"eta,omitempty"`     // seconds until they have caught up; nil also while they never will
	Race        string       `json:"race,omitempty"`    // how retention races them, in words
	Overwritten string       `json:"overwritten,omitempty"`
	Stuck       string       `json:"stuck,omitempty"` // why it will not settle by itself
	Error       string       `json:"error,omitempty"` // the service's word on why it cannot be read
	Activity    string       `json:"activity"`
	Members     []string     `json:"members,omitempty"` // the consumers, as far as the service names them
}

// A glimpse is one reading of a step's target.
type glimpse struct {
	at   time.Time
	snap providers.Snapshot
}

// A tracker follows one recorded step from reading to reading. It asks
// nobody and reads no clock.
type tracker struct {
	record *lock.Step
	caps   providers.Capabilities
	placer placer
	sizes  map[providers.Part]providers.PartSize
	bytes  map[providers.Part]*int64

	seen        []glimpse // of this record, the oldest first, as far back as rates are taken
	base        map[providers.Part]providers.Position
	settled     bool   // a reading has shown it at its target
	overwritten string // once seen it stays
}

// ratesOver is how far back a rate looks.
const ratesOver = 30 * time.Second

// renew starts over where the lock tells something new of the step.
func (t *tracker) renew(s *lock.Step) {
	if t.record != nil && t.record.At.Equal(s.At) && t.record.Outcome == s.Outcome && len(t.record.Parts) == len(s.Parts) {
		t.record = s
		return
	}
	t.record, t.seen, t.base, t.settled, t.overwritten = s, nil, map[providers.Part]providers.Position{}, false, ""
}

// parts are where the lock last put the step's parts, without those that the
// service refused to move.
func (t *tracker) parts() []lock.Part {
	parts := t.record.Parts
	if t.record.Outcome == lock.Undone && t.record.Undo != nil {
		parts = t.record.Undo.Parts
	}
	return slices.DeleteFunc(slices.Clone(parts), func(p lock.Part) bool { return p.Error != "" })
}

// see takes one more reading in and tells where the step is. over is whether
// the run has ended.
func (t *tracker) see(now glimpse, over bool) StepProgress {
	out := StepProgress{ID: t.record.ID, Address: t.record.Address, Outcome: t.record.Outcome, Why: t.record.Why, Activity: now.snap.Activity.State.String()}
	for _, m := range now.snap.Activity.Members {
		out.Members = append(out.Members, member(m))
	}
	t.settle(now)
	t.watchOver(now)
	t.weigh(now)
	t.seen = append(t.seen, now)
	for len(t.seen) > 2 && now.at.Sub(t.seen[1].at) >= ratesOver {
		t.seen = t.seen[1:]
	}
	out.Overwritten = t.overwritten
	if now.snap.Err != nil {
		out.Error = now.snap.Err.Error()
	}
	t.distances(&out, now)
	t.rates(&out)
	if gone := lost(t.parts(), now.snap.Parts); gone != "" {
		out.Race = gone
	}
	out.Settled = t.settled
	if over && !t.settled {
		out.Stuck = t.stuck(now)
	}
	return out
}

// start is where a part's progress is measured from: what the reset asked for,
// what was read back of it, or the first place seen, whichever can be measured.
func (t *tracker) start(p lock.Part, now providers.PartReading) providers.Position {
	if at, ok := t.base[p.Part]; ok {
		return at
	}
	for _, at := range []providers.Position{p.After, p.Seen, now.Committed} {
		if _, ok := now.High.Distance(at); ok {
			t.base[p.Part] = at
			return at
		}
	}
	return providers.Position{}
}

// distances sums up how far the parts have come. One part that cannot be
// measured leaves the step's sums out.
func (t *tracker) distances(out *StepProgress, now glimpse) {
	parts := t.parts()
	if len(parts) == 0 || now.snap.Err != nil {
		return
	}
	var done, total, left int64
	caughtUp := true
	for _, p := range parts {
		r, ok := reading(now.snap.Parts, p.Part)
		from := t.start(p, r)
		whole, ahead := between(from, r.High), lag(r.High, r.Committed)
		if !ok || whole == nil || ahead == nil {
			return
		}
		come, _ := r.Committed.Distance(from)
		done, total, left = done+max(min(come, *whole), 0), total+*whole, left+*ahead
		caughtUp = caughtUp && *ahead <= t.arrived(p.Part)
	}
	out.Done, out.Total, out.Lag, out.CaughtUp = &done, &total, &left, caughtUp
}

// arrived is how many records were added to a part between the two newest
// readings.
func (t *tracker) arrived(p providers.Part) int64 {
	n := len(t.seen)
	if n < 2 {
		return 0
	}
	a, _ := reading(t.seen[n-2].snap.Parts, p)
	b, _ := reading(t.seen[n-1].snap.Parts, p)
	far, _ := b.High.Distance(a.High)
	return max(far, 0)
}

// rates tells how fast the step moves, over the readings that are kept.
func (t *tracker) rates(out *StepProgress) {
	if len(t.seen) < 2 || out.Lag == nil {
		return
	}
	first, last := t.seen[0], t.seen[len(t.seen)-1]
	m := movementOf(first.snap.Parts, last.snap.Parts, last.at.Sub(first.at))
	var rate, arrival float64
	var edges []edge
	for _, p := range t.parts() {
		v := m.parts[p.Part]
		rate, arrival = rate+v.committed, arrival+v.high
		r, _ := reading(last.snap.Parts, p.Part)
		if n := lag(r.High, r.Committed); n != nil && *n > 0 {
			edges = append(edges, edgesOf(edgeFacts{
				part: p.Part, low: r.Low, high: r.High, at: r.Committed, lag: *n,
				oldest: t.sizes[p.Part].Oldest, now: last.at, bytes: t.bytes[p.Part], limits: t.sizes[p.Part].Retention, speed: v,
			})...)
		}
	}
	out.Rate, out.Arrival = &rate, &arrival
	if out.ETA = seconds(untilRead(*out.Lag, rate, arrival)); *out.Lag == 0 {
		out.ETA = new(int64(0))
	}
	out.Race = race(edges, rate, *out.Lag, arrival)
}

// weigh keeps the sizes that a reading tells; not each asks for them.
func (t *tracker) weigh(now glimpse) {
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

// lost tells of parts whose next record retention has taken already.
func lost(parts []lock.Part, now []providers.PartReading) string {
	for _, p := range parts {
		r, _ := reading(now, p.Part)
		if n, ok := r.Low.Distance(r.Committed); ok && n > 0 {
			return fmt.Sprintf("retention has overtaken the reader of %s: up to %s records are gone", partName(p.Part), Grouped(n))
		}
	}
	return ""
}

// settle notes that the step was found where it was to go.
func (t *tracker) settle(now glimpse) {
	switch o := t.record.Outcome; o {
	case lock.Verified, lock.Keep, lock.Undone:
		t.settled = true
	case lock.Applied, lock.InDoubt:
		t.settled = t.settled || now.snap.Err == nil && len(t.record.Parts) > 0 &&
			!slices.ContainsFunc(t.record.Parts, func(p lock.Part) bool { return t.find(p, now) != atTarget })
	}
}

// find holds one part against a reading. Where the service said yes to a move
// back, a place on the way from its target to where it stood proves it too.
func (t *tracker) find(p lock.Part, now glimpse) placement {
	r, ok := reading(now.snap.Parts, p.Part)
	if !ok || recreated(p.LogID, r.LogID) {
		return elsewhere
	}
	come, ok1 := r.Committed.Distance(p.After)
	left, ok2 := p.Before.Distance(r.Committed)
	if t.record.Outcome == lock.Applied && ok1 && ok2 && come >= 0 && left > 0 {
		return atTarget
	}
	return t.placer.place(p, r.Committed, landing(r, p.After))
}

// stuck says why a step of a run that has ended will not settle by itself, or
// returns "" where it may.
func (t *tracker) stuck(now glimpse) string {
	switch t.record.Outcome {
	case lock.Applied, lock.InDoubt:
	case lock.Overwritten:
		return "it was overwritten"
	default:
		return "it was not applied: " + string(t.record.Outcome)
	}
	if now.at.Sub(t.record.At) < t.caps.Settle {
		return ""
	}
	if t.caps.Reads == providers.No {
		return "the service does not report committed positions"
	}
	worst := atTarget
	for _, p := range t.record.Parts {
		worst = max(worst, t.find(p, now))
	}
	switch worst {
	case unmoved:
		return "it is still at its previous position: it was not applied"
	case unproven:
		return "it moved, but the target cannot be verified"
	}
	return "it is in doubt: it is at neither its previous position nor its target"
}

package reconcile

import (
	"context"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers/cores"
)

// stale reports whether a target has to be read again before it starts. A step that waits
// makes its own reading, and one that is done sends nothing. A target that was read for
// its own start starts, however long it took to read the ages of its records.
func (s *schedule) stale(t *survey.Target) bool {
	return t != s.read && !t.Now.Waits && t.Now.Action != plan.Done && s.r.Deps.Process.Now().Sub(t.ReadAt) > fresh
}

// refresh reads a target again, together with the next ones that will start while the
// reading is fresh: what they share is read once. A target that does not start in time is
// read once more, so rather too few are read than too many.
func (s *schedule) refresh(ctx context.Context, t *survey.Target) {
	all, began := s.together(t), s.r.Deps.Process.Now()
	if s.r.ReadToDecide(ctx, all) != nil {
		return // the apply is stopped
	}
	cores.Each(len(all), func(i int) { all[i].Loaded(all[i].Again) })
	now := s.r.Deps.Process.Now()
	if age := now.Sub(t.ReadAt); age > fresh { // reading the ages of the records took so long
		s.most = max(1, int(int64(len(all))*int64(fresh/2)/int64(age)))
	}
	s.read, s.pace.reading = t, now.Sub(began)
}

// together returns a target and the next ones that are read with it: one for each place
// that is free after the reading, and those that will follow them while it is fresh.
func (s *schedule) together(t *survey.Target) []*survey.Target {
	all := []*survey.Target{t}
	free := s.slots - s.running - 1 + int(s.pace.ending(kindOf(t))*float64(s.running-s.waiting))
	each := time.Duration(spent * float64(fresh)) // the time of a place
	left := time.Duration(s.slots-s.waiting) * each
	for _, next := range s.queue.inTurn() {
		if next == t || !s.stale(next) {
			continue
		}
		if s.most > 0 && len(all) >= s.most {
			return all
		}
		if free--; free < 0 {
			took := s.pace.of(kindOf(next))
			if left -= took; left < 0 || took > each {
				return all
			}
		}
		all = append(all, next)
	}
	return all
}

// A kind is the steps that take about the same time.
type kind struct {
	conn   *survey.Connection
	resets bool // others only record what they keep
}

func kindOf(t *survey.Target) kind { return kind{t.Conn, t.Now.Action == plan.Reset} }

// A pace is how long steps of each kind and readings take.
type pace struct {
	steps   map[kind]time.Duration // the mean of about the last eight
	reading time.Duration          // the last one
}

const (
	// spent is the share of the time of the places that is expected to be used: steps vary.
	spent = 0.9
	// lasting is how many times as long as a step a reading takes until all steps that were
	// under way at its start are expected to have ended.
	lasting = 2
)

// add counts a step that has ended.
func (p *pace) add(k kind, took time.Duration) {
	if p.steps == nil {
		p.steps = map[kind]time.Duration{}
	}
	if mean, known := p.steps[k]; known {
		took = mean + (took-mean)/8
	}
	p.steps[k] = took
}

// of returns how long a step of a kind is expected to take: too long to follow another one
// in time, if none has ended yet.
func (p *pace) of(k kind) time.Duration {
	if mean, known := p.steps[k]; known {
		return mean
	}
	return time.Hour
}

// ending returns the share of the steps under way that are expected to end during a
// reading.
func (p *pace) ending(k kind) float64 {
	return min(1, float64(p.reading)/lasting/max(1, float64(p.of(k))))
}

package memory

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// A Service holds topics and groups. Its methods may be called from several
// goroutines; they act as another program would.
type Service struct {
	mu     sync.Mutex
	logs   map[providers.Part]*log
	groups map[string]*group

	reads, resets       int
	lists               int
	terse               bool  // an answer to a reset has no positions
	doubt               int64 // how far from its landing a time may be reported to lead
	failRead, failReset error
	failPause           error
	failStart           error
	refused             providers.Part // refused at the next reset
	lose                bool           // the next reset's answer is lost after its effect
	hide                int            // how many readings still show the positions before the next reset
	hold                *hold          // nil: calls are not held back
	retention           *providers.Retention
	late                *late   // nil: a reset takes effect at once
	entries             []Entry // all that happened, the oldest first
	observed            int64   // how many observations were made
	unobserved          bool    // observations are empty
	lastObserved        int64   // after which observation they become empty; 0 = never
}

// A hold keeps calls waiting until it is released.
type hold struct {
	released, hangs chan struct{}
	first           sync.Once
}

type log struct {
	id    string
	low   int64
	times []time.Time // of each record from offset 0
}

type group struct {
	commits, hidden map[providers.Part]commit
	members         []providers.Member
	coming          *coming   // an accepted reset that is not applied yet
	accepted        time.Time // when the last reset was accepted, if effects are late
}

type commit struct {
	offset int64
	kept   map[string]string
}

// NewService returns an empty service.
func NewService() *Service {
	return &Service{logs: map[providers.Part]*log{}, groups: map[string]*group{}}
}

func (s *Service) locked(how func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ripen()
	how()
}

// Topic creates or re-creates a topic, with a record at each of the times
// on each partition.
func (s *Service) Topic(name string, partitions int, id string, times ...time.Time) {
	s.locked(func() {
		for n := range partitions {
			p := providers.Part{Topic: name, Number: n}
			s.logs[p] = &log{id: id, times: times}
			for _, g := range s.groups {
				delete(g.commits, p)
			}
		}
	})
}

// DeleteTopic deletes a topic, and with it what was committed on it.
func (s *Service) DeleteTopic(name string) {
	s.locked(func() {
		for p := range s.logs {
			if p.Topic != name {
				continue
			}
			delete(s.logs, p)
			for _, g := range s.groups {
				delete(g.commits, p)
			}
		}
	})
}

// Append writes a record at each of the times.
func (s *Service) Append(p providers.Part, times ...time.Time) {
	s.locked(func() { s.logs[p].times = append(slices.Clip(s.logs[p].times), times...) })
}

// Truncate removes the records before an offset, as retention does.
func (s *Service) Truncate(p providers.Part, low int64) { s.locked(func() { s.logs[p].low = low }) }

// Retain sets the retention that the service reports. It removes
// nothing: Truncate does.
func (s *Service) Retain(r *providers.Retention) { s.locked(func() { s.retention = r }) }

// Commit commits for a group, and creates it.
func (s *Service) Commit(name string, p providers.Part, offset int64, kept map[string]string) {
	s.locked(func() { s.set(ByCommit, name, p, commit{offset, kept}) })
}

func (s *Service) group(name string) *group {
	if s.groups[name] == nil {
		s.groups[name] = &group{commits: map[providers.Part]commit{}}
	}
	return s.groups[name]
}

// Activate gives a group a member; Rest removes all.
func (s *Service) Activate(name string) {
	s.locked(func() { s.group(name).members = []providers.Member{{ID: "m-1", Client: "client", Host: "host"}} })
}

// Rest removes a group's members.
func (s *Service) Rest(name string) { s.locked(func() { s.group(name).members = nil }) }

// Committed returns a group's positions.
func (s *Service) Committed(name string) map[providers.Part]providers.Position {
	out := map[providers.Part]providers.Position{}
	s.locked(func() {
		for p, c := range s.group(name).commits {
			out[p] = providers.AtOffset(c.offset)
		}
	})
	return out
}

// Reads returns how many targets were read.
func (s *Service) Reads() (n int) { s.locked(func() { n = s.reads }); return n }

// Resets returns how many resets were applied.
func (s *Service) Resets() (n int) { s.locked(func() { n = s.resets }); return n }

// Writes returns how many requests changed something: resets, pauses and starts.
func (s *Service) Writes() (n int) {
	s.locked(func() {
		n = s.resets
		for _, e := range s.entries {
			if e.By == ByPause || e.By == ByStart {
				n++
			}
		}
	})
	return n
}

// FailRead makes every reading fail with an error of the kind err, until nil is given.
func (s *Service) FailRead(err error) { s.locked(func() { s.failRead = err }) }

// FailReset makes every reset fail with an error of the kind err, until nil is given.
func (s *Service) FailReset(err error) { s.locked(func() { s.failReset = err }) }

// FailStart makes every start after a pause fail with an error of the kind err, until nil is given.
func (s *Service) FailStart(err error) { s.locked(func() { s.failStart = err }) }

// FailPause makes every pause fail with an error of the kind err, until nil is given.
func (s *Service) FailPause(err error) { s.locked(func() { s.failPause = err }) }

// RefusePart refuses one part at the next reset and moves the others.
func (s *Service) RefusePart(p providers.Part) { s.locked(func() { s.refused = p }) }

// LoseAnswer applies the next reset and loses its answer.
func (s *Service) LoseAnswer() { s.locked(func() { s.lose = true }) }

// Hide shows, to so many readings after the next reset, what was before it.
func (s *Service) Hide(readings int) { s.locked(func() { s.hide = readings }) }

// Block holds every call back until the function returned is called.
func (s *Service) Block() (release func()) {
	h := &hold{released: make(chan struct{}), hangs: make(chan struct{})}
	s.locked(func() { s.hold = h })
	return func() { s.locked(func() { s.hold = nil }); close(h.released) }
}

// Hangs returns once a call is held back by Block.
func (s *Service) Hangs() {
	var h *hold
	s.locked(func() { h = s.hold })
	if h != nil {
		<-h.hangs
	}
}

// arrive delays a call and fails it as the tests request.
func (s *Service) arrive(ctx context.Context, fail *error) error {
	var h *hold
	var err error
	s.locked(func() { h, err = s.hold, *fail })
	if h != nil {
		h.first.Do(func() { close(h.hangs) })
		select {
		case <-h.released:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return &providers.Error{Provider: Type, Op: "call", Kind: context.Cause(ctx), Message: "cancelled"}
	}
	if err != nil {
		return &providers.Error{Provider: Type, Op: "call", Kind: err, Code: "FAULT", Message: "a test made it fail"}
	}
	return nil
}

package memory

import (
	"context"
	"fmt"
	"maps"
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

	resets              int
	failRead, failReset error
	refused             providers.Part // refused at the next reset
	lose                bool           // the next reset's answer is lost after its effect
	hide                int            // so many readings still show what was before the next reset
	gate                chan struct{}  // closed: nothing is held back
}

type log struct {
	id    string
	low   int64
	times []time.Time // of each record from offset 0
}

type group struct {
	commits, hidden map[providers.Part]commit
	members         []providers.Member
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
	how()
}

// Topic makes a topic, or makes it again, with a record at each of the times
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

// Truncate removes the records before an offset, as retention does.
func (s *Service) Truncate(p providers.Part, low int64) { s.locked(func() { s.logs[p].low = low }) }

// Commit commits for a group, and makes it.
func (s *Service) Commit(name string, p providers.Part, offset int64, kept map[string]string) {
	s.locked(func() { s.group(name).commits[p] = commit{offset, kept} })
}

func (s *Service) group(name string) *group {
	if s.groups[name] == nil {
		s.groups[name] = &group{commits: map[providers.Part]commit{}}
	}
	return s.groups[name]
}

// Activate gives a group a live member; Rest takes all away.
func (s *Service) Activate(name string) {
	s.locked(func() { s.group(name).members = []providers.Member{{ID: "m-1", Client: "client", Host: "host"}} })
}

// Rest takes a group's members away.
func (s *Service) Rest(name string) { s.locked(func() { s.group(name).members = nil }) }

// Committed returns where a group stands.
func (s *Service) Committed(name string) map[providers.Part]providers.Position {
	out := map[providers.Part]providers.Position{}
	s.locked(func() {
		for p, c := range s.group(name).commits {
			out[p] = providers.AtOffset(c.offset)
		}
	})
	return out
}

// Resets returns how many resets were carried out.
func (s *Service) Resets() (n int) { s.locked(func() { n = s.resets }); return n }

// FailRead and FailReset make every such call fail with err, until nil is given.
func (s *Service) FailRead(err error) { s.locked(func() { s.failRead = err }) }

// FailReset makes every reset fail with err, until nil is given.
func (s *Service) FailReset(err error) { s.locked(func() { s.failReset = err }) }

// RefusePart refuses one part at the next reset and carries out the others.
func (s *Service) RefusePart(p providers.Part) { s.locked(func() { s.refused = p }) }

// LoseAnswer carries the next reset out and loses its answer.
func (s *Service) LoseAnswer() { s.locked(func() { s.lose = true }) }

// Hide shows, to so many readings after the next reset, what was before it.
func (s *Service) Hide(readings int) { s.locked(func() { s.hide = readings }) }

// Block holds every call back until the function returned is called.
func (s *Service) Block() (release func()) {
	gate := make(chan struct{})
	s.locked(func() { s.gate = gate })
	return func() { s.locked(func() { s.gate = nil }); close(gate) }
}

// arrive holds a call back and fails it where that was asked for.
func (s *Service) arrive(ctx context.Context, fail *error) error {
	s.mu.Lock()
	gate, err := s.gate, *fail
	s.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return &providers.Error{Provider: Type, Op: "call", Kind: context.Cause(ctx)}
		}
	}
	if err != nil {
		return &providers.Error{Provider: Type, Op: "call", Kind: err, Code: "FAULT", Message: "it was told to fail"}
	}
	return nil
}

func (s *Service) snapshot(q providers.ReadRequest, c providers.Capabilities) (out providers.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := q.Target.(*target)
	g := s.groups[t.Group]
	switch {
	case g == nil:
		out.Standing = providers.Absent
		out.Missing = append(out.Missing, providers.Missing{What: "group", Name: t.Group, Known: slices.Sorted(maps.Keys(s.groups))})
		g = &group{}
	case len(g.commits) == 0:
		out.Standing = providers.Blank
	default:
		out.Standing = providers.Committed
	}
	out.Activity = activity(g, c)
	for _, p := range q.Resolve {
		if other, ok := p.Group(); ok && s.groups[other] == nil {
			out.Missing = append(out.Missing, providers.Missing{What: "group", Name: other})
		}
	}
	for _, p := range s.selected(t, g, &out) {
		if len(q.Only) == 0 || slices.Contains(q.Only, p) {
			out.Parts = append(out.Parts, s.part(p, g, q.Resolve))
		}
	}
	if g.hidden != nil {
		if s.hide--; s.hide <= 0 {
			g.hidden = nil
		}
	}
	return out
}

func activity(g *group, c providers.Capabilities) providers.Activity {
	switch {
	case c.Activity == providers.No:
		return providers.Activity{Why: "the service does not tell"}
	case len(g.members) > 0:
		return providers.Activity{State: providers.Active, Why: "Stable", Members: g.members}
	}
	return providers.Activity{State: providers.Idle, Why: "Empty"}
}

// selected returns the target's parts and notes what is missing.
func (s *Service) selected(t *target, g *group, out *providers.Snapshot) []providers.Part {
	var parts []providers.Part
	for p := range s.logs {
		_, committed := g.commits[p]
		if (p.Topic == t.Topic || t.Topic == "" && committed) && (t.Partitions == nil || slices.Contains(t.Partitions, p.Number)) {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, providers.Part.Compare)
	if t.Topic != "" && s.logs[providers.Part{Topic: t.Topic}] == nil {
		out.Missing = append(out.Missing, providers.Missing{What: "topic", Name: t.Topic})
		return nil
	}
	for _, n := range t.Partitions {
		if p := (providers.Part{Topic: t.Topic, Number: n}); s.logs[p] == nil {
			out.Missing = append(out.Missing, providers.Missing{What: "partition", Name: p.String()})
		}
	}
	return parts
}

func (s *Service) part(p providers.Part, g *group, resolve []providers.Position) providers.PartReading {
	l := s.logs[p]
	r := providers.PartReading{Part: p, Low: providers.AtOffset(l.low), High: providers.AtOffset(int64(len(l.times))), LogID: l.id, Resolved: map[providers.Position]providers.Position{}}
	r.Committed, r.Kept = g.at(p)
	for _, pos := range resolve {
		switch t, _ := pos.Time(); pos.Kind() {
		case providers.Earliest:
			r.Resolved[pos] = r.Low
		case providers.Latest:
			r.Resolved[pos] = r.High
		case providers.Group:
			other, _ := pos.Group()
			r.Resolved[pos] = providers.At(providers.Unset)
			if g := s.groups[other]; g != nil {
				r.Resolved[pos], _ = g.at(p)
			}
		case providers.Time:
			r.Resolved[pos] = providers.At(providers.Latest)
			for n := l.low; n < int64(len(l.times)); n++ {
				if !l.times[n].Before(t) {
					r.Resolved[pos] = providers.AtOffset(n)
					break
				}
			}
			if r.Resolved[pos] == r.Low && l.low < int64(len(l.times)) {
				r.LowTime = l.times[l.low]
			}
		}
	}
	return r
}

func (g *group) at(p providers.Part) (providers.Position, map[string]string) {
	from := g.commits
	if g.hidden != nil {
		from = g.hidden
	}
	if c, ok := from[p]; ok {
		return providers.AtOffset(c.offset), c.kept
	}
	return providers.At(providers.Unset), nil
}

func (s *Service) reset(m providers.Move, c providers.Capabilities) (providers.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := m.Target.(*target)
	g := s.group(t.Group)
	if c.Needs == providers.Idle && len(g.members) > 0 {
		return providers.Receipt{}, &providers.Error{Provider: Type, Op: "reset " + t.Group, Kind: providers.ErrPrecondition, Code: "ACTIVE", Message: "the group has live members"}
	}
	for _, p := range m.To {
		if c.Moves[p.Position.Kind()] == providers.NoGrain {
			return providers.Receipt{}, &providers.Error{Provider: Type, Op: "reset " + t.Group, Kind: providers.ErrUnsupported, Message: p.Position.String() + " cannot be sent"}
		}
		if l := s.logs[p.Part]; p.LogID != "" && l != nil && l.id != p.LogID {
			return providers.Receipt{}, &providers.Error{Provider: Type, Op: "reset " + t.Group, Kind: providers.ErrNotFound, Message: "the topic was made again"}
		}
	}
	s.resets++
	if s.hide > 0 {
		g.hidden = maps.Clone(g.commits)
	}
	receipt := providers.Receipt{RequestID: fmt.Sprintf("req-%d", s.resets)}
	for _, p := range m.To {
		r := providers.PartResult{Part: p.Part, Position: p.Position}
		switch n, exact := p.Position.Offset(); {
		case s.refused == p.Part && s.refused != (providers.Part{}):
			r = providers.PartResult{Part: p.Part, Err: &providers.Error{Provider: Type, Op: "reset " + p.Part.String(), Kind: providers.ErrInvalid, Code: "REFUSED"}}
		case exact:
			g.commits[p.Part] = commit{n, p.Kept}
		default:
			delete(g.commits, p.Part)
		}
		receipt.Parts = append(receipt.Parts, r)
	}
	s.refused = providers.Part{}
	if s.lose {
		s.lose = false
		return providers.Receipt{}, &providers.Error{Provider: Type, Op: "reset " + t.Group, Kind: providers.ErrInDoubt, Message: "the answer was lost"}
	}
	return receipt, nil
}

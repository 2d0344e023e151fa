package memory

import (
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// An Entry is one thing that happened to a group: a commit on one part, or a
// change of its consumers. Entries are the service's own record, with which
// tests compare what a lock claims.
type Entry struct {
	By       By
	Group    string
	Part     providers.Part // of a commit
	LogID    string         // of the log that Part was then
	From, To providers.Position
}

// By is the cause of an Entry.
type By string

// What entries come from.
const (
	ByReset  By = "reset"  // a reset took effect
	ByCommit By = "commit" // a consumer or another client committed
	ByPause  By = "pause"
	ByStart  By = "start"
	ByLoss   By = "lost reset" // a reset was accepted and never takes effect
)

// Entries returns all that happened, the oldest first.
func (s *Service) Entries() (all []Entry) {
	s.locked(func() { all = slices.Clone(s.entries) })
	return all
}

func (s *Service) note(e Entry) {
	if l := s.logs[e.Part]; l != nil {
		e.LogID = l.id
	}
	s.entries = append(s.entries, e)
}

// set commits on one part and notes it.
func (s *Service) set(by By, name string, p providers.Part, at commit) {
	g := s.group(name)
	s.note(Entry{By: by, Group: name, Part: p, From: g.at(p), To: providers.AtOffset(at.offset)})
	g.commits[p] = at
}

// at returns the position of one part.
func (g *group) at(p providers.Part) providers.Position {
	if c, ok := g.commits[p]; ok {
		return providers.AtOffset(c.offset)
	}
	return providers.At(providers.Unset)
}

// AddPartitions adds partitions to a topic, each with a record at each of the times.
func (s *Service) AddPartitions(topic string, more int, times ...time.Time) {
	s.locked(func() {
		from, id := 0, ""
		for p, l := range s.logs {
			if p.Topic == topic {
				from, id = max(from, p.Number+1), l.id
			}
		}
		for n := range more {
			s.logs[providers.Part{Topic: topic, Number: from + n}] = &log{id: id, times: times}
		}
	})
}

// Log returns the boundaries and the id of one log; ok is false if it does
// not exist.
func (s *Service) Log(p providers.Part) (low, high int64, id string, ok bool) {
	s.locked(func() {
		if l := s.logs[p]; l != nil {
			low, high, id, ok = l.low, l.high(), l.id, true
		}
	})
	return low, high, id, ok
}

// Partitions returns the parts of a topic, sorted.
func (s *Service) Partitions(topic string) (out []providers.Part) {
	s.locked(func() {
		for p := range s.logs {
			if p.Topic == topic {
				out = append(out, p)
			}
		}
	})
	slices.SortFunc(out, providers.Part.Compare)
	return out
}

// Active reports whether a group has a live member.
func (s *Service) Active(name string) (is bool) {
	s.locked(func() { is = len(s.group(name).members) > 0 })
	return is
}

// Metadata returns what is kept with a group's commits.
func (s *Service) Metadata(name string) map[providers.Part]map[string]string {
	out := map[providers.Part]map[string]string{}
	s.locked(func() {
		for p, c := range s.group(name).commits {
			out[p] = c.kept
		}
	})
	return out
}

// Find returns the offset that a position means on one part.
func (s *Service) Find(p providers.Part, at providers.Position) (n int64, ok bool) {
	s.locked(func() {
		if l := s.logs[p]; l != nil {
			n, ok = l.find(at), true
		}
	})
	return n, ok
}

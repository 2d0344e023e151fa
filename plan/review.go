package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
)

// Sum counts what a step moves or, if it is blocked, would move.
func (s *Step) Sum() Summary {
	if s.Action == Reset || s.Action == Blocked {
		return s.moves()
	}
	return Summary{Bound: BoundExact}
}

// shardTopic is the topic of a part that is a shard.
const shardTopic = "shard"

// Again describes the records that moves deliver again: "up to 400", or "up to 400
// log groups" if they are not records.
func (s Summary) Again() string { return s.amounts(func(a Amount) int64 { return a.Replay }) }

// Loss describes the records that moves skip, in the same way.
func (s Summary) Loss() string { return s.amounts(func(a Amount) int64 { return a.Skip }) }

// Loses reports whether moves skip records.
func (s Summary) Loses() bool { return s.Skip > 0 }

// amounts names records only among other units: alone they go without saying.
func (s Summary) amounts(of func(Amount) int64) string {
	var out []string
	all := s.Amounts()
	for _, a := range all {
		switch {
		case of(a) == 0:
		case a.Unit == UnitName("") && len(all) == 1:
			out = append(out, s.upTo(of(a)))
		default:
			out = append(out, s.upTo(of(a))+" "+text.Noun(of(a), a.Unit))
		}
	}
	if out == nil {
		return "0"
	}
	return strings.Join(out, " and ")
}

// Remainder describes what moves do besides: "3 partitions set, the effect on 1 partition
// is unknown"; "" if nothing.
func (s Summary) Remainder() string {
	var out []string
	if s.Set > 0 {
		out = append(out, text.Plural(s.Set, "partition")+" set")
	}
	if s.Removed > 0 {
		out = append(out, s.removals(""))
	}
	if s.Unknown > 0 {
		out = append(out, "the effect on "+text.Plural(s.Unknown, "partition")+" is unknown")
	}
	return strings.Join(out, ", ")
}

// Topics returns the topics of a step's parts, in order. A service with shards has one
// log, whose name ends the address.
func (s *Step) Topics() []string {
	var out []string
	for _, p := range s.Parts {
		topic := p.Part.Topic
		if topic == shardTopic {
			topic = s.Address[strings.LastIndexByte(s.Address, '/')+1:]
		}
		if topic != "" && (len(out) == 0 || out[len(out)-1] != topic) {
			out = append(out, topic)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Forward reports whether a step moves only forward: it delivers no record again.
func (s *Step) Forward() bool {
	sum := s.Sum()
	return sum.Loses() && sum.Replay == 0 && sum.Set == 0
}

// Losing returns the steps that skip records, the largest loss first. A rollback skips
// only what had been read before, which is no loss.
func (p *Plan) Losing() []*Step {
	if p.Undo {
		return nil
	}
	var out []*Step
	for i := range p.Steps {
		if p.Steps[i].Sum().Loses() {
			out = append(out, &p.Steps[i])
		}
	}
	slices.SortStableFunc(out, func(a, b *Step) int { return int(max(min(b.Sum().Skip-a.Sum().Skip, 1), -1)) })
	return out
}

// Totals sums up the impact of the steps that reset: the bytes that are delivered again
// and the longest time in seconds until consumers have caught up. A figure is nil unless
// it is known for each of them.
func (p *Plan) Totals() (bytes, catchUp *int64) {
	var size, longest int64
	steps, sized, timed := 0, 0, 0
	for _, s := range p.Steps {
		if s.Action != Reset {
			continue
		}
		steps++
		if s.Impact == nil {
			continue
		}
		if s.Impact.Bytes != nil {
			size, sized = size+*s.Impact.Bytes, sized+1
		}
		if s.Impact.CatchUp != nil {
			longest, timed = max(longest, *s.Impact.CatchUp), timed+1
		}
	}
	if steps > 0 && sized == steps {
		bytes = &size
	}
	if steps > 0 && timed == steps {
		catchUp = &longest
	}
	return bytes, catchUp
}

// MomentKind is what a Moment means for a reset.
type MomentKind string

// The kinds of moments.
const (
	RetentionEdge MomentKind = "retention" // older records are deleted
	OldestOfLog   MomentKind = "log"       // the oldest record that the log still has
	RequestedAt   MomentKind = "requested" // the time that the step requests
	OldestAgain   MomentKind = "again"     // the first record that is delivered
	PlannedAt     MomentKind = "planned"   // the plan was made
)

// A Moment is a known time that matters to a step's reset.
type Moment struct {
	Kind MomentKind
	At   time.Time
	Age  time.Duration // at the time of the plan
}

// Moments returns the known times of a step's reset, the earliest first; nil if only the
// time of the plan is known.
func (p *Plan) Moments(s *Step) []Moment {
	var out []Moment
	add := func(kind MomentKind, at *time.Time) {
		if at != nil {
			out = append(out, Moment{kind, *at, p.CreatedAt.Sub(*at)})
		}
	}
	add(RequestedAt, s.At)
	if i := s.Impact; i != nil {
		add(OldestOfLog, i.LogStart)
		add(OldestAgain, i.Oldest)
		if i.Retention != nil && (i.LogStart != nil || i.Oldest != nil || s.At != nil) {
			add(RetentionEdge, new(p.CreatedAt.Add(-time.Duration(*i.Retention)*time.Second)))
		}
	}
	if out == nil {
		return nil
	}
	add(PlannedAt, &p.CreatedAt)
	slices.SortStableFunc(out, func(a, b Moment) int { return a.At.Compare(b.At) })
	return out
}

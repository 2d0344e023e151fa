package huaweirocketmqfake

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"
)

// A Queue is one log of a topic.
type Queue struct {
	Broker string
	ID     int
}

// A Layout describes a topic: the number of queues on each broker, each with one
// record at each of the times, the first at offset Low.
type Layout struct {
	Brokers []string
	Queues  int
	Low     int64
	Times   []time.Time
}

type topic struct {
	brokers []string
	perEach int
	low     int64
	times   []int64 // milliseconds since the epoch, ascending
}

// A group has its committed offsets in places, by topic.
type group struct {
	created   time.Time
	broadcast bool
	clients   []string // empty: the group is offline
	places    map[string]map[Queue]*place
}

// A place is a committed offset that may move: by a reset that the consumer has not
// yet taken over, and by what the consumer reads.
type place struct {
	from  int64
	since time.Time // when the consumer started to read from there; zero = no consumer
	reset *pendingReset
}

type pendingReset struct {
	to  int64
	due time.Time
}

// CreateTopic creates or re-creates a topic.
func (f *Fake) CreateTopic(name string, l Layout) {
	t := &topic{brokers: l.Brokers, perEach: l.Queues, low: l.Low}
	for _, at := range l.Times {
		t.times = append(t.times, at.UnixMilli())
	}
	f.locked(func() { f.topics[name] = t })
}

// CreateGroup creates an offline group without commits.
func (f *Fake) CreateGroup(name string) {
	f.locked(func() { f.groups[name] = &group{created: f.options.Now(), places: map[string]map[Queue]*place{}} })
}

// Broadcast makes every consumer of a group read everything.
func (f *Fake) Broadcast(name string) { f.locked(func() { f.groups[name].broadcast = true }) }

// Commit commits one offset on every queue of a topic, as consumers do.
func (f *Fake) Commit(name, topic string, offset int64) {
	f.locked(func() {
		places := map[Queue]*place{}
		for _, q := range f.topics[topic].queues() {
			places[q] = &place{from: offset}
		}
		f.groups[name].places[topic] = places
	})
}

// Join starts a consumer, which reads on from its group's offsets.
func (f *Fake) Join(name, client string) {
	f.locked(func() {
		g := f.groups[name]
		g.clients = append(g.clients, client)
		for _, places := range g.places {
			for _, p := range places {
				p.since = f.options.Now()
			}
		}
	})
}

// Leave stops a group's consumers. Resets that they have not taken over are lost.
func (f *Fake) Leave(name string) {
	f.locked(func() {
		g := f.groups[name]
		for topic, places := range g.places {
			for q, p := range places {
				at, _ := f.position(g, topic, q)
				*p = place{from: at}
			}
		}
		g.clients = nil
	})
}

// Committed returns a group's offsets on a topic.
func (f *Fake) Committed(name, topic string) map[Queue]int64 {
	out := map[Queue]int64{}
	f.locked(func() {
		g := f.groups[name]
		for q := range g.places[topic] {
			out[q], _ = f.position(g, topic, q)
		}
	})
	return out
}

// position returns a group's offset on a queue, and whether it has ever committed
// there.
func (f *Fake) position(g *group, name string, q Queue) (int64, bool) {
	p := g.places[name][q]
	if p == nil {
		return 0, false
	}
	now := f.options.Now()
	if p.reset != nil && !now.Before(p.reset.due) {
		*p = place{from: p.reset.to, since: p.reset.due}
	}
	if p.since.IsZero() {
		return p.from, true
	}
	read := int64(now.Sub(p.since)/f.options.CommitEvery) * f.options.Pace
	return max(p.from, min(p.from+read, f.topics[name].high())), true
}

// moved is a queue's offset in the answer to a reset.
type moved struct {
	queue  Queue
	offset int64
}

// reset resets every queue of a topic to the first record at or after a time. A second
// reset before the consumers take over the first one is lost, as with the real engine;
// the answer does not show it.
func (f *Fake) reset(g *group, name string, milliseconds int64) []moved {
	t, now := f.topics[name], f.options.Now()
	if g.places[name] == nil {
		g.places[name] = map[Queue]*place{}
	}
	var out []moved
	for _, q := range slices.Backward(t.queues()) { // the engine's answer is not sorted
		to := t.find(milliseconds)
		out = append(out, moved{q, to})
		at, committed := f.position(g, name, q)
		if !committed {
			g.places[name][q] = &place{}
		}
		switch p := g.places[name][q]; {
		case f.noForward && to > at, p.reset != nil:
		case !f.serverSide:
			p.reset = &pendingReset{to, now.Add(f.options.TakeUp)}
		case len(g.clients) == 0:
			*p = place{from: to}
		default:
			*p = place{from: to, since: now}
		}
	}
	return out
}

func (t *topic) queues() []Queue {
	var out []Queue
	for _, b := range t.brokers {
		for n := range t.perEach {
			out = append(out, Queue{b, n})
		}
	}
	slices.SortFunc(out, func(a, b Queue) int { return cmp.Or(strings.Compare(a.Broker, b.Broker), a.ID-b.ID) })
	return out
}

func (t *topic) high() int64 { return t.low + int64(len(t.times)) }

// find returns the offset of the first record at or after a time; -1 means the end, as
// in the broker.
func (t *topic) find(milliseconds int64) int64 {
	if milliseconds == -1 {
		return t.high()
	}
	return t.low + int64(sort.Search(len(t.times), func(n int) bool { return t.times[n] >= milliseconds }))
}

// stored returns when the last record before an offset was stored, or 0.
func (t *topic) stored(before int64) int64 {
	n := before - 1 - t.low
	if n < 0 || n >= int64(len(t.times)) {
		return 0
	}
	return t.times[n]
}

func names[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

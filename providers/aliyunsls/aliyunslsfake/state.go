package aliyunslsfake

import (
	"encoding/base64"
	"strconv"
	"time"
)

type project struct{ logstores map[string]*logstore }

type logstore struct {
	shards map[int]*shard
	groups map[string]*group
}

// A shard keeps the times at which its log groups were received. Its cursors are
// numbers that start at its creation, in nanoseconds, and grow by one with each log
// group.
type shard struct {
	readonly bool
	created  time.Time
	base     int64 // the cursor of the first log group ever
	low      int   // the first log group that has not expired
	received []time.Time
}

func (s *shard) start() int64 { return s.base + int64(s.low) }
func (s *shard) end() int64   { return s.base + int64(len(s.received)) }

// at returns the cursor of the first log group received at or after t, or the
// end.
func (s *shard) at(t time.Time) int64 {
	for i := s.low; i < len(s.received); i++ {
		if !s.received[i].Before(t) {
			return s.base + int64(i)
		}
	}
	return s.end()
}

// A group is a consumer group.
type group struct {
	timeout int // seconds without a heartbeat after which a consumer is removed
	order   bool
	points  map[int]point        // by shard
	beats   map[string]time.Time // by consumer
}

func newGroup(timeout int) *group {
	return &group{timeout: timeout, points: map[int]point{}, beats: map[string]time.Time{}}
}

type point struct {
	cursor   string
	consumer string
	updated  time.Time
}

func cursorOf(n int64) string {
	return base64.StdEncoding.EncodeToString(strconv.AppendInt(nil, n, 10))
}

func numberOf(cursor string) (int64, bool) {
	raw, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil
}

// The seed's sizes.
const (
	seedAge       = 48 * time.Hour
	seedGroups    = 500 // log groups per shard, without the split
	seedCommitted = 300 // of them
	seedSplit     = 375 // of them, before shard 2 became readonly
	seedConsumer  = "access-log-etl-1"
	seedIdle      = 3 * time.Hour
)

// seed creates the logstore with 500 log groups per shard, spread over the last 48
// hours, and the group, which committed 300 of each three hours ago. Shard 2 has been
// readonly for twelve hours.
func (f *Fake) seed() {
	f.projects[Project] = &project{logstores: map[string]*logstore{Logstore: f.seeded(Group)}}
}

// seedMore creates a second logstore like the first one, and a second group.
func (f *Fake) seedMore() {
	p := f.projects[Project]
	p.logstores["error-log"] = f.seeded("error-log-etl")
	p.logstores[Logstore].commit("access-log-audit", f.now().Add(-seedIdle))
}

// seeded returns a logstore with a group.
func (f *Fake) seeded(group string) *logstore {
	l := f.newLogstore(seedAge, seedGroups)
	l.shards[2].readonly = true
	l.shards[2].received = l.shards[2].received[:seedSplit]
	l.commit(group, f.now().Add(-seedIdle))
	return l
}

// commit creates a group that committed 300 log groups of each shard.
func (l *logstore) commit(name string, at time.Time) {
	g := newGroup(60)
	for n, s := range l.shards {
		g.points[n] = point{cursor: cursorOf(s.base + seedCommitted), consumer: name + "-1", updated: at}
	}
	l.groups[name] = g
}

func (f *Fake) newLogstore(age time.Duration, groups int) *logstore {
	l := &logstore{shards: map[int]*shard{}, groups: map[string]*group{}}
	created := f.now().Add(-age)
	for n := range 3 {
		s := &shard{created: created, base: created.UnixNano() + int64(n)}
		for i := range groups {
			s.received = append(s.received, created.Add(time.Duration(i)*age/time.Duration(groups)))
		}
		l.shards[n] = s
	}
	return l
}

// activate starts a consumer of the seeded group that owns all shards, at the group's
// checkpoints.
func (f *Fake) activate() {
	f.live = map[int]int64{}
	for n, p := range f.projects[Project].logstores[Logstore].groups[Group].points {
		f.live[n], _ = numberOf(p.cursor)
	}
	f.advance()
}

// advance does what happens between requests: records arrive, and the active consumer
// commits. The consumer ignores resets: it commits its own position, one log group
// after the last one.
func (f *Fake) advance() {
	l := f.projects[Project].logstores[Logstore]
	if f.moving {
		for _, s := range l.shards {
			if !s.readonly {
				s.received = append(s.received, f.now())
			}
		}
	}
	for n, place := range f.live {
		g, s := l.groups[Group], l.shards[n]
		if g == nil || s == nil {
			continue
		}
		if g.points[n].cursor != cursorOf(place) {
			f.live[n] = min(place+1, s.end())
		}
		g.points[n] = point{cursor: cursorOf(f.live[n]), consumer: seedConsumer, updated: f.now()}
		g.beats[seedConsumer] = f.now()
	}
}

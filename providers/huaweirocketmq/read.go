package huaweirocketmq

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"golang.org/x/sync/errgroup"
)

// shared are the facts that targets of one reading have in common. Each is
// asked for once, when the first target wants it.
type shared struct {
	groups     map[string]func() (group, error)
	topics     map[string]func() (queues, error)
	groupNames func() ([]string, error)
	topicNames func() ([]string, error)
}

// Read answers the targets side by side.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	facts := c.share(ctx, reqs)
	out := make([]providers.Snapshot, len(reqs))
	var all errgroup.Group
	all.SetLimit(8)
	for i, q := range reqs {
		all.Go(func() error {
			if t := q.Target.(*target); len(q.Only) > 0 {
				out[i] = c.readBack(ctx, t, q.Only)
			} else {
				out[i] = c.snapshot(ctx, t, facts)
			}
			return nil
		})
	}
	_ = all.Wait() // each snapshot has its own error
	return out
}

func (c *connection) share(ctx context.Context, reqs []providers.ReadRequest) shared {
	s := shared{
		groups: map[string]func() (group, error){}, topics: map[string]func() (queues, error){},
		groupNames: sync.OnceValues(func() ([]string, error) { return c.groupNames(ctx) }),
		topicNames: sync.OnceValues(func() ([]string, error) { return c.topicNames(ctx) }),
	}
	for _, q := range reqs {
		t := q.Target.(*target)
		if s.groups[t.group] == nil {
			s.groups[t.group] = sync.OnceValues(func() (group, error) { return c.group(ctx, t.group) })
		}
		if s.topics[t.topic] == nil {
			s.topics[t.topic] = sync.OnceValues(func() (queues, error) { return c.bounds(ctx, t.topic) })
		}
	}
	return s
}

// readBack tells where the group stands, and nothing else.
func (c *connection) readBack(ctx context.Context, t *target, only []providers.Part) (out providers.Snapshot) {
	found, err := c.progress(ctx, t.group, t.topic)
	if err != nil {
		out.Err = err
		return out
	}
	for _, p := range slices.SortedFunc(maps.Keys(found), providers.Part.Compare) {
		if slices.Contains(only, p) {
			out.Parts = append(out.Parts, providers.PartReading{Part: p, Committed: committed(found[p])})
		}
	}
	return out
}

func (c *connection) snapshot(ctx context.Context, t *target, s shared) (out providers.Snapshot) {
	g, err := s.groups[t.group]()
	out.Activity = activity(g)
	if m := missing(err, "group", t.group, s.groupNames); m != nil {
		out.Standing, out.Missing, err = providers.Absent, append(out.Missing, *m), nil
		out.Activity.Why = "there is no such group"
	}
	if err != nil {
		out.Err = err
		return out
	}
	logs, err := s.topics[t.topic]()
	if m := missing(err, "topic", t.topic, s.topicNames); m != nil {
		out.Missing, err = append(out.Missing, *m), nil
	}
	switch {
	case err != nil:
		out.Err = err
		return out
	case out.Missing != nil:
		return out
	case is(g.Broadcast):
		out.Err = &providers.Error{Provider: Type, Op: "read group " + t.group, Kind: providers.ErrUnsupported,
			Message: "it consumes by broadcast: each consumer keeps its own place, and the service resets none"}
		return out
	}
	stands, err := c.progress(ctx, t.group, t.topic)
	if err != nil {
		out.Err = err
		return out
	}
	out.Parts = parts(logs, stands)
	out.Standing, out.Notes = standing(out.Parts)
	if not(g.Consistent) {
		out.Notes = append(out.Notes, fmt.Sprintf("The consumers of group %s do not all subscribe to the same topics and tags: records that come again may reach none that wants them.", t.group))
	}
	return out
}

// missing tells whether a name was refused because it is not there. The
// manual has no code for that, so the service's own list is asked: a name on
// it was refused for another reason, which then stands.
func missing(refused error, what, name string, list func() ([]string, error)) *providers.Missing {
	if !errors.Is(refused, providers.ErrNotFound) && !errors.Is(refused, providers.ErrInvalid) {
		return nil
	}
	known, err := list()
	if err != nil || slices.Contains(known, name) {
		return nil
	}
	return &providers.Missing{What: what, Name: name, Known: known}
}

// activity tells whether consumers are online: by the group's own word, or,
// where it has none, by that of the list of its clients.
func activity(g group) providers.Activity {
	word, online := "group_online", g.Online
	if online == nil {
		word, online = "online", g.Connected
	}
	if online == nil {
		return providers.Activity{Why: "the service tells neither group_online nor online"}
	}
	a := providers.Activity{State: providers.Idle, Why: fmt.Sprintf("%s is %t", word, *online)}
	if *online {
		a.State = providers.Active
	}
	for _, c := range g.Clients {
		a.Members = append(a.Members, providers.Member{ID: c.ID, Client: c.ID, Host: c.Address})
	}
	return a
}

// parts joins what the topic and what the group tell of each queue. The two
// are not of one moment: the later high boundary counts.
func parts(logs, stands queues) []providers.PartReading {
	all := maps.Clone(stands)
	maps.Copy(all, logs)
	var out []providers.PartReading
	for _, p := range slices.SortedFunc(maps.Keys(all), providers.Part.Compare) {
		log, place := logs[p], stands[p]
		r := providers.PartReading{Part: p, Low: log.Low.offset(), High: log.High.offset(), Committed: committed(place)}
		if place.Last.known && place.Last.n > 0 {
			r.ReadUpTo = time.UnixMilli(place.Last.n).UTC()
		}
		if place.End.known && (!log.High.known || place.End.n > log.High.n) {
			r.High = place.End.offset()
		}
		out = append(out, r)
	}
	return out
}

func committed(q queue) providers.Position {
	if at := q.Committed.offset(); !at.IsZero() {
		return at
	}
	return providers.At(providers.Unset)
}

// standing tells whether the group has ever committed. A queue that reads 0
// leaves it open: the engine says 0 of queues that were never committed, too.
func standing(parts []providers.PartReading) (providers.Standing, []string) {
	stands, zeros := providers.Blank, 0
	for _, p := range parts {
		switch n, ok := p.Committed.Offset(); {
		case ok && n > 0:
			stands = providers.Committed
		case ok && stands == providers.Blank:
			stands = providers.StandingUnknown
		}
		if p.Committed == providers.AtOffset(0) && p.High != p.Committed {
			zeros++
		}
	}
	if zeros == 0 {
		return stands, nil
	}
	return stands, []string{fmt.Sprintf("It reads offset 0 on %d of %d queues: the service says so of queues that were never committed, too.", zeros, len(parts))}
}

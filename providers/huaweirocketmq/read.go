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
	"github.com/resetplan/resetplan/providers/internal/fanout"
)

// Read answers the targets side by side.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	r := c.reading(ctx)
	out := make([]providers.Snapshot, len(reqs))
	fanout.Each(len(reqs), func(i int) {
		if t := reqs[i].Target.(*target); len(reqs[i].Only) > 0 {
			out[i] = c.readBack(ctx, t, reqs[i].Only)
		} else {
			out[i] = c.snapshot(ctx, t, r)
		}
	})
	return out
}

// A reading is one Read under way: the questions that targets share, each
// asked once.
type reading struct {
	group  func(name string) (group, error)
	bounds func(topic string) (queues, error)
	groups func() ([]string, error)
	topics func() ([]string, error)
}

func (c *connection) reading(ctx context.Context) *reading {
	return &reading{
		group:  fanout.Once(func(name string) (group, error) { return c.group(ctx, name) }),
		bounds: fanout.Once(func(topic string) (queues, error) { return c.bounds(ctx, topic) }),
		groups: sync.OnceValues(func() ([]string, error) { return c.groupNames(ctx) }),
		topics: sync.OnceValues(func() ([]string, error) { return c.topicNames(ctx) }),
	}
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

func (c *connection) snapshot(ctx context.Context, t *target, r *reading) (out providers.Snapshot) {
	g, err := r.group(t.group)
	out.Activity = activity(g)
	if m := missing(err, "group", t.group, r.groups); m != nil {
		out.GroupState, out.Missing, err = providers.Absent, append(out.Missing, *m), nil
		out.Activity.Why = "there is no such group"
	}
	if err != nil {
		out.Err = err
		return out
	}
	logs, err := r.bounds(t.topic)
	if m := missing(err, "topic", t.topic, r.topics); m != nil {
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
	out.GroupState, out.Notes = standing(out.Parts)
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

// parts joins what the topic and what the group tell of each queue. The two
// are not of one moment: the later high boundary counts.
func parts(logs, stands queues) []providers.PartReading {
	all := maps.Clone(stands)
	maps.Copy(all, logs)
	var out []providers.PartReading
	for _, p := range slices.SortedFunc(maps.Keys(all), providers.Part.Compare) {
		log, place := logs[p], stands[p]
		r := providers.PartReading{Part: p, Low: offset(log.Low), High: offset(log.High), Committed: committed(place)}
		if place.Last.Known && place.Last.N > 0 {
			r.ReadUpTo = time.UnixMilli(place.Last.N).UTC()
		}
		if place.End.Known && (!log.High.Known || place.End.N > log.High.N) {
			r.High = offset(place.End)
		}
		out = append(out, r)
	}
	return out
}

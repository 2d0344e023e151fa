package aliyunkafka

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka/internal/api"
	"github.com/resetplan/resetplan/providers/internal/fanout"
)

// Read reads each target on its own, and what several targets share once.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	dated := map[string]bool{} // the groups of which a topic can be reset to a time
	for _, q := range reqs {
		if t := q.Target.(*target); q.Only == nil && t.partitions == nil {
			dated[t.group] = true
		}
	}
	r := &reading{
		progress: fanout.Once(func(group string) (api.Progress, error) { return c.api.GetConsumerProgress(ctx, group, dated[group]) }),
		status:   fanout.Once(func(topic string) (map[int]api.Bounds, error) { return c.api.GetTopicStatus(ctx, topic) }),
		groups:   sync.OnceValues(func() ([]string, error) { return c.api.GetConsumerList(ctx) }),
		topics:   sync.OnceValues(func() ([]string, error) { return c.api.GetTopicList(ctx) }),
	}
	out := make([]providers.Snapshot, len(reqs))
	fanout.Each(len(reqs), func(i int) { out[i] = r.snapshot(reqs[i]) })
	return out
}

// A reading holds the requests that the targets of one Read share. Each is sent
// once.
type reading struct {
	progress func(group string) (api.Progress, error)
	status   func(topic string) (map[int]api.Bounds, error)
	groups   func() ([]string, error)
	topics   func() ([]string, error)
}

// snapshot reads one target, or only its commits if the request says so.
func (r *reading) snapshot(q providers.ReadRequest) (s providers.Snapshot) {
	t := q.Target.(*target)
	if q.Only != nil {
		return r.readBack(t.group, q.Only)
	}
	p, missing, err := r.group(t.group)
	if err != nil {
		return providers.Snapshot{Err: err}
	}
	s.GroupState, s.Activity, s.Missing = groupState(p), activity(p), missing
	if missing != nil {
		s.GroupState, s.Activity = providers.Absent, providers.Activity{State: providers.Idle, Why: "the group does not exist"}
	}
	others := map[string]api.Progress{}
	for _, pos := range q.Resolve {
		if name, ok := pos.Group(); ok {
			other, missing, err := r.group(name)
			if err != nil {
				return providers.Snapshot{Err: err}
			}
			others[name] = other
			s.Missing = append(s.Missing, missing...)
		}
	}
	for _, topic := range t.topics(p) {
		if err := r.topic(&s, t, topic, p, others, q.Resolve); err != nil {
			return providers.Snapshot{Err: err}
		}
	}
	return s
}

// readBack reads only commits.
func (r *reading) readBack(group string, only []providers.Part) (s providers.Snapshot) {
	p, err := r.progress(group)
	if err != nil {
		return providers.Snapshot{Err: err}
	}
	for _, part := range slices.SortedFunc(slices.Values(only), providers.Part.Compare) {
		s.Parts = append(s.Parts, providers.PartReading{Part: part, Committed: committed(p, part)})
	}
	return s
}

// topics returns the topics that a target selects, sorted.
func (t *target) topics(p api.Progress) []string {
	if t.topic != "" {
		return []string{t.topic}
	}
	return slices.Sorted(maps.Keys(p.Commits))
}

// topic adds one topic's partitions to a snapshot.
func (r *reading) topic(s *providers.Snapshot, t *target, topic string, p api.Progress, others map[string]api.Progress,
	resolve []providers.Position) error {
	table, known, err := r.logs(topic)
	switch {
	case err != nil:
		return err
	case table == nil && t.topic == "":
		s.Notes = append(s.Notes, fmt.Sprintf("The group has commits on topic %s, which no longer exists; it is ignored.", topic))
		return nil
	case table == nil:
		s.Missing = append(s.Missing, providers.Missing{What: providers.TopicName, Name: topic, Known: known})
		return nil
	}
	for _, n := range slices.Sorted(maps.Keys(table)) {
		if !t.partitions.Has(n) {
			continue
		}
		part := providers.Part{Topic: topic, Number: n}
		pr := providers.PartReading{Part: part, Low: reported(table[n].Low), High: reported(table[n].High), Committed: committed(p, part),
			ReadUpTo: readUpTo(p, part)}
		pr.Resolved = resolved(pr, others, resolve)
		s.Parts = append(s.Parts, pr)
	}
	for _, n := range t.partitions {
		if _, exists := table[n]; !exists {
			s.Missing = append(s.Missing, providers.Missing{What: providers.PartitionName, Name: providers.Part{Topic: topic, Number: n}.String()})
		}
	}
	return nil
}

// logs returns the bounds of a topic's logs, or nil and the existing topics if
// the topic does not exist.
func (r *reading) logs(topic string) (map[int]api.Bounds, []string, error) {
	table, err := r.status(topic)
	if err != nil && !isUnknown(err, "topic") || len(table) > 0 {
		return table, nil, err
	}
	known, failed := r.topics()
	if failed == nil && slices.Contains(known, topic) {
		failed = cmp.Or(err, error(&providers.Error{Provider: Type, Op: "read status of topic " + topic, Kind: providers.ErrInvalid,
			Message: "unexpected response: it has no partitions"}))
	}
	return nil, known, failed
}

// resolved translates requested positions on one partition. A time is left out:
// the service does not resolve it.
func resolved(pr providers.PartReading, others map[string]api.Progress, resolve []providers.Position) (out []providers.Resolution) {
	for _, pos := range resolve {
		name, isGroup := pos.Group()
		switch {
		case isGroup:
			out = append(out, providers.Resolution{Asked: pos, Found: committed(others[name], pr.Part)})
		case pos.Kind() == providers.Earliest:
			out = append(out, providers.Resolution{Asked: pos, Found: pr.Low})
		case pos.Kind() == providers.Latest:
			out = append(out, providers.Resolution{Asked: pos, Found: pr.High})
		}
	}
	return out
}

// group returns a group's progress, and the group itself as missing if it does
// not exist. The service also reports progress of groups that were never created,
// so a group without commits and without a known state is looked up in the list.
func (r *reading) group(name string) (api.Progress, []providers.Missing, error) {
	p, err := r.progress(name)
	switch {
	case isUnknown(err, "group"):
		p = api.Progress{}
	case err != nil:
		return api.Progress{}, nil, err
	case groupState(p) == providers.Committed || activity(p).State != providers.UnknownState && normalized(p.State) != "DEAD":
		return p, nil, nil
	}
	known, err := r.groups()
	if err != nil || slices.Contains(known, name) {
		return p, nil, err
	}
	return p, []providers.Missing{{What: providers.GroupName, Name: name, Known: known}}, nil
}

// committed returns a group's committed position on a partition. A partition that
// the service leaves out has no commit.
func committed(p api.Progress, part providers.Part) providers.Position {
	c, listed := p.Commits[part.Topic][part.Number]
	if !listed {
		return providers.At(providers.Unset)
	}
	return position(c)
}

// position returns the position of a commit. A negative offset means no commit.
func position(c api.Commit) providers.Position {
	if c.Offset != nil && *c.Offset < 0 {
		return providers.At(providers.Unset)
	}
	return reported(c.Offset)
}

// readUpTo returns when the last record before a commit was written; zero if there is
// no commit, or if the service does not report it.
func readUpTo(p api.Progress, part providers.Part) time.Time {
	c := p.Commits[part.Topic][part.Number]
	if position(c).Kind() != providers.Offset {
		return time.Time{}
	}
	return c.ReadUpTo
}

// reported returns an offset as a position; the zero Position if it is not known.
func reported(offset *int64) providers.Position {
	if offset == nil {
		return providers.Position{}
	}
	return providers.AtOffset(*offset)
}

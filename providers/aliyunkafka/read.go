package aliyunkafka

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/fanout"
)

// Read reads each target on its own, and what several of them share once.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	r := &reading{
		progress: fanout.Once(func(group string) (*progress, error) { return c.consumerProgress(ctx, group) }),
		status:   fanout.Once(func(topic string) (map[int]bounds, error) { return c.topicStatus(ctx, topic) }),
		groups:   sync.OnceValues(func() ([]string, error) { return c.consumerList(ctx) }),
		topics:   sync.OnceValues(func() ([]string, error) { return c.topicList(ctx) }),
	}
	out := make([]providers.Snapshot, len(reqs))
	fanout.Each(len(reqs), func(i int) { out[i] = r.snapshot(reqs[i]) })
	return out
}

// A reading is one Read under way: the questions that targets share, each
// asked once.
type reading struct {
	progress func(group string) (*progress, error)
	status   func(topic string) (map[int]bounds, error)
	groups   func() ([]string, error)
	topics   func() ([]string, error)
}

// snapshot reads one target, or of it the commits alone that are wanted.
func (r *reading) snapshot(q providers.ReadRequest) (s providers.Snapshot) {
	t := q.Target.(*target)
	if q.Only != nil {
		return r.readBack(t.group, q.Only)
	}
	p, missing, err := r.group(t.group)
	if err != nil {
		return providers.Snapshot{Err: err}
	}
	s.GroupState, s.Activity, s.Missing = p.standing(), p.activity(), missing
	if missing != nil {
		s.GroupState, s.Activity = providers.Absent, providers.Activity{State: providers.Idle, Why: "there is no such group"}
	}
	others := map[string]*progress{}
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

// readBack reads commits alone.
func (r *reading) readBack(group string, only []providers.Part) (s providers.Snapshot) {
	p, err := r.progress(group)
	if err != nil {
		return providers.Snapshot{Err: err}
	}
	for _, part := range slices.SortedFunc(slices.Values(only), providers.Part.Compare) {
		s.Parts = append(s.Parts, providers.PartReading{Part: part, Committed: p.committed(part)})
	}
	return s
}

// topics returns the topics that a target means, sorted.
func (t *target) topics(p *progress) []string {
	if t.topic != "" {
		return []string{t.topic}
	}
	return slices.Sorted(maps.Keys(p.commits))
}

// topic adds one topic's partitions to a snapshot.
func (r *reading) topic(s *providers.Snapshot, t *target, topic string, p *progress, others map[string]*progress, resolve []providers.Position) error {
	table, known, err := r.logs(topic)
	switch {
	case err != nil:
		return err
	case table == nil && t.topic == "":
		s.Notes = append(s.Notes, fmt.Sprintf("The group has commits on topic %s, which is not there any more: it is left out.", topic))
		return nil
	case table == nil:
		s.Missing = append(s.Missing, providers.Missing{What: "topic", Name: topic, Known: known})
		return nil
	}
	for _, n := range slices.Sorted(maps.Keys(table)) {
		if !t.partitions.Has(n) {
			continue
		}
		part := providers.Part{Topic: topic, Number: n}
		pr := providers.PartReading{Part: part, Low: table[n].low, High: table[n].high, Committed: p.committed(part)}
		pr.Resolved = resolved(pr, others, resolve)
		s.Parts = append(s.Parts, pr)
	}
	for _, n := range t.partitions {
		if _, there := table[n]; !there {
			s.Missing = append(s.Missing, providers.Missing{What: "partition", Name: providers.Part{Topic: topic, Number: n}.String()})
		}
	}
	return nil
}

// logs returns the boundaries of a topic's logs, or nil and the topics that
// there are where it is none of them.
func (r *reading) logs(topic string) (map[int]bounds, []string, error) {
	table, err := r.status(topic)
	if err != nil && !isUnknown(err, "topic") || len(table) > 0 {
		return table, nil, err
	}
	known, failed := r.topics()
	if failed == nil && slices.Contains(known, topic) {
		failed = cmp.Or(err, error(&providers.Error{Provider: Type, Op: "read status of topic " + topic, Kind: providers.ErrInvalid,
			Message: "unexpected response: no partition"}))
	}
	return nil, known, failed
}

// resolved translates what was asked for on one part. A time is left out: the
// service does not tell.
func resolved(pr providers.PartReading, others map[string]*progress, resolve []providers.Position) (out []providers.Resolution) {
	for _, pos := range resolve {
		name, isGroup := pos.Group()
		switch {
		case isGroup:
			out = append(out, providers.Resolution{Asked: pos, Found: others[name].committed(pr.Part)})
		case pos.Kind() == providers.Earliest:
			out = append(out, providers.Resolution{Asked: pos, Found: pr.Low})
		case pos.Kind() == providers.Latest:
			out = append(out, providers.Resolution{Asked: pos, Found: pr.High})
		}
	}
	return out
}

// group returns where a group stands, and itself as missing where there is no
// such group. What has neither commits nor a state is looked for in the list:
// the service tells of groups that nobody made.
func (r *reading) group(name string) (*progress, []providers.Missing, error) {
	p, err := r.progress(name)
	switch {
	case isUnknown(err, "group"):
		p = &progress{}
	case err != nil:
		return nil, nil, err
	case p.standing() == providers.Committed || p.activity().State != providers.UnknownState && spelled(p.state) != "DEAD":
		return p, nil, nil
	}
	known, err := r.groups()
	if err != nil || slices.Contains(known, name) {
		return p, nil, err
	}
	return p, []providers.Missing{{What: "group", Name: name, Known: known}}, nil
}

package kafka

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// committed returns the parts on which a query's group, and the groups whose
// positions it resolves, have commits.
func (r *reading) committed(q *query) map[providers.Part]bool {
	out := map[providers.Part]bool{}
	for _, g := range q.groups() {
		for p := range r.commits[g].all() {
			out[p] = true
		}
	}
	return out
}

// committedTopics returns the topics of those parts.
func (r *reading) committedTopics(q *query) map[string]bool {
	out := map[string]bool{}
	for _, g := range q.groups() {
		for topic := range r.commits[g].topics {
			out[topic] = true
		}
	}
	return out
}

// ownTopics returns the topics that a glob of a query may select: those on which
// its group has commits, and those of the parts in Also.
func (r *reading) ownTopics(q *query) map[string]bool {
	out := map[string]bool{}
	for topic := range byTopic(q.Also, itself) {
		out[topic] = true
	}
	if own := r.commits[q.target.group]; own != nil {
		for topic := range own.topics {
			out[topic] = true
		}
	}
	return out
}

// selects reports whether a query selects a topic by a name or a glob.
func (r *reading) selects(q *query, topic string, own map[string]bool) bool {
	t := q.target
	return t.named(topic) || t.matches(topic) && (own[topic] || q.New)
}

// selected returns the topics that a query selects by names and globs, sorted, as far as
// topics and commits are known so far. Only for new topics it looks at each that the
// cluster has: there may be thousands of groups and of topics.
func (r *reading) selected(q *query) []string {
	own := r.ownTopics(q)
	candidates := maps.Keys(own)
	if q.New && q.target.globs != nil {
		candidates = maps.Keys(r.topics.topics)
	}
	var out []string
	for name := range candidates {
		if _, known := r.topics.topics[name]; known && r.selects(q, name, own) {
			out = append(out, name)
		}
	}
	for _, name := range q.target.names {
		if _, known := r.topics.topics[name]; known && q.target.named(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// choose returns the parts of the topics that a query selects, sorted. Queries about other groups on the same parts
// share them.
func (r *reading) choose(q *query, topics []string) []providers.Part {
	key := strings.Join(topics, "/") + ":" + q.target.partitions.String()
	if known, ok := r.chosen[key]; ok {
		return known
	}
	var out []providers.Part
	for _, name := range topics {
		for _, p := range r.topics.topics[name].partitions {
			if q.target.partitions.Has(int(p)) {
				out = append(out, providers.Part{Topic: name, Number: int(p)})
			}
		}
	}
	r.chosen[key] = out
	return out
}

// selectParts records what a query names and does not exist, and determines its
// parts.
func (r *reading) selectParts(q *query) {
	s := &q.out
	if s.Err != nil {
		return
	}
	r.groupState(q)
	if s.Err != nil {
		return
	}
	r.orphans(q)
	if q.target.everything() {
		r.everyCommitted(q)
		return
	}
	selected := r.selected(q)
	q.parts = r.choose(q, selected)
	for _, name := range selected {
		r.topic(q, name, r.topics.topics[name])
	}
	r.unmatched(q, selected)
}

// everyCommitted selects the parts that have commits and a log, and those in Also.
// Topics that a Kafka Streams application keeps for itself are left out, and noted,
// unless they are requested.
func (r *reading) everyCommitted(q *query) {
	wanted := r.committed(q)
	left := map[string]bool{}
	for p := range wanted {
		if !q.Internal && q.target.selects(p.Topic) && streamsInternal(q.target.group, p.Topic) {
			left[p.Topic] = true
			delete(wanted, p)
		}
	}
	for _, p := range q.Also {
		delete(left, p.Topic)
		wanted[p] = true
	}
	if len(left) > 0 {
		q.out.Notes = append(q.out.Notes, leftOut(slices.Sorted(maps.Keys(left))))
	}
	for p := range wanted {
		info, ok := r.topics.topics[p.Topic]
		switch {
		case !ok || !q.target.selects(p.Topic):
		case info.has(p.Number):
			q.parts = append(q.parts, p)
		case info.err != nil && !info.missing:
			q.out.Err = info.err
		}
	}
	slices.SortFunc(q.parts, providers.Part.Compare)
}

// orphans records the commits of the group on parts that no longer have a log. A
// topic that could not be read may still exist.
func (r *reading) orphans(q *query) {
	t := q.target
	for topic, list := range r.commits[t.group].topics {
		info, known := r.topics.topics[topic]
		if !t.selects(topic) || !known && !r.topics.all || known && info.err != nil && !info.missing {
			continue
		}
		for i := range list {
			at := &list[i]
			if number := int(at.partition); !info.has(number) && !at.pending && t.partitions.Has(number) {
				q.out.Orphans = append(q.out.Orphans, providers.PartReading{Part: providers.Part{Topic: topic, Number: number},
					Committed: providers.AtOffset(at.offset)})
			}
		}
	}
	slices.SortFunc(q.out.Orphans, func(a, b providers.PartReading) int { return a.Part.Compare(b.Part) })
}

// groupState records whether the group exists, and its type.
func (r *reading) groupState(q *query) {
	t, s := q.target, &q.out
	for _, name := range q.groups() {
		own := r.commits[name]
		g, ok := r.listed.groups[name]
		switch {
		case own.err != nil:
			s.Err = own.err
		case ok && g.refusal(name == t.group) != "":
			s.Err = &providers.Error{Provider: Type, Op: "read group " + name, Kind: providers.ErrUnsupported, Message: g.refusal(name == t.group)}
		case !ok && errors.Is(r.listed.err, providers.ErrUnavailable):
			s.Err = unlisted(name, r.listed.err)
		case !ok && r.listed.err != nil && len(own.topics) == 0:
			s.Err = r.listed.err
		case !ok && len(own.topics) == 0:
			s.Missing = append(s.Missing, providers.Missing{What: providers.GroupName, Name: name, Known: r.listed.names()})
		}
		if s.Err != nil {
			return
		}
	}
	g, ok := r.listed.groups[t.group]
	own := r.commits[t.group]
	switch {
	case len(own.topics) > 0:
		s.GroupState = providers.Committed
	case ok:
		s.GroupState = providers.Blank
	default:
		s.GroupState = providers.Absent
	}
	s.Activity = providers.Activity{State: providers.Idle, Why: "the group does not exist"}
	if ok {
		s.Activity = g.activity()
	} else if s.GroupState == providers.Committed {
		s.Activity = providers.Activity{Why: "the group is not listed"}
	}
	if own.unstable {
		s.Activity = providers.Activity{State: providers.Active, Why: "an open transaction of this group holds a pending commit"}
	}
}

// topic records what is wrong with a selected topic.
func (r *reading) topic(q *query, name string, info topicInfo) {
	s := &q.out
	switch {
	case info.missing:
		return // unmatched records it
	case info.err != nil:
		s.Err = info.err
		return
	}
	for _, p := range q.target.partitions {
		if !info.has(p) {
			s.Missing = append(s.Missing, providers.Missing{What: providers.PartitionName, Name: providers.Part{Topic: name, Number: p}.String()})
		}
	}
}

// unmatched records names and globs that select no topic.
func (r *reading) unmatched(q *query, selected []string) {
	s, t := &q.out, q.target
	if s.Err != nil {
		return
	}
	exists := func(name string) bool {
		info, known := r.topics.topics[name]
		return known && !info.missing && info.err == nil
	}
	for _, want := range t.literals() {
		if !exists(want) {
			s.Missing = append(s.Missing, providers.Missing{What: providers.TopicName, Name: want, Known: r.existing().shown})
		}
	}
	for _, glob := range t.globs {
		if slices.ContainsFunc(selected, func(name string) bool { return exists(name) && matches(glob, name) }) {
			continue
		}
		known := r.existing()
		hits := slices.DeleteFunc(slices.Clone(known.all), func(name string) bool { return !matches(glob, name) || t.excludes(name) })
		s.Missing = append(s.Missing, providers.Missing{What: providers.TopicName, Name: glob, Known: known.shown, Fresh: hits})
	}
}

// existingTopics are the names of the topics that exist, sorted.
type existingTopics struct{ all, shown []string } // shown has none that Kafka keeps for itself

// existing returns the names of the known topics. It is called when all of them are read.
func (r *reading) existing() *existingTopics {
	if r.names != nil {
		return r.names
	}
	r.names = &existingTopics{}
	for _, name := range slices.Sorted(maps.Keys(r.topics.topics)) {
		if info := r.topics.topics[name]; info.missing || info.err != nil {
			continue
		}
		if r.names.all = append(r.names.all, name); !internal(name) {
			r.names.shown = append(r.names.shown, name)
		}
	}
	return r.names
}

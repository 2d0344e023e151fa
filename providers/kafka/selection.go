package kafka

import (
	"errors"
	"maps"
	"slices"

	"github.com/resetplan/resetplan/providers"
)

// committed returns the parts on which a request's group, and the group whose
// place it asks for, have commits.
func (r *reading) committed(i int) map[providers.Part]bool {
	out := map[providers.Part]bool{}
	for _, g := range r.groupsOf(i) {
		for p := range r.commits[g].parts {
			out[p] = true
		}
	}
	return out
}

// ownTopics returns the topics that a glob of a request may select: those on
// which its group has commits, and those of parts that are read all the same.
func (r *reading) ownTopics(i int) map[string]bool {
	out := map[string]bool{}
	for _, p := range r.reqs[i].Also {
		out[p.Topic] = true
	}
	if own := r.commits[r.target(i).group]; own != nil {
		for p := range own.parts {
			out[p.Topic] = true
		}
	}
	return out
}

// takes reports whether a request means a topic by a name or a glob.
func (r *reading) takes(i int, topic string, own map[string]bool) bool {
	t := r.target(i)
	return t.named(topic) || t.matches(topic) && (own[topic] || r.reqs[i].New)
}

// choose returns the parts that a request means by names and globs, sorted, as
// far as is known by now.
func (r *reading) choose(i int) []providers.Part {
	own := r.ownTopics(i)
	var out []providers.Part
	for name, info := range r.topics.topics {
		if !r.takes(i, name, own) {
			continue
		}
		for _, p := range info.partitions {
			if r.target(i).partitions.Has(int(p)) {
				out = append(out, providers.Part{Topic: name, Number: int(p)})
			}
		}
	}
	slices.SortFunc(out, providers.Part.Compare)
	return out
}

// selection notes what a request names and is not there, and works out its
// parts.
func (r *reading) selection(i int) {
	s := &r.out[i]
	if s.Err != nil {
		return
	}
	r.standing(i)
	if s.Err != nil {
		return
	}
	r.stray(i)
	if r.target(i).everything() {
		r.everyCommitted(i)
		return
	}
	r.parts[i] = r.choose(i)
	own := r.ownTopics(i)
	for _, name := range slices.Sorted(maps.Keys(r.topics.topics)) {
		if r.takes(i, name, own) {
			r.topic(i, name, r.topics.topics[name])
		}
	}
	r.unmatched(i, own)
}

// everyCommitted selects the parts that have commits and a log, and those that
// are read all the same.
func (r *reading) everyCommitted(i int) {
	wanted := r.committed(i)
	for _, p := range r.reqs[i].Also {
		wanted[p] = true
	}
	for p := range wanted {
		info, ok := r.topics.topics[p.Topic]
		switch {
		case !ok || !r.target(i).selects(p.Topic):
		case slices.Contains(info.partitions, int32(p.Number)):
			r.parts[i] = append(r.parts[i], p)
		case info.err != nil && !info.missing:
			r.out[i].Err = info.err
		}
	}
	slices.SortFunc(r.parts[i], providers.Part.Compare)
}

// stray notes the commits of the group on parts that have no log any more. A
// topic that could not be read may be there.
func (r *reading) stray(i int) {
	t := r.target(i)
	for p, at := range r.commits[t.group].parts {
		info, known := r.topics.topics[p.Topic]
		switch {
		case at.pending, !t.selects(p.Topic), !t.partitions.Has(p.Number):
		case !known && !r.topics.all, known && info.err != nil && !info.missing, slices.Contains(info.partitions, int32(p.Number)):
		default:
			r.out[i].Orphans = append(r.out[i].Orphans, providers.PartReading{Part: p, Committed: providers.AtOffset(at.offset)})
		}
	}
	slices.SortFunc(r.out[i].Orphans, func(a, b providers.PartReading) int { return a.Part.Compare(b.Part) })
}

// standing notes whether the group exists, and what kind it is.
func (r *reading) standing(i int) {
	t, s := r.target(i), &r.out[i]
	for _, name := range r.groupsOf(i) {
		own := r.commits[name]
		g, ok := r.listed.groups[name]
		switch {
		case own.err != nil:
			s.Err = own.err
		case ok && g.kind == "share":
			s.Err = &providers.Error{Provider: Type, Op: "read group " + name, Kind: providers.ErrUnsupported,
				Message: "it is a share group, which has no committed offsets to reset: use kafka-share-groups, or exclude it"}
		case !ok && errors.Is(r.listed.err, providers.ErrUnavailable):
			s.Err = unlisted(name, r.listed.err)
		case !ok && r.listed.err != nil && len(own.parts) == 0:
			s.Err = r.listed.err
		case !ok && len(own.parts) == 0:
			s.Missing = append(s.Missing, providers.Missing{What: "group", Name: name, Known: r.listed.names()})
		}
		if s.Err != nil {
			return
		}
	}
	g, ok := r.listed.groups[t.group]
	own := r.commits[t.group]
	switch {
	case len(own.parts) > 0:
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

// groupsOf returns a request's group and those whose place it asks for.
func (r *reading) groupsOf(i int) []string {
	groups := []string{r.target(i).group}
	for _, p := range r.reqs[i].Resolve {
		if other, ok := p.Group(); ok {
			groups = append(groups, other)
		}
	}
	return groups
}

// topic notes what is wrong with one of the topics that are meant.
func (r *reading) topic(i int, name string, info topicInfo) {
	s := &r.out[i]
	switch {
	case info.missing:
		return // unmatched tells of it
	case info.err != nil:
		s.Err = info.err
		return
	}
	for _, p := range r.target(i).partitions {
		if !slices.Contains(info.partitions, int32(p)) {
			s.Missing = append(s.Missing, providers.Missing{What: "partition", Name: providers.Part{Topic: name, Number: p}.String()})
		}
	}
}

// unmatched notes names and globs that mean no topic.
func (r *reading) unmatched(i int, own map[string]bool) {
	s, t := &r.out[i], r.target(i)
	if s.Err != nil {
		return
	}
	var known, shown []string
	for _, name := range slices.Sorted(maps.Keys(r.topics.topics)) {
		if info := r.topics.topics[name]; info.missing || info.err != nil {
			continue
		}
		if known = append(known, name); !internal(name) {
			shown = append(shown, name)
		}
	}
	for _, want := range t.literals() {
		if !slices.Contains(known, want) {
			s.Missing = append(s.Missing, providers.Missing{What: "topic", Name: want, Known: shown})
		}
	}
	for _, glob := range t.globs {
		hits := slices.DeleteFunc(slices.Clone(known), func(name string) bool { return !matches(glob, name) || t.excludes(name) })
		if !slices.ContainsFunc(hits, func(name string) bool { return r.takes(i, name, own) }) {
			s.Missing = append(s.Missing, providers.Missing{What: "topic", Name: glob, Known: shown, Fresh: hits})
		}
	}
}

package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// Read reads all targets together: first what the cluster knows of groups,
// commits and topics, then the boundaries of the logs that are selected, with
// each distinct time asked for once.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	r := &reading{c: c, reqs: reqs, out: make([]providers.Snapshot, len(reqs)), parts: make([][]providers.Part, len(reqs))}
	if r.brief() {
		r.readBack(ctx)
		return r.out
	}
	r.cluster(ctx)
	for i := range reqs {
		r.selection(i)
	}
	r.logs(ctx)
	for i := range reqs {
		r.assemble(i)
	}
	return r.out
}

// A reading is one Read under way.
type reading struct {
	c       *connection
	reqs    []providers.ReadRequest
	out     []providers.Snapshot
	parts   [][]providers.Part // selected, by request
	listed  *listing
	commits map[string]*commits
	topics  *catalogue
	members map[string][]providers.Member
	low     *question
	high    *question
	times   map[providers.Position]*question
}

func (r *reading) target(i int) *target { return r.reqs[i].Target.(*target) }

// brief reports whether nothing but commits is wanted.
func (r *reading) brief() bool {
	return !slices.ContainsFunc(r.reqs, func(q providers.ReadRequest) bool { return q.Only == nil })
}

// readBack reads commits alone.
func (r *reading) readBack(ctx context.Context) {
	var groups []string
	for i := range r.reqs {
		groups = append(groups, r.target(i).group)
	}
	all := r.c.fetch(ctx, groups)
	for i, q := range r.reqs {
		own := all[r.target(i).group]
		r.out[i].Err = own.err
		for _, p := range q.Only {
			r.out[i].Parts = append(r.out[i].Parts, own.reading(p))
		}
		slices.SortFunc(r.out[i].Parts, func(a, b providers.PartReading) int { return a.Part.Compare(b.Part) })
	}
}

// cluster reads groups, commits and topics.
func (r *reading) cluster(ctx context.Context) {
	groups := map[string]bool{}
	topics := map[string]bool{}
	globs := false
	for i, q := range r.reqs {
		t := r.target(i)
		groups[t.group] = true
		for _, p := range q.Resolve {
			if other, ok := p.Group(); ok {
				groups[other] = true
			}
		}
		globs = globs || slices.ContainsFunc(t.topics, isGlob)
		for _, name := range t.literals() {
			topics[name] = true
		}
	}
	var wg sync.WaitGroup
	var err error
	if globs || len(topics) > 0 { // first, so that the client learns the brokers along the way
		r.topics, err = r.c.catalogue(ctx, namesOrAll(topics, globs), time.Millisecond)
	}
	wg.Go(func() { r.listed = r.c.list(ctx) })
	wg.Go(func() { r.commits = r.c.fetch(ctx, slices.Sorted(maps.Keys(groups))) })
	wg.Wait()
	if err == nil {
		err = r.moreTopics(ctx)
	}
	if err != nil {
		for i := range r.out {
			r.out[i].Err = err
		}
	}
}

func namesOrAll(names map[string]bool, all bool) []string {
	if all {
		return nil
	}
	return slices.Sorted(maps.Keys(names))
}

// moreTopics reads the topics of targets that name none: those with commits.
// Where a topic that is named does not exist, it reads all, for their names.
func (r *reading) moreTopics(ctx context.Context) error {
	wanted := map[string]bool{}
	missing := false
	if r.topics == nil {
		r.topics = &catalogue{topics: map[string]topicInfo{}}
	}
	for i := range r.reqs {
		if r.target(i).topics == nil {
			for part := range r.committed(i) {
				if _, known := r.topics.topics[part.Topic]; !known {
					wanted[part.Topic] = true
				}
			}
		}
		for _, name := range r.target(i).literals() {
			missing = missing || r.topics.topics[name].missing
		}
	}
	if r.topics.all || len(wanted) == 0 && !missing {
		return nil
	}
	more, err := r.c.catalogue(ctx, namesOrAll(wanted, missing), time.Millisecond)
	if err != nil {
		return err
	}
	for name, info := range more.topics {
		r.topics.topics[name] = info
	}
	return nil
}

// committed returns the parts on which a request's group, and the group whose
// place it asks for, have commits.
func (r *reading) committed(i int) map[providers.Part]bool {
	out := map[providers.Part]bool{}
	groups := []string{r.target(i).group}
	for _, p := range r.reqs[i].Resolve {
		if other, ok := p.Group(); ok {
			groups = append(groups, other)
		}
	}
	for _, g := range groups {
		for p := range r.commits[g].parts {
			out[p] = true
		}
	}
	return out
}

// selection works out a request's parts and notes what is not there.
func (r *reading) selection(i int) {
	t, s := r.target(i), &r.out[i]
	if s.Err != nil {
		return
	}
	r.standing(i)
	if s.Err != nil {
		return
	}
	if t.topics == nil {
		r.everyCommitted(i)
	} else {
		for _, name := range slices.Sorted(maps.Keys(r.topics.topics)) {
			if t.selects(name) {
				r.topic(i, name, r.topics.topics[name])
			}
		}
		r.unmatched(i)
	}
	slices.SortFunc(r.parts[i], providers.Part.Compare)
}

// everyCommitted selects the parts that have commits and a log.
func (r *reading) everyCommitted(i int) {
	for p := range r.committed(i) {
		info, ok := r.topics.topics[p.Topic]
		switch {
		case ok && slices.Contains(info.partitions, int32(p.Number)):
			r.parts[i] = append(r.parts[i], p)
		case ok && info.err != nil && !info.missing:
			r.out[i].Err = info.err
		}
	}
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
		s.Standing = providers.Committed
	case ok:
		s.Standing = providers.Blank
	default:
		s.Standing = providers.Absent
	}
	s.Activity = providers.Activity{State: providers.Idle, Why: "the group does not exist"}
	if ok {
		s.Activity = g.activity()
	} else if s.Standing == providers.Committed {
		s.Activity = providers.Activity{Why: "the group is not listed"}
	}
	if own.unstable {
		s.Activity = providers.Activity{State: providers.Active, Why: "an open transaction of this group holds a pending commit"}
	}
}

func (r *reading) groupsOf(i int) []string {
	groups := []string{r.target(i).group}
	for _, p := range r.reqs[i].Resolve {
		if other, ok := p.Group(); ok {
			groups = append(groups, other)
		}
	}
	return groups
}

// topic selects the partitions of one topic.
func (r *reading) topic(i int, name string, info topicInfo) {
	t, s := r.target(i), &r.out[i]
	switch {
	case info.missing:
		return // unmatched tells of it
	case info.err != nil:
		s.Err = info.err
		return
	case t.partitions == nil:
		for _, p := range info.partitions {
			r.parts[i] = append(r.parts[i], providers.Part{Topic: name, Number: int(p)})
		}
		return
	}
	for _, p := range t.partitions {
		part := providers.Part{Topic: name, Number: int(p)}
		if slices.Contains(info.partitions, p) {
			r.parts[i] = append(r.parts[i], part)
			continue
		}
		s.Missing = append(s.Missing, providers.Missing{What: "partition", Name: part.String()})
	}
}

// unmatched notes names and globs that mean no topic.
func (r *reading) unmatched(i int) {
	var known []string
	for name, info := range r.topics.topics {
		if !info.missing && info.err == nil {
			known = append(known, name)
		}
	}
	slices.Sort(known)
	for _, want := range r.target(i).topics {
		if !slices.ContainsFunc(known, func(name string) bool { return name == want || matches(want, name) }) && r.out[i].Err == nil {
			r.out[i].Missing = append(r.out[i].Missing, providers.Missing{What: "topic", Name: want, Known: known})
		}
	}
}

// logs asks for the boundaries and the times of all selected parts, and for
// the members of groups that are at work.
func (r *reading) logs(ctx context.Context) {
	r.low, r.high, r.times = ask(askEarliest), ask(askLatest), map[providers.Position]*question{}
	questions := []*question{r.low, r.high}
	busy := map[string]listed{}
	for i, q := range r.reqs {
		if r.out[i].Activity.State == providers.Active {
			busy[r.target(i).group] = r.listed.groups[r.target(i).group]
		}
		for _, p := range r.parts[i] {
			r.low.parts[p], r.high.parts[p] = true, true
		}
		for _, pos := range q.Resolve {
			at, ok := pos.Time()
			if !ok {
				continue
			}
			if r.times[pos] == nil {
				r.times[pos] = ask(at.UnixMilli())
				questions = append(questions, r.times[pos])
			}
			for _, p := range r.parts[i] {
				r.times[pos].parts[p] = true
			}
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() { r.members = r.c.describe(ctx, busy) })
	r.c.answer(ctx, questions)
	wg.Wait()
}

// assemble makes a request's snapshot of what was read.
func (r *reading) assemble(i int) {
	s := &r.out[i]
	if s.Err != nil {
		return
	}
	own := r.commits[r.target(i).group]
	if s.Activity.State == providers.Active {
		s.Activity.Members = r.members[r.target(i).group]
	}
	for _, p := range r.parts[i] {
		low, high := r.low.answers[p], r.high.answers[p]
		if err := errors.Join(low.err, high.err); err != nil {
			s.Err, s.Parts = cmpErr(low.err, high.err), nil
			return
		}
		pr := own.reading(p)
		pr.Low, pr.High = providers.AtOffset(low.offset), providers.AtOffset(high.offset)
		pr.LogID = r.topics.topics[p.Topic].logID()
		if s.Err = r.resolve(i, &pr); s.Err != nil {
			s.Parts = nil
			return
		}
		if n, ok := pr.Committed.Offset(); ok && n < 0 {
			s.Notes = append(s.Notes, fmt.Sprintf("%s is committed at %d, which is no place in a log: some tool wrote it.", p, n))
		}
		s.Parts = append(s.Parts, pr)
	}
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// resolve translates what the request asked for on one part.
func (r *reading) resolve(i int, pr *providers.PartReading) error {
	for _, pos := range r.reqs[i].Resolve {
		if pr.Resolved == nil {
			pr.Resolved = map[providers.Position]providers.Position{}
		}
		other, isGroup := pos.Group()
		switch {
		case isGroup:
			pr.Resolved[pos] = r.commits[other].reading(pr.Part).Committed
		case pos.Kind() == providers.Earliest:
			pr.Resolved[pos] = pr.Low
		case pos.Kind() == providers.Latest:
			pr.Resolved[pos] = pr.High
		case r.times[pos] != nil:
			f := r.times[pos].answers[pr.Part]
			if f.err != nil {
				return f.err
			}
			pr.Resolved[pos] = providers.AtOffset(f.offset)
			if f.offset < 0 {
				pr.Resolved[pos] = providers.At(providers.Latest)
			}
			if pr.Resolved[pos] == pr.Low {
				pr.LowTime = f.at
			}
		}
	}
	return nil
}

// reading returns what is committed on one part, and what is kept beside it.
func (c *commits) reading(p providers.Part) providers.PartReading {
	r := providers.PartReading{Part: p, Committed: providers.At(providers.Unset)}
	at, ok := c.parts[p]
	if !ok {
		return r
	}
	r.Committed = providers.AtOffset(at.offset)
	kept := map[string]string{}
	if at.metadata != "" {
		kept[keptMetadata] = at.metadata
	}
	if at.epoch >= 0 {
		kept[keptEpoch] = strconv.Itoa(int(at.epoch))
	}
	if len(kept) > 0 {
		r.Kept = kept
	}
	return r
}

// What Kafka keeps beside a committed offset.
const (
	keptMetadata = "metadata"
	keptEpoch    = "leaderEpoch"
)

package aliyunsls

import (
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls/internal/api"
)

// A groupReading is what was read about a request's group and about the groups that
// its positions refer to.
type groupReading struct {
	exists bool
	group  api.Group
	own    api.Checkpoints
	others map[string]api.Checkpoints
}

// committed returns a group's committed position on a shard.
func committed(c api.Checkpoints, shard int) providers.Position {
	if p, ok := c.ByShard[shard]; ok {
		return providers.AtCursor(p.Cursor)
	}
	return providers.At(providers.Unset)
}

// selection reads a request's groups and selects its shards.
func (r *reading) selection(i int) (groupReading, error) {
	q, s, t := r.reqs[i], &r.out[i], r.reqs[i].Target.(*target)
	if q.Only != nil {
		own, err := r.checkpoints(groupKey{t.logstore, t.group})
		for _, p := range q.Only {
			s.Parts = append(s.Parts, providers.PartReading{Part: p, Committed: committed(own, p.Number)})
		}
		slices.SortFunc(s.Parts, func(a, b providers.PartReading) int { return a.Part.Compare(b.Part) })
		return groupReading{}, err
	}
	shards, err := r.shards(t.logstore)
	if isCode(err, "LogStoreNotExist") {
		known, _ := r.logstores() // only for the message: without permission, no names are suggested
		s.Missing = append(s.Missing, providers.Missing{What: providers.LogstoreName, Name: t.logstore, Known: known})
		return groupReading{}, nil
	}
	if err != nil {
		return groupReading{}, err
	}
	g, err := r.groupsOf(i)
	if err != nil {
		return groupReading{}, err
	}
	s.GroupState = g.state()
	r.selectShards(i, shards, g.own)
	s.Notes = append(s.Notes, rounded(q.Resolve)...)
	return g, nil
}

// groupsOf reads a request's group and the groups that its positions refer to.
func (r *reading) groupsOf(i int) (groupReading, error) {
	s, t := &r.out[i], r.reqs[i].Target.(*target)
	out := groupReading{others: map[string]api.Checkpoints{}}
	listed, err := r.groups(t.logstore)
	if err != nil {
		return out, err
	}
	var known []string
	for _, g := range listed {
		known = append(known, g.Name)
	}
	names := []string{t.group}
	for _, pos := range r.reqs[i].Resolve {
		if other, ok := pos.Group(); ok {
			names = append(names, other)
		}
	}
	for _, name := range names {
		at := slices.Index(known, name)
		if at < 0 {
			s.Missing = append(s.Missing, providers.Missing{What: providers.GroupName, Name: name, Known: known})
			continue
		}
		points, err := r.checkpoints(groupKey{t.logstore, name})
		if err != nil {
			return out, err
		}
		if name == t.group {
			out.exists, out.group, out.own = true, listed[at], points
		}
		out.others[name] = points
	}
	return out, nil
}

// selectShards adds a part for each selected shard. A checkpoint on an expired shard
// is useless and only noted.
func (r *reading) selectShards(i int, shards []api.Shard, own api.Checkpoints) {
	s, t := &r.out[i], r.reqs[i].Target.(*target)
	var names []string
	exists := map[int]bool{}
	for _, log := range shards {
		exists[log.Number] = true
		names = append(names, part(log.Number).String())
		if t.shards.Has(log.Number) {
			s.Parts = append(s.Parts, providers.PartReading{Part: part(log.Number), Committed: committed(own, log.Number), LogID: log.Created})
		}
	}
	for _, n := range t.shards {
		if !exists[n] {
			s.Missing = append(s.Missing, providers.Missing{What: providers.ShardName, Name: part(n).String(), Known: names})
		}
	}
	for n := range own.ByShard {
		if t.shards.Has(n) && !exists[n] {
			s.Notes = append(s.Notes, fmt.Sprintf("The group has a checkpoint on %s, which no longer exists: its records have expired.", part(n)))
		}
	}
	slices.Sort(s.Notes)
}

package aliyunsls

import (
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/providers"
)

// standing is what a request's group and those that it is held against are
// found to be.
type standing struct {
	exists bool
	group  group
	own    checkpoints
	others map[string]checkpoints
}

// stand reads whether the group exists and where it stands, and selects the
// shards.
func (r *reading) stand(i int) (standing, error) {
	q, s, t := r.reqs[i], &r.out[i], r.reqs[i].Target.(*target)
	if q.Only != nil {
		own, err := r.checkpoints(groupKey{t.logstore, t.group})
		for _, p := range q.Only {
			s.Parts = append(s.Parts, providers.PartReading{Part: p, Committed: own.committed(p.Number)})
		}
		slices.SortFunc(s.Parts, func(a, b providers.PartReading) int { return a.Part.Compare(b.Part) })
		return standing{}, err
	}
	shards, err := r.shards(t.logstore)
	if isCode(err, "LogStoreNotExist") {
		known, _ := r.logstores() // a courtesy: where it is not permitted, no names are told
		s.Missing = append(s.Missing, providers.Missing{What: "logstore", Name: t.logstore, Known: known})
		return standing{}, nil
	}
	if err != nil {
		return standing{}, err
	}
	found, err := r.groupsOf(i)
	if err != nil {
		return standing{}, err
	}
	s.GroupState = found.standing()
	r.selectShards(i, shards, found.own)
	s.Notes = append(s.Notes, rounded(q.Resolve)...)
	return found, nil
}

// groupsOf reads the request's group and those whose places it asks for.
func (r *reading) groupsOf(i int) (standing, error) {
	s, t := &r.out[i], r.reqs[i].Target.(*target)
	out := standing{others: map[string]checkpoints{}}
	listed, err := r.groups(t.logstore)
	if err != nil {
		return out, err
	}
	var names []string
	for _, g := range listed {
		names = append(names, g.name)
	}
	wanted := []string{t.group}
	for _, pos := range r.reqs[i].Resolve {
		if other, ok := pos.Group(); ok {
			wanted = append(wanted, other)
		}
	}
	for _, name := range wanted {
		at := slices.Index(names, name)
		if at < 0 {
			s.Missing = append(s.Missing, providers.Missing{What: "group", Name: name, Known: names})
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

// selectShards begins a part for each shard that is meant. A checkpoint on a
// shard that has expired is of no use to anybody and only noted.
func (r *reading) selectShards(i int, shards []shard, own checkpoints) {
	s, t := &r.out[i], r.reqs[i].Target.(*target)
	var names []string
	there := map[int]bool{}
	for _, log := range shards {
		there[log.number] = true
		names = append(names, part(log.number).String())
		if t.shards.Has(log.number) {
			s.Parts = append(s.Parts, providers.PartReading{Part: part(log.number), Committed: own.committed(log.number), LogID: log.created})
		}
	}
	for _, n := range t.shards {
		if !there[n] {
			s.Missing = append(s.Missing, providers.Missing{What: "shard", Name: part(n).String(), Known: names})
		}
	}
	for n := range own.points {
		if t.shards.Has(n) && !there[n] {
			s.Notes = append(s.Notes, fmt.Sprintf("A checkpoint stands on %s, which is gone: its records have expired.", part(n)))
		}
	}
	slices.Sort(s.Notes)
}

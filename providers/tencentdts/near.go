package tencentdts

import (
	"time"

	"github.com/resetplan/resetplan/providers"
)

// wanted returns the offsets near which times are requested: those of Approach, and
// those at which another group is.
func (f *facts) wanted(reqs []providers.ReadRequest) (all []place) {
	for _, q := range reqs {
		for _, a := range q.Approach {
			if offset, ok := a.Position.Offset(); ok {
				all = append(all, place{a.Part.Number, offset})
			}
		}
		for _, p := range q.Resolve {
			for n := range f.low.at {
				if offset, ok := f.donor(q, p, n).Offset(); ok {
					all = append(all, place{n, offset})
				}
			}
		}
	}
	for i, w := range all {
		all[i] = f.within(w)
	}
	return all
}

// within returns the nearest place that has not been deleted.
func (f *facts) within(w place) place {
	return place{w.partition, max(w.offset, f.low.at[w.partition])}
}

// donor returns another group's position on a partition, and Unset if it has none. It
// returns the zero Position for anything else than the place of a group.
func (f *facts) donor(q providers.ReadRequest, p providers.Position, n int) providers.Position {
	name, ok := p.Group()
	if !ok {
		return providers.Position{}
	}
	full, err := fullName(q.Target.(*target).SubscribeID, name)
	g, known := f.groups[full]
	if err != nil || !known {
		return providers.At(providers.Unset)
	}
	return committed(partition(g, n))
}

// approach fills in the time that leads near an offset, for a position that is at
// this offset.
func (f *facts) approach(r *providers.PartReading, asked, at providers.Position) error {
	offset, ok := at.Offset()
	switch {
	case at.Kind() == providers.Unset:
		r.Resolved = append(r.Resolved, providers.Resolution{Asked: asked, Found: at})
	case ok && f.near.err != nil:
		return f.near.err
	case ok:
		if second, leads, found := f.near.before(f.within(place{r.Part.Number, offset})); found {
			one := providers.Resolution{Asked: asked, Send: providers.AtTime(time.Unix(second, 0))}
			r.Resolved = append(r.Resolved, f.landing(r, one, leads))
		}
	}
	return nil
}

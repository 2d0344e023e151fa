package plan

import (
	"context"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// mostDated is of how many parts the record at a position is read for its
// age. Beyond that only the age of a log's first record is known, and the
// distance from it has to do.
const mostDated = 500

// A near is a lagging position that retention may soon overtake.
type near struct {
	of      *work
	reading providers.PartReading
}

// nearRetention tells of which parts retention is about to overtake the
// position, and how soon, in words. Where the service tells how long it keeps
// records, and when the next record to be read was written, that decides: it
// is older than all but the last share percent of that time. One record a
// part is read, at the position that is furthest behind; where that one is
// safe, so are all. Elsewhere a position counts whose distance from the log's
// begin is less than that share of the log, once retention has removed some.
func (r *Reconciler) nearRetention(ctx context.Context, all []*work, share int) map[*work]map[providers.Part]string {
	out := map[*work]map[providers.Part]string{}
	lagging, least := laggards(all)
	r.date(ctx, least)
	for _, n := range lagging {
		part := n.reading.Part
		what := n.overtaken(least[place{n.of.conn, part}], r.world.Env.Now(), share)
		if what == "" {
			continue
		}
		if out[n.of] == nil {
			out[n.of] = map[providers.Part]string{}
		}
		out[n.of][part] = what
	}
	return out
}

// A place is a part of a connection's service.
type place struct {
	*connection
	providers.Part
}

// laggards returns the positions inside their logs that have something to
// read, and of each part the one that is furthest behind.
func laggards(all []*work) ([]near, map[place]near) {
	var lagging []near
	least := map[place]near{}
	for _, w := range all {
		for _, p := range w.snapshot.Parts {
			behind := lag(p.High, p.Committed)
			if behind == nil || *behind == 0 || nearest(p.Committed, p.Low, p.High) != p.Committed {
				continue
			}
			n, at := near{w, p}, place{w.conn, p.Part}
			lagging = append(lagging, n)
			if first, met := least[at]; !met || sooner(p.Committed, first.reading.Committed) {
				least[at] = n
			}
		}
	}
	return lagging, least
}

func sooner(a, b providers.Position) bool {
	far, _ := a.Distance(b)
	return far < 0
}

// date asks how long the parts keep records and how old those at the given
// positions are.
func (r *Reconciler) date(ctx context.Context, least map[place]near) {
	reqs := map[*work]providers.SizeRequest{}
	for at, n := range least {
		q := reqs[n.of]
		q.Oldest, q.Retention, q.Move.Target = len(least) <= mostDated, true, n.of.target
		q.Move.To = append(q.Move.To, providers.PartMove{Part: at.Part, Position: n.reading.Committed})
		reqs[n.of] = q
	}
	r.measure(ctx, reqs)
}

// overtaken says how soon retention overtakes a position, or "". first is the
// position furthest behind on that part, whose record's age is known.
func (n near) overtaken(first near, now time.Time, share int) string {
	keeps, oldest := first.of.sizes[n.reading.Part].Retention, first.of.oldest(n.reading.Part, first.reading.Committed)
	if keeps != nil && *keeps == (providers.Retention{}) {
		return "" // nothing is ever removed
	}
	if keeps != nil && keeps.Age > 0 && !oldest.IsZero() {
		left := keeps.Age - now.Sub(oldest)
		soon := left < keeps.Age/100*time.Duration(share)
		if soon && n.reading.Committed == first.reading.Committed {
			return fmt.Sprintf("its next record is of %s, and its log keeps %s: it may be removed in %s", stamp(oldest), span(keeps.Age), span(max(left, 0)))
		}
		if !soon && keeps.Bytes == 0 {
			return ""
		}
	}
	if low, ok := n.reading.Low.Offset(); ok && low == 0 {
		return "" // nothing has been removed yet
	}
	ahead, _ := n.reading.Committed.Distance(n.reading.Low)
	whole, _ := n.reading.High.Distance(n.reading.Low)
	if ahead >= whole/100*int64(share)+whole%100*int64(share)/100 {
		return ""
	}
	return fmt.Sprintf("retention has come to %s, %s before it", n.reading.Low, Plural(int(ahead), "position"))
}

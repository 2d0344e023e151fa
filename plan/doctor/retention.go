package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan/impact"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// mostDated is the number of parts for which the record at a position is read to
// learn its age. For further parts only the age of the log's first record is
// known, and the distance from it is used instead.
const mostDated = 500

// A laggard is a position with unread records, which retention may soon overtake.
type laggard struct {
	target  *survey.Target
	reading providers.PartReading
}

// nearRetention returns the parts whose position retention is about to delete, and
// how soon, as text. If the service reports its retention time, and when the next
// record to be read was written, these decide: the record is older than all but
// the last share percent of that time. One record per part is read, at the
// position furthest behind; if that one is safe, all are. Otherwise a position
// counts if its distance from the start of the log is less than that share of the
// log, and retention has already deleted some records.
func nearRetention(ctx context.Context, r *survey.Reader, all []*survey.Target, share int) map[*survey.Target]map[providers.Part]string {
	out := map[*survey.Target]map[providers.Part]string{}
	lagging, least := laggards(all)
	readAges(ctx, r, least)
	for _, n := range lagging {
		part := n.reading.Part
		what := n.overtaken(least[partKey{n.target.Conn, part}], r.Deps.Process.Now(), share)
		if what == "" {
			continue
		}
		if out[n.target] == nil {
			out[n.target] = map[providers.Part]string{}
		}
		out[n.target][part] = what
	}
	return out
}

// A partKey identifies a part on a connection.
type partKey struct {
	*survey.Connection
	providers.Part
}

// laggards returns the positions inside their logs with unread records, and for
// each part the one furthest behind.
func laggards(all []*survey.Target) ([]laggard, map[partKey]laggard) {
	var lagging []laggard
	least := map[partKey]laggard{}
	for _, t := range all {
		order := t.Question.Capabilities.Order
		for _, p := range t.Snapshot.Parts {
			behind := order.Between(p.Committed, p.High)
			if behind == nil || *behind == 0 || order.Nearest(p.Committed, p.Low, p.High) != p.Committed {
				continue
			}
			n, at := laggard{t, p}, partKey{t.Conn, p.Part}
			lagging = append(lagging, n)
			first, known := least[at]
			if ahead, _ := order.Distance(p.Committed, first.reading.Committed); !known || ahead < 0 {
				least[at] = n
			}
		}
	}
	return lagging, least
}

// readAges reads the retention of the parts and the age of the records at the given
// positions.
func readAges(ctx context.Context, r *survey.Reader, least map[partKey]laggard) {
	reqs := map[*survey.Target]providers.SizeRequest{}
	for at, n := range least {
		q := reqs[n.target]
		q.Oldest, q.Retention, q.Move.Target = len(least) <= mostDated, true, n.target.Target
		q.Move.To = append(q.Move.To, providers.PartMove{Part: at.Part, Position: n.reading.Committed})
		reqs[n.target] = q
	}
	r.Measure(ctx, reqs)
}

// overtaken returns how soon retention deletes a position, as text, or "". first
// is the position furthest behind on that part, whose record's age is known.
func (n laggard) overtaken(first laggard, now time.Time, share int) string {
	keeps, oldest := first.target.Sizes.Of(n.reading.Part).Retention, impact.Oldest(first.target, n.reading.Part, first.reading.Committed)
	if keeps != nil && *keeps == (providers.Retention{}) {
		return "" // nothing is ever deleted
	}
	if keeps != nil && keeps.Age > 0 && !oldest.IsZero() {
		left := keeps.Age - now.Sub(oldest)
		soon := left < keeps.Age/100*time.Duration(share)
		if soon && n.reading.Committed == first.reading.Committed {
			return fmt.Sprintf("its next record was written %s and its log keeps %s: it may be deleted in %s", text.Stamp(oldest),
				text.Span(keeps.Age), text.Span(max(left, 0)))
		}
		if !soon && keeps.Bytes == 0 {
			return ""
		}
	}
	if low, ok := n.reading.Low.Offset(); ok && low == 0 {
		return "" // nothing has been deleted yet
	}
	order := n.target.Question.Capabilities.Order
	ahead, _ := order.Distance(n.reading.Committed, n.reading.Low)
	whole, _ := order.Distance(n.reading.High, n.reading.Low)
	if ahead >= whole/100*int64(share)+whole%100*int64(share)/100 {
		return ""
	}
	return fmt.Sprintf("retention has deleted up to %s, %s before it", n.reading.Low, text.Plural(int(ahead), "position"))
}

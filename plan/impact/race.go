package impact

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// An Edge is the point up to which retention has deleted a part's log, relative to
// its reader: it reaches the reader's first record after some time, and moves on.
type Edge struct {
	part  providers.Part
	lag   int64         // records from the reader to the end
	after time.Duration // until it reaches the reader's first record; negative = it may already be deleted
	speed float64       // records per second from then on
	why   string        // the limit: "retention 168h"
}

// stepEdges returns how close retention is to each part's target: by the limits that
// the service reports, else by the movement of the start of the log.
func stepEdges(t *survey.Target, s *plan.Step, m Movement) []Edge {
	var out []Edge
	for _, p := range s.Parts {
		if p.LagAfter == nil || *p.LagAfter == 0 {
			continue
		}
		now, _ := decide.ReadingOf(t.Snapshot.Parts, p.Part)
		out = append(out, EdgesOf(EdgeFacts{
			Part: p.Part, Order: t.Question.Capabilities.Order, Low: p.Low, High: p.High, At: p.Destination(), Lag: *p.LagAfter,
			Oldest: Oldest(t, p.Part, p.Destination()), Now: t.ReadAt, Bytes: now.Bytes, Limits: t.Sizes.Of(p.Part).Retention, Speed: m.Parts[p.Part],
		})...)
	}
	return out
}

// EdgeFacts are the known facts about one part's log and its reader.
type EdgeFacts struct {
	Part          providers.Part
	Low, High, At providers.Position
	Order         providers.Order
	Lag           int64
	Oldest, Now   time.Time // of the record at the reader
	Bytes         *int64
	Limits        *providers.Retention
	Speed         Speed
}

// EdgesOf returns how retention approaches the reader of one part, an edge for each limit.
func EdgesOf(f EdgeFacts) []Edge {
	var out []Edge
	limits := f.Limits
	if limits != nil && limits.Age > 0 && !f.Oldest.IsZero() {
		age := f.Now.Sub(f.Oldest)
		out = append(out, Edge{f.Part, f.Lag, limits.Age - age, float64(f.Lag) / max(age.Seconds(), 1), "retention of " + text.Span(limits.Age)})
	}
	if whole := f.Order.Between(f.Low, f.High); limits != nil && limits.Bytes > 0 && f.Bytes != nil && whole != nil && *whole > 0 {
		each := float64(*f.Bytes) / float64(*whole)
		room := float64(limits.Bytes) - each*float64(f.Lag)
		if room < 0 {
			out = append(out, Edge{f.Part, f.Lag, -time.Second, f.Speed.High, "retention of " + text.Bytes(limits.Bytes)})
		} else if grows := each * f.Speed.High; grows > 0 {
			out = append(out, Edge{f.Part, f.Lag, forSeconds(room / grows), f.Speed.High, "retention of " + text.Bytes(limits.Bytes)})
		}
	}
	if left, ok := f.Order.Distance(f.At, f.Low); limits == nil && ok && f.Speed.Low > 0 {
		out = append(out, Edge{f.Part, f.Lag, forSeconds(float64(max(left, 0)) / f.Speed.Low), f.Speed.Low,
			"the start of the log, moving by " + text.Rate(f.Speed.Low) + "/s,"})
	}
	return out
}

// Race describes whether retention overtakes readers that together read rate
// records per second, divided by their lags, while producers add arrival records
// per second. It returns "" if nothing is known about retention.
func Race(edges []Edge, rate float64, lag int64, arrival float64) string {
	if len(edges) == 0 {
		return ""
	}
	first := slices.MinFunc(edges, func(a, b Edge) int { return int(min(max(a.after-b.after, -1), 1)) })
	if first.after <= 0 {
		return fmt.Sprintf("%s is past the oldest record of %s: it may be deleted before it is read", first.why, plan.PartName(first.part))
	}
	if rate <= 0 || lag <= 0 {
		return fmt.Sprintf("%s reaches the oldest record in %s", first.why, text.About(first.after))
	}
	catchUp := UntilRead(lag, rate, arrival)
	var lost *Edge
	soonest := math.Inf(1)
	for i := range edges {
		e := &edges[i]
		own := rate * float64(e.lag) / float64(lag)
		if e.speed <= own {
			continue
		}
		met := e.speed * e.after.Seconds() / (e.speed - own)
		if met < catchUp && met < soonest {
			lost, soonest = e, met
		}
	}
	if lost != nil {
		return fmt.Sprintf("%s overtakes the reader of %s in about %s: records are lost", lost.why, plan.PartName(lost.part),
			text.About(forSeconds(soonest)))
	}
	return fmt.Sprintf("%s reaches the oldest record in %s and does not overtake the consumers", first.why, text.About(first.after))
}

// UntilRead is the number of seconds until the readers have read everything;
// infinite if they read no faster than producers add.
func UntilRead(lag int64, rate, arrival float64) float64 {
	if rate <= arrival {
		return math.Inf(1)
	}
	return float64(lag) / (rate - arrival)
}

// forSeconds converts seconds to a duration, at most the longest one.
func forSeconds(s float64) time.Duration {
	if s >= float64(math.MaxInt64)/float64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(s * float64(time.Second))
}

// Seconds rounds up to whole seconds; nil if the time is infinite.
func Seconds(s float64) *int64 {
	if s >= math.MaxInt64 {
		return nil
	}
	return new(int64(math.Ceil(s)))
}

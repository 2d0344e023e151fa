package plan

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// An edge is the point up to which retention has deleted a part's log, relative to
// its reader: it reaches the reader's first record after some time, and moves on.
type edge struct {
	part  providers.Part
	lag   int64         // records from the reader to the end
	after time.Duration // until it reaches the reader's first record; negative = it may already be deleted
	speed float64       // records per second from then on
	why   string        // the limit: "retention 168h"
}

// edges returns how close retention is to each part's target: by the limits that
// the service reports, else by the movement of the start of the log.
func (w *work) edges(s *Step, m movement) []edge {
	var out []edge
	for _, p := range s.Parts {
		if p.LagAfter == nil || *p.LagAfter == 0 {
			continue
		}
		now, _ := reading(w.snapshot.Parts, p.Part)
		out = append(out, edgesOf(edgeFacts{
			part: p.Part, low: p.Low, high: p.High, at: p.place(), lag: *p.LagAfter,
			oldest: w.oldest(p.Part, p.place()), now: w.readAt, bytes: now.Bytes, limits: w.sizes[p.Part].Retention, speed: m.parts[p.Part],
		})...)
	}
	return out
}

// edgeFacts are the known facts about one part's log and its reader.
type edgeFacts struct {
	part          providers.Part
	low, high, at providers.Position
	lag           int64
	oldest, now   time.Time // of the record at the reader
	bytes         *int64
	limits        *providers.Retention
	speed         speed
}

// edgesOf returns how retention approaches the reader of one part, an edge for each limit.
func edgesOf(f edgeFacts) []edge {
	var out []edge
	limits := f.limits
	if limits != nil && limits.Age > 0 && !f.oldest.IsZero() {
		age := f.now.Sub(f.oldest)
		out = append(out, edge{f.part, f.lag, limits.Age - age, float64(f.lag) / max(age.Seconds(), 1), "retention of " + span(limits.Age)})
	}
	if whole := between(f.low, f.high); limits != nil && limits.Bytes > 0 && f.bytes != nil && whole != nil && *whole > 0 {
		each := float64(*f.bytes) / float64(*whole)
		room := float64(limits.Bytes) - each*float64(f.lag)
		if room < 0 {
			out = append(out, edge{f.part, f.lag, -time.Second, f.speed.high, "retention of " + Bytes(limits.Bytes)})
		} else if grows := each * f.speed.high; grows > 0 {
			out = append(out, edge{f.part, f.lag, forSeconds(room / grows), f.speed.high, "retention of " + Bytes(limits.Bytes)})
		}
	}
	if far, ok := f.at.Distance(f.low); limits == nil && ok && f.speed.low > 0 {
		out = append(out, edge{f.part, f.lag, forSeconds(float64(max(far, 0)) / f.speed.low), f.speed.low, "the start of the log, moving by " + Rate(f.speed.low) + "/s,"})
	}
	return out
}

// race describes whether retention overtakes readers that together read rate
// records per second, divided by their lags, while producers add arrival records
// per second. It returns "" if nothing is known about retention.
func race(edges []edge, rate float64, lag int64, arrival float64) string {
	if len(edges) == 0 {
		return ""
	}
	first := slices.MinFunc(edges, func(a, b edge) int { return int(min(max(a.after-b.after, -1), 1)) })
	if first.after <= 0 {
		return fmt.Sprintf("%s is past the oldest record of %s: it may be deleted before it is read", first.why, partName(first.part))
	}
	if rate <= 0 || lag <= 0 {
		return fmt.Sprintf("%s reaches the oldest record in %s", first.why, About(first.after))
	}
	catchUp := untilRead(lag, rate, arrival)
	var lost *edge
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
		return fmt.Sprintf("%s overtakes the reader of %s in about %s: records are lost", lost.why, partName(lost.part), About(forSeconds(soonest)))
	}
	return fmt.Sprintf("%s reaches the oldest record in %s and does not overtake them", first.why, About(first.after))
}

// untilRead is the number of seconds until the readers have read everything;
// infinite if they read no faster than producers add.
func untilRead(lag int64, rate, arrival float64) float64 {
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

// seconds rounds up to whole seconds; nil if the time is infinite.
func seconds(s float64) *int64 {
	if s >= math.MaxInt64 {
		return nil
	}
	return new(int64(math.Ceil(s)))
}

// About formats a duration approximately: "14m", "3h20m", "12d".
func About(d time.Duration) string {
	switch {
	case d < time.Second:
		return "1s"
	case d < 10*time.Minute:
		return span(d.Round(time.Second))
	case d < 48*time.Hour:
		return span(d.Round(time.Minute))
	}
	return Grouped(int64(d/(24*time.Hour))) + "d"
}

// Rate formats a number of records per second: "2,000", "0.4".
func Rate(r float64) string {
	if r < 10 && r != math.Trunc(r) {
		return fmt.Sprintf("%.1f", max(r, 0.1))
	}
	return Grouped(int64(math.Round(r)))
}

package impact_test

import (
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/impact"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
)

func TestRace(t *testing.T) {
	day := 24 * time.Hour
	limits := func(age time.Duration, bytes int64) *providers.Retention {
		return &providers.Retention{Age: age, Bytes: bytes}
	}
	for name, c := range map[string]struct {
		facts         impact.EdgeFacts
		rate, arrival float64
		want          string
	}{
		"nothing known": {},
		"a distant limit does not overtake": {facts: impact.EdgeFacts{Limits: limits(7*day, 0), Oldest: plantest.Now.Add(-4 * day)}, rate: 100,
			want: "retention of 168h reaches the oldest record in 3d and does not overtake the consumers"},
		"a limit without a rate": {facts: impact.EdgeFacts{Limits: limits(7*day, 0), Oldest: plantest.Now.Add(-4 * day)},
			want: "retention of 168h reaches the oldest record in 3d"},
		"a limit that has passed": {facts: impact.EdgeFacts{Limits: limits(day, 0), Oldest: plantest.Now.Add(-25 * time.Hour)}, rate: 100,
			want: "retention of 24h is past the oldest record of orders/0: it may be deleted before it is read"},
		"a reader slower than the records expire is overtaken": {facts: impact.EdgeFacts{Limits: limits(11*time.Second, 0),
			Oldest: plantest.Now.Add(-10 * time.Second)}, rate: 10,
			want: "retention of 11s overtakes the reader of orders/0 in about 1s: records are lost"},
		"a full log loses its oldest records": {facts: impact.EdgeFacts{Limits: limits(0, 400)}, rate: 100,
			want: "retention of 400 bytes is past the oldest record of orders/0: it may be deleted before it is read"},
		"a log that fills up overtakes a slow reader": {facts: impact.EdgeFacts{Limits: limits(0, 600), Speed: impact.Speed{High: 10}}, rate: 5,
			arrival: 10,
			want:    "retention of 600 bytes overtakes the reader of orders/0 in about 20s: records are lost"},
		"a log that fills up does not overtake a fast reader": {facts: impact.EdgeFacts{Limits: limits(0, 600), Speed: impact.Speed{High: 10}},
			rate: 500, arrival: 10,
			want: "retention of 600 bytes reaches the oldest record in 10s and does not overtake the consumers"},
		"a moving log start replaces unknown limits": {facts: impact.EdgeFacts{Speed: impact.Speed{Low: 10}}, rate: 4,
			want: "the start of the log, moving by 10/s, overtakes the reader of orders/0 in about 1m23s: records are lost"},
		"a log start slower than the reader does not overtake": {facts: impact.EdgeFacts{Speed: impact.Speed{Low: 10}}, rate: 50,
			want: "the start of the log, moving by 10/s, reaches the oldest record in 50s and does not overtake the consumers"},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.facts
			f.Part, f.Now, f.Lag, f.Bytes = plantest.Orders(0), plantest.Now, 500, new(int64(1000))
			f.Low, f.At, f.High = providers.AtOffset(0), providers.AtOffset(500), providers.AtOffset(1000)
			if got := impact.Race(impact.EdgesOf(f), c.rate, f.Lag, c.arrival); got != c.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

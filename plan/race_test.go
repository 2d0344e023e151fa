package plan

import (
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
)

func TestRace(t *testing.T) {
	day := 24 * time.Hour
	limits := func(age time.Duration, bytes int64) *providers.Retention {
		return &providers.Retention{Age: age, Bytes: bytes}
	}
	for name, c := range map[string]struct {
		facts         edgeFacts
		rate, arrival float64
		want          string
	}{
		"nothing is known": {},
		"a limit far away does not overtake": {facts: edgeFacts{limits: limits(7*day, 0), oldest: now.Add(-4 * day)}, rate: 100,
			want: "retention of 168h reaches the oldest record in 3d and does not overtake them"},
		"a limit is told without a rate": {facts: edgeFacts{limits: limits(7*day, 0), oldest: now.Add(-4 * day)},
			want: "retention of 168h reaches the oldest record in 3d"},
		"a limit that is passed may bite at once": {facts: edgeFacts{limits: limits(day, 0), oldest: now.Add(-25 * time.Hour)}, rate: 100,
			want: "retention of 24h is past the oldest record of orders/0: it may be deleted before it is read"},
		"a reader slower than its records age is overtaken": {facts: edgeFacts{limits: limits(11*time.Second, 0), oldest: now.Add(-10 * time.Second)}, rate: 10,
			want: "retention of 11s overtakes the reader of orders/0 in about 1s: records are lost"},
		"a log that is full loses its oldest records": {facts: edgeFacts{limits: limits(0, 400)}, rate: 100,
			want: "retention of 400 bytes is past the oldest record of orders/0: it may be deleted before it is read"},
		"a log that fills up overtakes a slow reader": {facts: edgeFacts{limits: limits(0, 600), speed: speed{high: 10}}, rate: 5, arrival: 10,
			want: "retention of 600 bytes overtakes the reader of orders/0 in about 20s: records are lost"},
		"a log that fills up does not reach a quick reader": {facts: edgeFacts{limits: limits(0, 600), speed: speed{high: 10}}, rate: 500, arrival: 10,
			want: "retention of 600 bytes reaches the oldest record in 10s and does not overtake them"},
		"a log's begin that moves stands for limits that are not told": {facts: edgeFacts{speed: speed{low: 10}}, rate: 4,
			want: "the start of the log, moving by 10/s, overtakes the reader of orders/0 in about 1m23s: records are lost"},
		"a log's begin that moves slower than the reader is no danger": {facts: edgeFacts{speed: speed{low: 10}}, rate: 50,
			want: "the start of the log, moving by 10/s, reaches the oldest record in 50s and does not overtake them"},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.facts
			f.part, f.now, f.lag, f.bytes = orders(0), now, 500, new(int64(1000))
			f.low, f.at, f.high = providers.AtOffset(0), providers.AtOffset(500), providers.AtOffset(1000)
			if got := race(edgesOf(f), c.rate, f.lag, c.arrival); got != c.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestWordsOfFigures(t *testing.T) {
	for want, got := range map[string]string{
		"1 byte": Bytes(1), "1,023 bytes": Bytes(1023), "1.0 KiB": Bytes(1024), "1.2 GiB": Bytes(1288490189), "1.0 MiB": Bytes(1<<20 - 1),
		"1s": About(0), "14m": About(14 * time.Minute), "3h20m": About(200 * time.Minute), "12d": About(300 * time.Hour),
		"2,000": Rate(2000), "0.4": Rate(0.4), "0.1": Rate(0.001), "3": Rate(3),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

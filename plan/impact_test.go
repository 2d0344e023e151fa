package plan

import (
	"fmt"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// says writes an impact in a line.
func says(i *Impact) string {
	if i == nil {
		return "nothing"
	}
	out := ""
	if i.Bytes != nil {
		out += fmt.Sprintf("%d bytes ", *i.Bytes)
	}
	if i.Oldest != nil {
		out += fmt.Sprintf("oldest %s ago ", span(now.Sub(*i.Oldest)))
	}
	if i.Rate != nil {
		out += Rate(*i.Rate) + "/s "
	}
	if i.Arrival != nil {
		out += "+" + Rate(*i.Arrival) + "/s "
	}
	if i.CatchUp != nil {
		out += fmt.Sprintf("%ds ", *i.CatchUp)
	}
	return out + "| " + i.Race + " | " + i.Sample
}

// TestImpact plans over logs of six records of 100 bytes, an hour apart, in
// two partitions that are committed at 4.
func TestImpact(t *testing.T) {
	week := &providers.Retention{Age: 7 * 24 * time.Hour}
	for name, c := range map[string]struct {
		offset    int64
		to        *schema.To
		estimate  Estimate
		retention *providers.Retention
		meanwhile func(*rig)
		want      string
	}{
		"the first record is told in brief":              {offset: 0, want: "800 bytes oldest 6h ago |  | "},
		"another record is not read for":                 {offset: 1, want: "600 bytes |  | "},
		"the record at a time is told along the way":     {to: &schema.To{Form: schema.ToTimestamp, Time: schema.Instant{Time: now.Add(-5 * time.Hour)}, WhenPastEnd: "end"}, want: "600 bytes oldest 5h ago |  | "},
		"a step that stays has none":                     {offset: 4, want: "nothing"},
		"a rate gives the time":                          {offset: 1, estimate: Estimate{Rate: 2}, retention: week, want: "600 bytes oldest 5h ago 2/s 5s | retention of 168h reaches the oldest record in 6d and does not overtake them | "},
		"no limit is said":                               {offset: 1, estimate: Estimate{Rate: 2}, retention: &providers.Retention{}, want: "600 bytes oldest 5h ago 2/s 5s | retention deletes nothing | "},
		"a sample in which nothing moves says so":        {offset: 1, estimate: Estimate{Sample: 5 * time.Second}, want: "600 bytes oldest 5h ago +0/s |  | within 5s no consumer moved (they are idle), so their rate is unknown: give --rate; no records were written"},
		"a sample shows both rates":                      {offset: 1, estimate: Estimate{Sample: time.Second}, meanwhile: moving(2, 1), want: "600 bytes oldest 5h ago 4/s +2/s 5s |  | within 1s 2 records per second were written"},
		"who is slower than the producers never is done": {offset: 1, estimate: Estimate{Rate: 1, Sample: time.Second}, meanwhile: moving(0, 1), want: "600 bytes oldest 5h ago 1/s +2/s |  | within 1s 2 records per second were written: at this rate they never catch up"},
		"without limits the log's begin tells":           {offset: 1, estimate: Estimate{Rate: 1, Sample: time.Second}, meanwhile: func(r *rig) { r.service.Truncate(orders(1), 1) }, want: "600 bytes oldest 5h ago 1/s +0/s 10s | the start of the log, moving by 1/s, overtakes the reader of orders/1 in about 2s: records are lost | within 1s no records were written"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.service.Retain(c.retention)
			rec := r.open(fmt.Sprintf("s a %d", c.offset))
			if c.to != nil {
				rec.doc.Steps[0].To = *c.to
			}
			if c.meanwhile != nil {
				r.asleep = func() { c.meanwhile(r) }
			}
			p, err := rec.Plan(t.Context(), Selection{Lock: r.lock, Impact: true})
			if err != nil {
				t.Fatal(err)
			}
			digest, before := p.Digest, p.Steps[0].Parts[0].Before
			if err := rec.Estimate(t.Context(), p, c.estimate); err != nil {
				t.Fatal(err)
			}
			if got := says(p.Steps[0].Impact); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if p.Digest != digest || p.Steps[0].Parts[0].Before != before || r.service.Resets() != 0 {
				t.Error("to look ahead has changed the plan or the service")
			}
		})
	}
}

// moving lets the group read so many records of each partition, and others
// arrive.
func moving(read, arrive int) func(*rig) {
	return func(r *rig) {
		for n := range 2 {
			r.service.Commit("a", orders(n), 4+int64(read), nil)
			for range arrive {
				r.service.Append(orders(n), now)
			}
		}
	}
}

func TestAServiceThatTellsNoSizesDoesNotFailAPlan(t *testing.T) {
	r := newRig(t)
	rec := r.open("s a 1")
	p, err := rec.Plan(t.Context(), Selection{Lock: r.lock, Impact: true})
	if err != nil {
		t.Fatal(err)
	}
	r.service.FailRead(providers.ErrUnavailable)
	if err := rec.Estimate(t.Context(), p, Estimate{Rate: 10}); err != nil || *p.Steps[0].Impact.CatchUp != 1 {
		t.Errorf("got %v, %s", err, says(p.Steps[0].Impact))
	}
	if err := rec.Estimate(t.Context(), p, Estimate{Sample: time.Second}); err == nil {
		t.Error("a second reading that fails is not told")
	}
}

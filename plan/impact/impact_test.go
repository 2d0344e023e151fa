package impact_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/impact"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/literal"
)

// line formats an impact on one line.
func line(i *plan.Impact) string {
	if i == nil {
		return "nothing"
	}
	out := ""
	if i.Bytes != nil {
		out += fmt.Sprintf("%d bytes ", *i.Bytes)
	}
	if i.Oldest != nil {
		out += fmt.Sprintf("oldest %s ago ", text.Span(plantest.Now.Sub(*i.Oldest)))
	}
	if i.Rate != nil {
		out += text.Rate(*i.Rate) + "/s "
	}
	if i.Arrival != nil {
		out += "+" + text.Rate(*i.Arrival) + "/s "
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
		estimate  impact.Estimate
		retention *providers.Retention
		meanwhile func(*plantest.Rig)
		want      string
	}{
		"the reading includes the first record's time":   {offset: 0, want: "800 bytes oldest 6h ago |  | "},
		"another record is not read without an estimate": {offset: 1, want: "600 bytes |  | "},
		"resolving a time returns the record's time": {to: &schema.To{Form: schema.ToTimestamp,
			Time: literal.Instant{Time: plantest.Now.Add(-5 * time.Hour)}, WhenPastEnd: "end"}, want: "600 bytes oldest 5h ago |  | "},
		"a kept step has no impact": {offset: 4, want: "nothing"},
		"a rate gives the time to catch up": {offset: 1, estimate: impact.Estimate{Rate: 2}, retention: week,
			want: "600 bytes oldest 5h ago 2/s 5s | retention of 168h reaches the oldest record in 6d and does not overtake the consumers | "},
		"no retention limit": {offset: 1, estimate: impact.Estimate{Rate: 2}, retention: &providers.Retention{},
			want: "600 bytes oldest 5h ago 2/s 5s | retention deletes nothing | "},
		"a sample without movement explains itself": {offset: 1, estimate: impact.Estimate{Sample: 5 * time.Second},
			want: "600 bytes oldest 5h ago +0/s |  | within 5s no consumer moved (they are idle), so their rate is unknown: give --rate; no " +
				"records were written"},
		"a sample shows both rates": {offset: 1, estimate: impact.Estimate{Sample: time.Second}, meanwhile: moving(2, 1),
			want: "600 bytes oldest 5h ago 4/s +2/s 5s |  | within 1s 2 records per second were written"},
		"a reader slower than the producers never catches up": {offset: 1, estimate: impact.Estimate{Rate: 1, Sample: time.Second},
			meanwhile: moving(0, 1), want: "600 bytes oldest 5h ago 1/s +2/s |  | within 1s 2 records per second were written: at this rate " +
				"they never catch up"},
		"without limits the start of the log is used": {offset: 1, estimate: impact.Estimate{Rate: 1, Sample: time.Second},
			meanwhile: func(r *plantest.Rig) { r.Service.Truncate(plantest.Orders(1), 1) }, want: "600 bytes oldest 5h ago 1/s +0/s 10s | " +
				"the start of the log, moving by 1/s, overtakes the reader of orders/1 in about 2s: records are lost | " +
				"within 1s no records were written"},
	} {
		t.Run(name, func(t *testing.T) {
			r := plantest.New(t)
			r.Service.Retain(c.retention)
			reader := r.Open(fmt.Sprintf("s a %d", c.offset))
			if c.to != nil {
				reader.Doc.Steps[0].To = *c.to
			}
			if c.meanwhile != nil {
				r.Asleep = func() { c.meanwhile(r) }
			}
			p, err := reconcile.Plan(t.Context(), reader, reconcile.Selection{Lock: r.Lock, Impact: true})
			if err != nil {
				t.Fatal(err)
			}
			digest, before := p.Digest, p.Steps[0].Parts[0].Before
			if err := reconcile.Estimate(t.Context(), reader, p, c.estimate); err != nil {
				t.Fatal(err)
			}
			if got := line(p.Steps[0].Impact); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if p.Digest != digest || p.Steps[0].Parts[0].Before != before || r.Service.Resets() != 0 {
				t.Error("the estimate changed the plan or the service")
			}
		})
	}
}

// moving lets the group read some records of each partition, and adds others.
func moving(read, arrive int) func(*plantest.Rig) {
	return func(r *plantest.Rig) {
		for n := range 2 {
			r.Service.Commit("a", plantest.Orders(n), 4+int64(read), nil)
			for range arrive {
				r.Service.Append(plantest.Orders(n), plantest.Now)
			}
		}
	}
}

func TestMissingSizesDoNotFailThePlan(t *testing.T) {
	r := plantest.New(t)
	reader := r.Open("s a 1")
	p, err := reconcile.Plan(t.Context(), reader, reconcile.Selection{Lock: r.Lock, Impact: true})
	if err != nil {
		t.Fatal(err)
	}
	r.Service.FailRead(providers.ErrUnavailable)
	if err := reconcile.Estimate(t.Context(), reader, p, impact.Estimate{Rate: 10}); err != nil || *p.Steps[0].Impact.CatchUp != 1 {
		t.Errorf("got %v, %s", err, line(p.Steps[0].Impact))
	}
	if err := reconcile.Estimate(t.Context(), reader, p, impact.Estimate{Sample: time.Second}); err == nil {
		t.Error("a failed second reading is not reported")
	}
}

func TestOldestUsesTheFirstRecordOfTheLog(t *testing.T) {
	first := plantest.At(0, 500, 500, 1000)
	first.LowTime = plantest.Now.Add(-time.Hour)
	target := &survey.Target{Job: &survey.Job{Step: &schema.Step{}}, Case: decide.Case{
		Question: decide.Question{Step: &schema.Step{}}, Snapshot: providers.Snapshot{Parts: []providers.PartReading{first}}}}
	for offset, want := range map[int64]time.Time{499: first.LowTime, 500: first.LowTime, 501: {}} {
		if got := impact.Oldest(target, plantest.Orders(0), providers.AtOffset(offset)); got != want {
			t.Errorf("the record at %d was written at %s, want %s", offset, got, want)
		}
	}
}

package watch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// A moment is one reading in a test: seconds after the reset, and where low,
// commit and high of partition 0 are. A commit below zero is none.
type moment struct {
	second               int
	low, committed, high int64
	who                  providers.State
}

// told writes a step's progress in a line.
func told(s StepProgress) string {
	var out []string
	if s.Lag != nil {
		out = append(out, fmt.Sprintf("%d/%d-%d", *s.Done, *s.Total, *s.Lag))
	}
	if s.Rate != nil {
		out = append(out, fmt.Sprintf("%s/s+%s/s", text.Rate(*s.Rate), text.Rate(*s.Arrival)))
	}
	if s.ETA != nil {
		out = append(out, fmt.Sprintf("%ds", *s.ETA))
	}
	for word, is := range map[string]bool{"settled": s.Settled} {
		if is {
			out = append(out, word)
		}
	}
	if s.CaughtUp {
		out = append(out, "caught-up")
	}
	for _, text := range []string{s.Overwritten, s.Stuck, s.Race} {
		if text != "" {
			out = append(out, "! "+text)
		}
	}
	return strings.Join(out, " ")
}

// TestTracker follows a reset of one partition from 300 to 100.
func TestTracker(t *testing.T) {
	const idle, active = providers.Idle, providers.Active
	for name, c := range map[string]struct {
		outcome lock.Outcome // verified where it is empty
		after   string       // offset:100 where it is empty
		edit    func(*tracker)
		seen    []moment
		under   bool // an apply is at work
		want    string
	}{
		"at first there is no rate": {seen: []moment{{0, 0, 100, 500, idle}}, want: "0/400-400 settled"},
		"consumers read on":         {seen: []moment{{0, 0, 100, 500, active}, {2, 0, 140, 500, active}}, want: "40/400-360 20/s+0/s 18s settled"},
		"the end moves":             {seen: []moment{{0, 0, 100, 500, active}, {10, 0, 301, 601, active}}, want: "201/501-300 20/s+10/s 30s settled"},
		"who is slower than the producers has no end in sight": {seen: []moment{{0, 0, 100, 500, active}, {10, 0, 150, 600, active}}, want: "50/500-450 5/s+10/s settled"},
		"nothing left is caught up":                            {seen: []moment{{0, 0, 500, 500, active}}, want: "400/400-0 settled caught-up"},
		"less left than arrived is caught up":                  {seen: []moment{{0, 0, 480, 500, active}, {1, 0, 495, 510, active}}, want: "395/410-15 15/s+10/s 3s settled"},
		"as much left as arrived is caught up":                 {seen: []moment{{0, 0, 480, 500, active}, {1, 0, 500, 510, active}}, want: "400/410-10 20/s+10/s 1s settled caught-up"},
		"a rate forgets what was long ago":                     {seen: []moment{{0, 0, 100, 500, active}, {20, 0, 300, 500, active}, {60, 0, 300, 500, active}, {90, 0, 300, 500, active}}, want: "200/400-200 0/s+0/s settled"},
		"what went back was committed by others":               {seen: []moment{{0, 0, 140, 500, active}, {2, 0, 120, 500, active}}, want: "20/400-380 0/s+0/s settled ! another client committed over it: orders/0 went back from offset:140 to offset:120; the group is active: Stable, worker at host"},
		"before the target is not the group's doing":           {seen: []moment{{3600, 0, 90, 500, idle}}, want: "0/400-410 settled ! another client committed over it: orders/0 is at offset:90, before offset:100, the target of the reset; the group has no members now, so a tool or a consumer outside the group committed it"},
		"straight back to where it stood is no reading":        {seen: []moment{{0, 0, 100, 500, active}, {2, 0, 300, 500, active}}, want: "200/400-200 100/s+0/s 2s settled ! another client committed over it: orders/0 went directly from offset:100 back to offset:300, its position before the reset; the group is active: Stable, worker at host"},
		"past where it stood, step by step, is reading":        {seen: []moment{{0, 0, 100, 500, active}, {2, 0, 200, 500, active}, {4, 0, 300, 500, active}}, want: "200/400-200 50/s+0/s 4s settled"},
		"straight to the end is a quick consumer":              {seen: []moment{{0, 0, 100, 300, idle}, {2, 0, 300, 300, idle}}, want: "200/200-0 100/s+0/s 0s settled caught-up"},
		"a move while nobody is there is not the group's":      {seen: []moment{{0, 0, 100, 500, idle}, {2, 0, 250, 500, idle}}, want: "150/400-250 75/s+0/s 4s settled ! another client committed over it: orders/0 went from offset:100 to offset:250 while the group had no members; the group has no members now, so a tool or a consumer outside the group committed it"},
		"after a long pause somebody may have been there":      {seen: []moment{{0, 0, 100, 500, idle}, {300, 0, 250, 500, idle}}, want: "150/400-250 0.5/s+0/s 500s settled"},
		"it stays overwritten when it reads on":                {seen: []moment{{0, 0, 140, 500, active}, {2, 0, 120, 500, active}, {4, 0, 500, 500, active}}, want: "400/400-0 90/s+0/s 0s settled caught-up ! another client committed over it: orders/0 went back from offset:140 to offset:120; the group is active: Stable, worker at host"},
		"a commit that is gone is told":                        {seen: []moment{{0, 0, -1, 500, idle}}, want: "settled ! another client committed over it: orders/0 has no commit any more; the group has no members now, so a tool or a consumer outside the group committed it"},
		"another log under its name is told":                   {edit: func(t *tracker) { t.record.Parts[0].LogID = "old" }, seen: []moment{{0, 0, 100, 500, idle}}, want: "0/400-400 settled ! the reset position no longer exists: orders/0 was deleted and re-created"},
		"retention that has overtaken is told":                 {seen: []moment{{0, 180, 100, 500, idle}}, want: "0/400-400 settled ! retention has overtaken the reader of orders/0: up to 80 records are lost"},
		"retention that is behind by its limit": {edit: func(t *tracker) {
			t.sizes = map[providers.Part]providers.PartSize{plantest.Orders(0): {Oldest: plantest.Now.Add(-time.Hour), Retention: &providers.Retention{Age: 25 * time.Hour}}}
		}, seen: []moment{{0, 0, 100, 500, active}, {2, 0, 140, 500, active}}, want: "40/400-360 20/s+0/s 18s settled ! retention of 25h reaches the oldest record in 24h and does not overtake them"},
		"in doubt and found at its target":     {outcome: lock.InDoubt, seen: []moment{{0, 0, 100, 500, idle}}, want: "0/400-400 settled"},
		"once found it stays settled":          {outcome: lock.InDoubt, seen: []moment{{0, 0, 100, 500, idle}, {2, 0, 150, 500, active}}, want: "50/400-350 25/s+0/s 14s settled"},
		"in doubt and not carried out":         {outcome: lock.InDoubt, seen: []moment{{0, 0, 300, 500, idle}}, want: "200/400-200 ! still at the previous position: not applied"},
		"in doubt and elsewhere":               {outcome: lock.InDoubt, seen: []moment{{0, 0, 150, 500, idle}}, want: "50/400-350 ! in doubt: at neither its previous position nor its target"},
		"an apply at work may still settle it": {outcome: lock.InDoubt, under: true, seen: []moment{{0, 0, 300, 500, idle}}, want: "200/400-200"},
		"applied and read on from there":       {outcome: lock.Applied, seen: []moment{{0, 0, 150, 500, active}}, want: "50/400-350 settled"},
		"applied and slow to show":             {outcome: lock.Applied, edit: func(t *tracker) { t.caps.Settle = time.Minute }, seen: []moment{{5, 0, 300, 500, idle}}, want: "200/400-200"},
		"a failed step is told":                {outcome: lock.Failed, seen: []moment{{0, 0, 300, 500, idle}}, want: "200/400-200 ! it was not applied: failed"},
		"a latest that has moved is settled":   {outcome: lock.Applied, after: "offset:400", edit: func(t *tracker) { t.placer.Ends = true }, seen: []moment{{0, 0, 450, 500, idle}}, want: "50/100-50 settled"},
	} {
		t.Run(name, func(t *testing.T) {
			after := providers.AtOffset(100)
			if c.after == "offset:400" {
				after = providers.AtOffset(400)
			}
			caps := plantest.Exactly()
			rec := &lock.Step{ID: "s", Outcome: lock.Verified, At: lock.AtTime(plantest.Now), Parts: []lock.Part{{Part: plantest.Orders(0), Before: providers.AtOffset(300), After: after, LogID: "log"}}}
			if c.outcome != "" {
				rec.Outcome = c.outcome
			}
			tr := &tracker{caps: caps, placer: decide.Placer{Needs: caps.Needs}}
			tr.renew(rec)
			if c.edit != nil {
				c.edit(tr)
			}
			var got StepProgress
			for _, m := range c.seen {
				snap := readAs(m)
				got = tr.see(glimpse{plantest.Now.Add(time.Duration(m.second) * time.Second), snap}, !c.under)
			}
			if told(got) != c.want {
				t.Errorf("got  %q\nwant %q", told(got), c.want)
			}
		})
	}
}

func readAs(m moment) providers.Snapshot {
	s := plantest.Idle(plantest.At(0, m.low, m.committed, m.high))
	if m.who == providers.Active {
		s.Activity = providers.Activity{State: providers.Active, Why: "Stable", Members: []providers.Member{{ID: "m-1", Client: "worker", Host: "host"}}}
	}
	return s
}

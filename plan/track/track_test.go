package track_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/track"
	"github.com/resetplan/resetplan/providers"
)

// A moment is one reading in a test: seconds after the reset, and where low,
// commit and high of partition 0 are. A negative commit means no commit.
type moment struct {
	second               int
	low, committed, high int64
	state                providers.State
}

// progressLine formats a step's progress on one line.
func progressLine(s track.StepProgress) string {
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
	if s.Settled {
		out = append(out, "settled")
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
		outcome lock.Outcome // "" = verified
		after   string       // "" = offset:100
		edit    func(*track.Tracker)
		log     string // the id of the log that was reset; "" = log
		seen    []moment
		running bool // an apply is active
		want    string
	}{
		"one reading gives no rate": {seen: []moment{{0, 0, 100, 500, idle}}, want: "0/400-400 settled"},
		"consumers read on": {seen: []moment{{0, 0, 100, 500, active}, {2, 0, 140, 500, active}},
			want: "40/400-360 20/s+0/s 18s settled"},
		"the end moves": {seen: []moment{{0, 0, 100, 500, active}, {10, 0, 301, 601, active}}, want: "201/501-300 20/s+10/s 30s settled"},
		"a reader slower than the producers has no ETA": {seen: []moment{{0, 0, 100, 500, active}, {10, 0, 150, 600, active}},
			want: "50/500-450 5/s+10/s settled"},
		"nothing unread is caught up": {seen: []moment{{0, 0, 500, 500, active}},
			want: "400/400-0 settled caught-up"},
		"more unread than arrived is not caught up": {seen: []moment{{0, 0, 480, 500, active}, {1, 0, 495, 510, active}},
			want: "395/410-15 15/s+10/s 3s settled"},
		"as much unread as arrived is caught up": {seen: []moment{{0, 0, 480, 500, active}, {1, 0, 500, 510, active}},
			want: "400/410-10 20/s+10/s 1s settled caught-up"},
		"a rate covers only recent readings": {seen: []moment{{0, 0, 100, 500, active}, {20, 0, 300, 500, active},
			{60, 0, 300, 500, active}, {90, 0, 300, 500, active}}, want: "200/400-200 0/s+0/s settled"},
		"a move back is another client's commit": {seen: []moment{{0, 0, 140, 500, active}, {2, 0, 120, 500, active}},
			want: "20/400-380 0/s+0/s settled ! another client committed over it: orders/0 went back from offset:140 to offset:120; the group " +
				"is active: Stable, worker at host"},
		"a position before the target is another client's commit": {seen: []moment{{3600, 0, 90, 500, idle}},
			want: "0/400-410 settled ! another client committed over it: orders/0 is at offset:90, before offset:100, the target of the reset; " +
				"the group has no members now, so a tool or a consumer outside the group committed it"},
		"a direct return to the previous position is another client's commit": {seen: []moment{{0, 0, 100, 500, active}, {2, 0, 300, 500, active}},
			want: "200/400-200 100/s+0/s 2s settled ! another client committed over it: orders/0 went directly from offset:100 back to " +
				"offset:300, its position before the reset; the group is active: Stable, worker at host"},
		"reaching the previous position in steps is reading": {seen: []moment{{0, 0, 100, 500, active}, {2, 0, 200, 500, active},
			{4, 0, 300, 500, active}}, want: "200/400-200 50/s+0/s 4s settled"},
		"a direct move to the end is a fast consumer": {seen: []moment{{0, 0, 100, 300, idle}, {2, 0, 300, 300, idle}},
			want: "200/200-0 100/s+0/s 0s settled caught-up"},
		"a move without members is another client's commit": {seen: []moment{{0, 0, 100, 500, idle}, {2, 0, 250, 500, idle}},
			want: "150/400-250 75/s+0/s 4s settled ! another client committed over it: orders/0 went from offset:100 to offset:250 while the " +
				"group had no members; the group has no members now, so a tool or a consumer outside the group committed it"},
		"a move between distant readings may be the group's": {seen: []moment{{0, 0, 100, 500, idle}, {300, 0, 250, 500, idle}},
			want: "150/400-250 0.5/s+0/s 500s settled"},
		"a step stays overwritten after consumers read on": {seen: []moment{{0, 0, 140, 500, active}, {2, 0, 120, 500, active},
			{4, 0, 500, 500, active}}, want: "400/400-0 90/s+0/s 0s settled caught-up ! another client committed over it: orders/0 went back " +
			"from offset:140 to offset:120; the group is active: Stable, worker at host"},
		"a removed commit is reported": {seen: []moment{{0, 0, -1, 500, idle}}, want: "settled ! another client committed over it: " +
			"orders/0 has no commit any more; the group has no members now, so a tool or a consumer outside the group committed it"},
		"a re-created topic is reported": {log: "old",
			seen: []moment{{0, 0, 100, 500, idle}}, want: "0/400-400 settled ! the reset position no longer exists: orders/0 was deleted and " +
				"re-created"},
		"records lost to retention are reported": {seen: []moment{{0, 180, 100, 500, idle}},
			want: "0/400-320 settled ! retention has overtaken the reader of orders/0: up to 80 records are lost"},
		"a retention limit that does not overtake": {edit: func(t *track.Tracker) {
			t.Sizes = survey.Sizes{{Part: plantest.Orders(0), Oldest: plantest.Now.Add(-time.Hour),
				Retention: &providers.Retention{Age: 25 * time.Hour}}}
		}, seen: []moment{{0, 0, 100, 500, active}, {2, 0, 140, 500, active}},
			want: "40/400-360 20/s+0/s 18s settled ! retention of 25h reaches the oldest record in 24h and does not overtake the consumers"},
		"in doubt and at its target": {outcome: lock.InDoubt, seen: []moment{{0, 0, 100, 500, idle}}, want: "0/400-400 settled"},
		"a settled step stays settled": {outcome: lock.InDoubt, seen: []moment{{0, 0, 100, 500, idle}, {2, 0, 150, 500, active}},
			want: "50/400-350 25/s+0/s 14s settled"},
		"in doubt and not applied": {outcome: lock.InDoubt, seen: []moment{{0, 0, 300, 500, idle}},
			want: "200/400-200 ! still at the previous position: not applied"},
		"in doubt and elsewhere": {outcome: lock.InDoubt, seen: []moment{{0, 0, 150, 500, idle}},
			want: "50/400-350 ! in doubt: at neither its previous position nor its target"},
		"in doubt while an apply is active": {outcome: lock.InDoubt, running: true, seen: []moment{{0, 0, 300, 500, idle}}, want: "200/400-200"},
		"applied and read on":               {outcome: lock.Applied, seen: []moment{{0, 0, 150, 500, active}}, want: "50/400-350 settled"},
		"applied and not visible yet": {outcome: lock.Applied, edit: func(t *track.Tracker) { t.Caps.Settle = time.Minute },
			seen: []moment{{5, 0, 300, 500, idle}}, want: "200/400-200"},
		"a failed step is reported": {outcome: lock.Failed, seen: []moment{{0, 0, 300, 500, idle}},
			want: "200/400-200 ! it was not applied: failed"},
		"latest after the end has moved": {outcome: lock.Applied, after: "offset:400", edit: func(t *track.Tracker) { t.Placer.MovingEnd = true },
			seen: []moment{{0, 0, 450, 500, idle}}, want: "50/100-50 settled"},
	} {
		t.Run(name, func(t *testing.T) {
			after := providers.AtOffset(100)
			if c.after == "offset:400" {
				after = providers.AtOffset(400)
			}
			caps := plantest.ExactCapabilities()
			rec := &lock.Step{ID: "s", Outcome: lock.Verified, At: lock.AtTime(plantest.Now),
				Parts: []lock.Part{{Part: plantest.Orders(0), Before: providers.AtOffset(300), After: after, LogID: cmp.Or(c.log, "log")}}}
			if c.outcome != "" {
				rec.Outcome = c.outcome
			}
			tr := &track.Tracker{Caps: caps, Placer: decide.Placer{Needs: caps.Needs}}
			tr.Renew(rec)
			if c.edit != nil {
				c.edit(tr)
			}
			var got track.StepProgress
			for _, m := range c.seen {
				snap := readAs(m)
				got = tr.Add(track.Reading{At: plantest.Now.Add(time.Duration(m.second) * time.Second), Snap: snap}, !c.running)
			}
			if progressLine(got) != c.want {
				t.Errorf("got  %q\nwant %q", progressLine(got), c.want)
			}
		})
	}
}

func readAs(m moment) providers.Snapshot {
	s := plantest.Idle(plantest.At(0, m.low, m.committed, m.high))
	if m.state == providers.Active {
		s.Activity = providers.Activity{State: providers.Active, Why: "Stable",
			Members: []providers.Member{{ID: "m-1", Client: "worker", Host: "host"}}}
	}
	return s
}

// TestTheEndOfAReplayIsNoOverwrite has a group without members at its position before the
// reset: it was returned there, or its consumers were stopped when they had read so far.
func TestTheEndOfAReplayIsNoOverwrite(t *testing.T) {
	for doing, want := range map[lock.ReplayPhase]track.Failure{
		lock.Replaying: track.Overwritten, lock.Stopping: track.NoFailure, lock.Restoring: track.NoFailure, lock.Replayed: track.NoFailure,
	} {
		caps := plantest.ExactCapabilities()
		tr := &track.Tracker{Caps: caps, Placer: decide.Placer{Needs: caps.Needs}}
		tr.Renew(&lock.Step{ID: "s", Outcome: lock.Verified, At: lock.AtTime(plantest.Now), Replay: &lock.Replay{Doing: doing},
			Parts: []lock.Part{{Part: plantest.Orders(0), Before: providers.AtOffset(300), After: providers.AtOffset(100), LogID: "log"}}})
		got := tr.Add(track.Reading{At: plantest.Now, Snap: readAs(moment{0, 0, 300, 500, providers.Idle})}, false)
		if got.Failure != want {
			t.Errorf("%s: the failure is %q, want %q", doing, got.Failure, want)
		}
	}
}

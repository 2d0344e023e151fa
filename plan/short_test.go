package plan_test

import (
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/literal"
)

func TestTheSameErrorOfSeveralStepsIsOne(t *testing.T) {
	p := plan.Plan{Steps: []plan.Step{
		{ID: "a", Action: plan.Blocked, Why: "no answer", Error: "no answer"}, {ID: "b", Action: plan.Blocked, Why: "denied", Error: "denied"},
		{ID: "c", Action: plan.Blocked, Why: "no answer", Error: "no answer"}, {ID: "d", Action: plan.Reset},
	}}
	if got := p.Unread(); len(got) != 2 || got[0] != "steps a, c: no answer" || got[1] != "step b: denied" {
		t.Errorf("got %q", got)
	}
	if got := p.UnreadInShort(); len(got) != 1 || got[0] != "3 steps could not be read (a, b, c), see above" {
		t.Errorf("got %q", got)
	}
	if got := p.ReasonsInShort(); got != "3 steps are blocked (a, b, c), see above" {
		t.Errorf("got %q", got)
	}
	p.Steps = p.Steps[1:2]
	if got := p.ReasonsInShort(); got != "step b: denied" {
		t.Errorf("a single reason is repeated: got %q", got)
	}
	if got := p.UnreadInShort(); len(got) != 1 || got[0] != "step b: denied" {
		t.Errorf("a single error is repeated: got %q", got)
	}
}

func TestSummaryNamesOnlyWhatThereIs(t *testing.T) {
	for want, s := range map[string]plan.Summary{
		"up to 522 records delivered again, on 3 partitions":            {Replay: 522, Partitions: 3, Bound: plan.BoundUpper},
		"1 record delivered again, 20 records skipped, on 2 partitions": {Replay: 1, Skip: 20, Partitions: 2, Bound: plan.BoundExact},
		"2 partitions set": {Set: 2, Partitions: 2},
		"an unknown number of records on 1 partition": {Unknown: 1, Partitions: 1},
		"no records": {},
	} {
		if got := s.Moves(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	both := plan.Summary{Skip: 3, Bound: plan.BoundUpper, Units: []plan.Amount{{Unit: "record", Skip: 2}, {Unit: "log group", Skip: 1}}}
	if got := both.Lost(); got != "up to 2 records and up to 1 log group" {
		t.Errorf("got %q", got)
	}
}

func TestARelativeTimeIsShownAsItsMoment(t *testing.T) {
	now := time.Date(2026, 11, 28, 0, 39, 30, 0, time.UTC)
	relative := schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Text: "now-36h", FromNow: true, Shift: -36 * time.Hour}}
	if got := plan.RequestText(relative, now); got != "timestamp 2026-11-26 12:39 UTC (now-36h)" {
		t.Errorf("got %q", got)
	}
	fixed := schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Text: "2026-11-18T00:00:00Z"}}
	if got := plan.RequestText(fixed, now); got != "timestamp 2026-11-18T00:00:00Z" || plan.RelativeText(fixed) != "" {
		t.Errorf("got %q", got)
	}
	doc := &schema.Document{Steps: []schema.Step{{ID: "a", To: relative}, {ID: "b", To: fixed}}}
	const want = "The digest changes by the minute, and an approval with it expires: the time now-36h of step a is relative to now. " +
		"For an approval that lasts, write the time in full."
	if got := plan.RelativeTimes(doc); got != want {
		t.Errorf("got %q", got)
	}
	groups := plan.Plan{Steps: []plan.Step{{ID: "a[x]", Relative: "now"}, {ID: "a[y]", Relative: "now"}, {ID: "b", Relative: "now-1h"}}}
	if got := groups.Expires(); got != "The digest changes by the minute, and an approval with it expires: the times of steps a, b are relative to now. "+
		"For an approval that lasts, write them in full." {
		t.Errorf("got %q", got)
	}
	blocked := plan.Plan{Steps: []plan.Step{{ID: "a", Relative: "now", Action: plan.Blocked}}}
	if got := blocked.Expires(); got != "" {
		t.Errorf("a blocked step cannot be approved, got %q", got)
	}
	if got := (&plan.Plan{Steps: []plan.Step{{ID: "b"}}}).Expires() + plan.RelativeTimes(nil); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestTheCommandsOfADoubtNameItsRunAndItsParts(t *testing.T) {
	part := providers.Part{Topic: "orders", Number: 3}
	got := plan.ResolveDoubtCommands("p.yaml", "two", "s", part)
	if want := "`resetplan lock settle p.yaml s applied --part orders/3 --run two` or `not-applied`"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

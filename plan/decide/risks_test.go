package decide_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// open returns a reading of a log with a transaction that is open from an offset on.
func open(part int, committed, stable int64) providers.PartReading {
	r := plantest.At(part, 0, committed, 500)
	r.Stable = providers.AtOffset(stable)
	return r
}

// fresh removes the commit of a reading.
func fresh(r providers.PartReading) providers.PartReading {
	r.Committed = providers.At(providers.Unset)
	return r
}

func TestOpenTransactionsBeforeTheTargetAreWarnedOf(t *testing.T) {
	const lost = ": a consumer that reads only committed records (read_committed) has not received "
	latest, unlimited := schema.To{Form: schema.ToLatest}, &schema.Limit{Unlimited: true}
	for name, c := range map[string]struct {
		to    schema.To
		parts []providers.PartReading
		want  string // what the only warning starts with; "" = none
	}{
		"partitions and records": {latest, []providers.PartReading{open(0, 300, 490), open(1, 300, 500), open(2, 100, 480)},
			"Transactions are open before the target of orders/0, orders/2" + lost + "up to 30 records there yet"},
		"one record": {latest, []providers.PartReading{open(0, 300, 499)},
			"Transactions are open before the target of orders/0" + lost + "up to 1 record there yet"},
		"records already read are not counted": {latest, []providers.PartReading{open(0, 495, 490)},
			"Transactions are open before the target of orders/0" + lost + "up to 5 records there yet"},
		"no commit": {latest, []providers.PartReading{fresh(open(0, 0, 490))},
			"Transactions are open before the target of orders/0" + lost + "up to 10 records there yet"},
		"an offset beyond it":                 {schema.To{Form: schema.ToOffset, Offset: 495}, []providers.PartReading{open(0, 300, 490)}, "Transactions are open"},
		"an offset beyond the end of the log": {schema.To{Form: schema.ToOffset, Offset: 999}, []providers.PartReading{open(0, 300, 500)}, ""},
		"an offset before it":                 {schema.To{Form: schema.ToOffset, Offset: 490}, []providers.PartReading{open(0, 300, 490)}, ""},
		"a move back":                         {schema.To{Form: schema.ToOffset, Offset: 495}, []providers.PartReading{open(0, 500, 490)}, ""},
		"none is open":                        {latest, []providers.PartReading{open(0, 300, 500)}, ""},
		"it is not known":                     {latest, []providers.PartReading{plantest.At(0, 0, 300, 500)}, ""},
		"the group is at its end":             {latest, []providers.PartReading{open(0, 500, 490)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			q := question(c.to)
			q.Step.Guards.MaxSkip = unlimited
			got := strings.Join(decide.Diff(q, plantest.Idle(c.parts...)).Warnings, "\n")
			if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
				t.Errorf("got  %q\nwant %q…", got, c.want)
			}
		})
	}
}

func TestARollbackDoesNotWarnOfOpenTransactions(t *testing.T) {
	q := question(schema.To{Form: schema.ToLatest})
	q.Undo = true
	if got := decide.Diff(q, plantest.Idle(open(0, 300, 490))).Warnings; len(got) > 0 {
		t.Errorf("got %q", got)
	}
}

func TestCommitsThatExpireAreWarnedOf(t *testing.T) {
	const setting = "offsets.retention.minutes"
	latest := schema.To{Form: schema.ToLatest}
	for name, c := range map[string]struct {
		to    schema.To
		after time.Duration
		part  providers.PartReading
		want  string
	}{
		"a known time": {latest, 7 * 24 * time.Hour, plantest.At(0, 0, 300, 500), "The new positions expire: the service removes them within 7d " +
			"(offsets.retention.minutes) unless a consumer of the group starts before."},
		"an unknown time": {latest, 0, plantest.At(0, 0, 300, 500), "The new positions expire: the service removes them after the time that its setting " +
			"offsets.retention.minutes defines, which could not be read, unless a consumer of the group starts before."},
		"nothing is set":     {schema.To{Form: schema.ToUnset}, time.Hour, plantest.At(0, 0, 300, 500), ""},
		"nothing is changed": {latest, time.Hour, plantest.At(0, 0, 500, 500), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := plantest.Idle(c.part)
			s.Expires = &providers.Expiry{After: c.after, Setting: setting}
			if got := strings.Join(decide.Diff(question(c.to), s).Warnings, "\n"); c.want == "" && strings.Contains(got, "expire") || c.want != "" && got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestAGroupThatMayNotBeCreatedHasNoExpiry blocks without a warning about commits that are
// not made.
func TestAGroupThatMayNotBeCreatedHasNoExpiry(t *testing.T) {
	s := plantest.Idle(fresh(plantest.At(0, 0, 0, 500)))
	s.GroupState, s.Expires = providers.Absent, &providers.Expiry{After: time.Hour, Setting: "x"}
	s.Missing = []providers.Missing{{What: providers.GroupName, Name: "g"}}
	q := question(schema.To{Form: schema.ToLatest})
	if got := decide.Diff(q, s); len(got.Warnings) > 0 {
		t.Errorf("it warns %q", got.Warnings)
	}
	q.Step.Guards.AllowNew = true
	if got := decide.Diff(q, s); len(got.Warnings) != 1 {
		t.Errorf("with allowNew it warns %q", got.Warnings)
	}
}

package reconcile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// compared is a target of a group of a cluster that counts comparisons with others.
type compared struct {
	group, cluster string
	times          *int
}

func (c *compared) Address() string  { return c.Identity() }
func (c *compared) Identity() string { return c.cluster + "/" + c.group }
func (c *compared) Group() string    { return c.group }
func (c *compared) Overlaps(o providers.Target) bool {
	return c.SameGroup(o)
}
func (c *compared) SameGroup(o providers.Target) bool {
	*c.times++
	return c.Identity() == o.Identity()
}

// movedTarget returns the target of a step that has moved some of a topic's partitions from a
// position to its sequence number.
func movedTarget(to *compared, sequence int, before int64, partitions ...int) *survey.Target {
	s := &lock.Step{ID: fmt.Sprintf("s%d", sequence), Sequence: sequence, Outcome: lock.Verified}
	for _, n := range partitions {
		s.Parts = append(s.Parts, lock.Part{Part: providers.Part{Topic: "orders", Number: n}, Before: providers.AtOffset(before),
			After: providers.AtOffset(int64(sequence)), Seen: providers.AtOffset(int64(sequence))})
	}
	t := &survey.Target{Job: &survey.Job{ID: s.ID, Target: to, Conn: &survey.Connection{}}}
	t.Case = decide.Case{Question: decide.Question{Step: &schema.Step{}, Record: s, Undo: true, Fixed: decide.Reversed(s.Parts)}}
	return t
}

// rolledBack returns the target of a step whose rollback has restored its parts.
func rolledBack(t *survey.Target) *survey.Target {
	r := t.Question.Record
	r.Outcome, r.Undo = lock.Undone, &lock.Undo{Outcome: lock.Verified, Parts: t.Question.Fixed}
	return t
}

// TestEachPartIsRolledBackByOneStep assigns the parts of steps, the newest first.
func TestEachPartIsRolledBackByOneStep(t *testing.T) {
	n := 0
	a, other := &compared{"g", "a", &n}, &compared{"g", "b", &n}
	for name, c := range map[string]struct {
		ordered []*survey.Target
		want    string // id: partition to offset
	}{
		"one step": {[]*survey.Target{movedTarget(a, 1, 4, 0, 1)}, "s1: 0 to 4, 1 to 4"},
		"the newest restores what was before the oldest": {[]*survey.Target{movedTarget(a, 2, 1, 0, 1), movedTarget(a, 1, 4, 1, 2)},
			"s2: 0 to 1, 1 to 4; s1: 2 to 4"},
		"another client moved it in between": {[]*survey.Target{movedTarget(a, 2, 9, 1), movedTarget(a, 1, 4, 1)}, "s2: 1 to 9; s1:"},
		"a group of another cluster with the same name": {[]*survey.Target{movedTarget(other, 2, 1, 1), movedTarget(a, 1, 4, 1)},
			"s2: 1 to 1; s1: 1 to 4"},
		"a newer step was rolled back to that position":  {[]*survey.Target{rolledBack(movedTarget(a, 2, 4, 1)), movedTarget(a, 1, 4, 1, 2)}, "s1: 2 to 4"},
		"an older step was rolled back to that position": {[]*survey.Target{movedTarget(a, 3, 4, 1), rolledBack(movedTarget(a, 1, 4, 1))}, "s3: 1 to 4"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, one := range assign(c.ordered) {
				var parts []string
				for _, p := range one.Question.Fixed {
					parts = append(parts, fmt.Sprintf(" %d to %s", p.Part.Number, strings.TrimPrefix(p.After.String(), "offset:")))
				}
				got = append(got, one.ID+":"+strings.Join(parts, ","))
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("got %q, want %q", strings.Join(got, "; "), c.want)
			}
		})
	}
}

// TestAPartIsReportedByTheStepThatMovedItLast drops the parts of a status that a later step
// has moved.
func TestAPartIsReportedByTheStepThatMovedItLast(t *testing.T) {
	n := 0
	a, other := &compared{"g", "a", &n}, &compared{"g", "b", &n}
	all := []*survey.Target{movedTarget(a, 1, 9, 0, 1, 2, 3), movedTarget(a, 3, 9, 1), rolledBack(movedTarget(a, 4, 9, 2)), movedTarget(other, 5, 9, 3)}
	movers := moversOf(all)
	var got []string
	for _, one := range all {
		s := statusOf(one.Question.Record, providers.Capabilities{}, &providers.Snapshot{}, nil, "")
		s.dropMovedLater(one, movers)
		var parts []string
		for _, p := range s.Parts {
			parts = append(parts, fmt.Sprint(p.Part.Number))
		}
		got = append(got, one.ID+":"+strings.Join(parts, ","))
	}
	if want := "s1:0,2,3 s3:1 s4:2 s5:3"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, " "), want)
	}
}

// TestTargetsAreNotComparedPairwise counts the comparisons for a rollback and a status of
// many groups, and of many steps of one group on different partitions.
func TestTargetsAreNotComparedPairwise(t *testing.T) {
	const steps = 500
	for name, group := range map[string]func(int) string{
		"of many groups": func(i int) string { return fmt.Sprintf("g%d", i) },
		"of one group":   func(int) string { return "g" },
	} {
		n := 0
		var all []*survey.Target
		for i := range steps {
			all = append(all, movedTarget(&compared{group(i), "a", &n}, steps-i, 4, i))
		}
		if got := assign(all); len(got) != steps {
			t.Errorf("%d steps %s are rolled back", len(got), name)
		}
		movers := moversOf(all)
		for _, one := range all {
			s := statusOf(one.Question.Record, providers.Capabilities{}, &providers.Snapshot{}, nil, "")
			if s.dropMovedLater(one, movers); len(s.Parts) != 1 {
				t.Errorf("%s has %d parts", one.ID, len(s.Parts))
			}
		}
		if n != 0 {
			t.Errorf("%d steps %s are compared %d times", steps, name, n)
		}
	}
}

// TestARecordIsFoundByAnIndex looks up each record of a run.
func TestARecordIsFoundByAnIndex(t *testing.T) {
	run := &lock.Run{}
	for i, digest := range []string{"a", "b", "a"} {
		run.Steps = append(run.Steps, &lock.Step{ID: "s" + digest, Digest: digest, Sequence: 3 - i})
	}
	x := run.Index()
	if s := x.ByDigest("a"); s == nil || s.Sequence != 3 || x.ByID("sa") != s {
		t.Errorf("the newest of two records is found as %+v", s)
	}
	if x.ByDigest("b") != run.Steps[1] || x.ByDigest("c") != nil || x.ByID("a") != nil || (*lock.Run)(nil).Index().ByDigest("a") != nil {
		t.Error("a record is not found, or one that the run does not have")
	}
}

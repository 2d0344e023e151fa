package survey_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

func TestJobs(t *testing.T) {
	for name, c := range map[string]struct {
		groups, exclude, steps []string
		want                   string // id:group for each job; id! if it has no target, ? if its group is matched only by a glob
	}{
		"one target":                    {want: "s:a t:b"},
		"a selected step":               {steps: []string{"t"}, want: "t:b"},
		"names become one job each":     {groups: []string{"b", "new"}, want: "s[b]:b s[new]:new t:b"},
		"a glob becomes existing names": {groups: []string{"*"}, want: "s[a]:a? s[b]:b? s[c]:c? t:b"},
		"a name that a glob matches":    {groups: []string{"*", "c"}, exclude: []string{"a"}, want: "s[b]:b? s[c]:c t:b"},
		"a glob without a match":        {groups: []string{"z*", "a"}, want: "s[z*]! s[a]:a t:b"},
		"one group of a step":           {groups: []string{"*"}, steps: []string{"s[b]"}, want: "s[b]:b?"},
		"every group of a step":         {groups: []string{"a", "b"}, steps: []string{"s"}, want: "s[a]:a s[b]:b"},
	} {
		t.Run(name, func(t *testing.T) {
			r := plantest.New(t).Open("s a 1\nt b 1")
			if c.groups != nil {
				step := &r.Doc.Steps[0]
				step.Select = []schema.Selection{{Key: "groups", One: "group", Names: c.groups}}
				step.Exclude, step.Target = c.exclude, map[string]any{"topic": "orders"}
			}
			jobs, err := r.Jobs(t.Context(), c.steps)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, j := range jobs {
				switch {
				case j.Target == nil && j.NoTarget != "":
					got = append(got, j.ID+"!")
				case j.ByGlob:
					got = append(got, j.ID+":"+j.Target.Group()+"?")
				default:
					got = append(got, j.ID+":"+j.Target.Group())
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %q, want %q", strings.Join(got, " "), c.want)
			}
		})
	}
}

func TestJobsRefuseAnUnknownStep(t *testing.T) {
	r := plantest.New(t).Open("rewind a 1")
	_, err := r.Jobs(t.Context(), survey.Steps{"rewnd"})
	var unknown *survey.UnknownStep
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), "did you mean rewind?") {
		t.Errorf("got %v", err)
	}
}

// TestReadKeepsTheErrorOfEachTarget reads two targets of a service that fails, and
// again when it is available.
func TestReadKeepsTheErrorOfEachTarget(t *testing.T) {
	rig := plantest.New(t)
	r := rig.Open("s a 1\nt b 1")
	jobs, err := r.Jobs(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	targets := r.ForReading(jobs)
	rig.Service.FailRead(providers.ErrUnavailable)
	err = r.Read(t.Context(), targets)
	if !errors.Is(err, providers.ErrUnavailable) || !strings.Contains(err.Error(), "step s: ") || !strings.Contains(err.Error(), "step t: ") {
		t.Errorf("got %v", err)
	}
	rig.Service.FailRead(nil)
	if err := r.Read(t.Context(), targets); err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		if target.ReadAt.IsZero() || len(target.Snapshot.Parts) != 2 || target.Snapshot.Parts[0].Committed != providers.AtOffset(4) {
			t.Errorf("step %s: got %+v", target.ID, target.Snapshot)
		}
	}
}

func TestPermittedChecksOnlySelectedSteps(t *testing.T) {
	r := plantest.New(t).Open("s a 1")
	r.Connections["m"].Kind = forbidden{r.Connections["m"].Kind}
	if err := r.Permitted([]string{"other"}); err != nil {
		t.Errorf("got %v for a step that is not selected", err)
	}
	for _, steps := range [][]string{nil, {"s"}, {"s[a]"}} {
		if err := r.Permitted(steps); !errors.Is(err, providers.ErrForbidden) {
			t.Errorf("steps %v: got %v", slices.Clone(steps), err)
		}
	}
}

// forbidden is a provider whose connections need a variable that is not permitted.
type forbidden struct{ providers.Provider }

func (forbidden) Connect(providers.Config, providers.Process) (providers.Connection, error) {
	return nil, providers.ErrForbidden
}

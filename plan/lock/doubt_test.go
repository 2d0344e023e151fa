package lock

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

// doubt is a step in doubt, with two parts that no service refused.
func doubt(n int) Step {
	s := step(n, InDoubt)
	s.Parts[1].Error = ""
	s.Parts[0].Seen = providers.Position{}
	return s
}

func TestAStepIsSettledByHand(t *testing.T) {
	undoing := step(1, Applied)
	undoing.Undo = &Undo{Outcome: InDoubt, By: "a@b", At: AtTime(at)}
	again := doubt(2)
	again.ID, again.Outcome = "s1", Verified
	for name, c := range map[string]struct {
		steps   []Step
		applied bool
		want    Outcome
		run     RunOutcome
	}{
		"as applied":                            {[]Step{doubt(1)}, true, Applied, RunApplied},
		"as not applied":                        {[]Step{doubt(1)}, false, Failed, RunFailed},
		"its undo as applied":                   {[]Step{undoing}, true, Undone, RunUndone},
		"its undo as not applied":               {[]Step{undoing}, false, Applied, RunApplied},
		"next to another in doubt":              {[]Step{doubt(1), doubt(3)}, true, Applied, RunInDoubt},
		"next to another digest of the same id": {[]Step{doubt(1), again}, true, Applied, RunApplied},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p.lock.yaml")
			h := open(t, path)
			check(t, h.Begin("once", begun(RunInterrupted)))
			for _, s := range c.steps {
				check(t, h.Record("once", s))
			}
			check(t, h.Finish("once", RunInDoubt, at))
			check(t, h.ResolveDoubt("once", "s1", nil, c.applied, "bob@home", at))
			check(t, h.Close(20))
			f, err := Read(t.Context(), path)
			check(t, err)
			if s := f.Runs["once"].Index().ByDigest(digestOf(1)); s.Outcome != c.want || s.Doubtful() || f.Runs["once"].Outcome != c.run {
				t.Errorf("the step is %s, the run %s; want %s, %s", s.Outcome, f.Runs["once"].Outcome, c.want, c.run)
			}
		})
	}
}

func TestOnlyAStepInDoubtIsSettled(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "p.lock.yaml"))
	check(t, h.Begin("once", begun(RunInterrupted)))
	rewind := step(1, Verified)
	rewind.ID = "rewind-orders"
	check(t, h.Record("once", rewind))
	var wrong *ResolveError
	for id, want := range map[string]string{
		"rewind-orders": "it is verified", "rewind-order": "did you mean rewind-orders?", "zzz": "its steps are rewind-orders",
	} {
		if err := h.ResolveDoubt("once", id, nil, true, "bob@home", at); !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", id, err, want)
		}
	}
	err := h.ResolveDoubt("never", "rewind-orders", nil, true, "bob@home", at)
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "its runs are once") {
		t.Errorf("an unknown run: got %v", err)
	}
	check(t, h.Close(20))
}

// parts are the parts t/n of the given numbers.
func parts(numbers ...int) []providers.Part {
	var out []providers.Part
	for _, n := range numbers {
		out = append(out, providers.Part{Topic: "t", Number: n})
	}
	return out
}

func TestAStepIsSettledPartByPart(t *testing.T) {
	type decision struct {
		parts   []providers.Part
		applied bool
	}
	overwritten := doubt(1)
	overwritten.Outcome = Overwritten
	overwritten.Parts[0].Seen = overwritten.Parts[0].After
	overwritten.Parts[1].Seen = providers.AtOffset(77)
	undoing := step(1, Verified)
	undoing.Undo = &Undo{Outcome: InDoubt, By: "a@b", At: AtTime(at), Parts: doubt(1).Parts}
	refused := doubt(1)
	refused.Parts[1].Error = "REFUSED"
	for name, c := range map[string]struct {
		step      Step
		decisions []decision
		want      Outcome
		errors    string // which parts have an error
		why       string
	}{
		"one of two: it stays in doubt":          {doubt(1), []decision{{parts(0), true}}, InDoubt, "..", "1 of 2 parts are decided"},
		"one not applied: it stays in doubt":     {doubt(1), []decision{{parts(1), false}}, InDoubt, ".x", "1 of 2 parts are decided"},
		"both, one by one":                       {doubt(1), []decision{{parts(0), true}, {parts(1), true}}, Applied, "..", "it was applied"},
		"both in one":                            {doubt(1), []decision{{parts(0, 1), false}}, Failed, "xx", "it was not applied"},
		"some applied":                           {doubt(1), []decision{{parts(0), true}, {nil, false}}, Failed, ".x", "1 of 2 parts were applied"},
		"the last one applied":                   {doubt(1), []decision{{parts(0), false}, {nil, true}}, Failed, "x.", "1 of 2 parts were applied"},
		"a part that was refused":                {refused, []decision{{nil, true}}, Failed, ".x", "1 of 2 parts were applied"},
		"overwritten, settled as applied":        {overwritten, []decision{{nil, true}}, Applied, "..", "it was applied"},
		"overwritten, to be sent again":          {overwritten, []decision{{nil, false}}, Failed, ".x", "1 of 2 parts were applied"},
		"a rollback, of which a part was undone": {undoing, []decision{{parts(0), true}, {parts(1), false}}, Verified, ".x", ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "p.lock.yaml")
			h := open(t, path)
			check(t, h.Begin("once", begun(RunInterrupted)))
			check(t, h.Record("once", c.step))
			for _, d := range c.decisions {
				check(t, h.ResolveDoubt("once", "s1", d.parts, d.applied, "bob@home", at))
			}
			check(t, h.Close(20))
			f, err := Read(t.Context(), path)
			check(t, err)
			s := f.Runs["once"].ByID("s1")
			all := s.Parts
			if s.Undo != nil {
				all = s.Undo.Parts
			}
			errs := ""
			for _, p := range all {
				errs += map[bool]string{true: "x", false: "."}[p.Error != ""]
			}
			if s.Outcome != c.want || errs != c.errors || !strings.Contains(s.Why, c.why) {
				t.Errorf("the step is %s, errors %s, %q", s.Outcome, errs, s.Why)
			}
			if s.Undo != nil && (s.Undo.Outcome != Failed || s.Doubtful()) {
				t.Errorf("the rollback is %s", s.Undo.Outcome)
			}
		})
	}
}

func TestAPartThatIsNotInDoubtIsNotSettled(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "p.lock.yaml"))
	check(t, h.Begin("once", begun(RunInterrupted)))
	check(t, h.Record("once", doubt(1)))
	check(t, h.ResolveDoubt("once", "s1", parts(0), true, "bob@home", at))
	var wrong *ResolveError
	for _, n := range []int{0, 7} {
		if err := h.ResolveDoubt("once", "s1", parts(n), true, "bob@home", at); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "t/1") {
			t.Errorf("part %d: %v", n, err)
		}
	}
	check(t, h.Close(20))
}

func TestTheOutcomeOfARunFollowsFromItsSteps(t *testing.T) {
	partly := step(9, Failed) // one of its parts was moved
	paused := step(9, Verified)
	paused.Paused = &Paused{Doing: Starting}
	unmoved := step(9, Failed)
	unmoved.Parts = nil
	undoing := step(9, Verified)
	undoing.Undo = &Undo{Outcome: InDoubt}
	for name, c := range map[string]struct {
		steps []Step
		want  RunOutcome
	}{
		"nothing":                           {nil, RunApplied},
		"applied":                           {[]Step{step(1, Verified), step(2, Keep), step(3, Applied)}, RunApplied},
		"undone":                            {[]Step{step(1, Undone), step(2, Keep), step(3, NotRun), unmoved}, RunUndone},
		"undone except one":                 {[]Step{step(1, Undone), step(2, Verified)}, RunApplied},
		"undone except a part of one":       {[]Step{step(1, Undone), partly}, RunFailed},
		"undone but still paused":           {[]Step{step(1, Undone), paused}, RunFailed},
		"in doubt wins":                     {[]Step{step(1, Failed), step(2, InDoubt), step(3, Undone)}, RunInDoubt},
		"a rollback in doubt":               {[]Step{step(1, Failed), undoing}, RunInDoubt},
		"overwritten":                       {[]Step{step(1, Verified), step(2, Overwritten)}, RunFailed},
		"refused":                           {[]Step{step(1, Verified), step(2, Refused)}, RunFailed},
		"applied with its consumers paused": {[]Step{paused}, RunFailed},
	} {
		r := &Run{}
		for _, s := range c.steps {
			r.Steps = append(r.Steps, &s)
		}
		if got := r.Sum(); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

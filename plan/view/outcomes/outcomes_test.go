package outcomes

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
)

func number(n int64) *int64 { return &n }

// partly is an apply of which one step was moved, one is in doubt and one was done
// before.
func partly() *Report {
	parts := []plan.Part{{Effect: plan.EffectReplay, Count: number(100), Bound: plan.BoundUpper}, {Effect: plan.EffectUnknown}}
	p := &plan.Plan{Digest: "sha256:1", Steps: []plan.Step{
		{ID: "a", Action: plan.Reset, Parts: parts}, {ID: "b", Action: plan.Reset, Parts: parts}, {ID: "c", Action: plan.Done, Parts: parts},
	}}
	result := &reconcile.Result{Outcome: lock.RunInDoubt, Lock: "p.lock.yaml", Steps: []lock.Step{
		{ID: "a", Outcome: lock.Verified}, {ID: "b", Outcome: lock.InDoubt, Why: "no answer"}, {ID: "c", Outcome: lock.Verified},
	}}
	r := &Report{Plan: "p", Run: "<!channel> \"x\\y\"\n", By: "me@here", Outcome: string(result.Outcome), Error: "step b is in doubt",
		Started: time.Unix(1000, 0), Finished: time.Unix(1007, 500e6)}
	r.Fill(p, result)
	return r
}

// TestOnlyWhatWasAcceptedCounts leaves out steps in doubt, and those of an earlier apply.
func TestOnlyWhatWasAcceptedCounts(t *testing.T) {
	r := partly()
	if r.Moved.Reset != 1 || r.Moved.Replay != 100 || r.Moved.Unknown != 1 || r.Moved.Partitions != 2 {
		t.Errorf("moved: %+v", r.Moved)
	}
	const want = "resetplan: p, run &lt;!channel&gt; \"x\\y\" : in-doubt by me@here. 1 step on 2 partitions: up to 100 records delivered again, " +
		"0 skipped, 0 partitions set. Steps: 2 verified, 1 in-doubt. Step b is in doubt. Lock: p.lock.yaml"
	if r.Text != want {
		t.Errorf("got  %s\nwant %s", r.Text, want)
	}
	body, err := r.JSON()
	var back Report
	if err != nil || json.Unmarshal(body, &back) != nil || back.Text != r.Text || len(back.Steps) != 3 {
		t.Errorf("%v: %s", err, body)
	}
}

// TestAnIdleApplyMovedNothing has every step done before.
func TestAnIdleApplyMovedNothing(t *testing.T) {
	r := &Report{Plan: "p", Run: "once", Outcome: "applied"}
	r.Fill(&plan.Plan{Steps: []plan.Step{{ID: "a", Action: plan.Done}}}, &reconcile.Result{Outcome: lock.RunApplied, Idle: true,
		Steps: []lock.Step{{ID: "a", Outcome: lock.Verified}}})
	if r.Moved.Reset != 0 || !strings.Contains(r.Text, "Nothing to do") {
		t.Errorf("%+v", r)
	}
}

var sample = regexp.MustCompile(`^resetplan_[a-z_]+\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\} [0-9.]+$`)

// TestMetricsHaveTheFormOfOpenMetrics checks each line: a family is described once,
// before its samples, which are together, and the text ends with # EOF. A real parser
// reads it in the integration tests.
func TestMetricsHaveTheFormOfOpenMetrics(t *testing.T) {
	at := func(s int64) *lock.Time { v := lock.AtTime(time.Unix(s, 0)); return &v }
	r := partly()
	text := string(r.Metrics(&lock.File{Runs: map[string]*lock.Run{
		r.Run: {Outcome: lock.RunApplied, Finished: at(500)}, "newer": {Outcome: lock.RunApplied, Finished: at(800)},
		"failed": {Outcome: lock.RunFailed, Finished: at(900)}, "running": {Outcome: lock.RunInterrupted},
	}}))
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if lines[len(lines)-1] != "# EOF" || !strings.HasPrefix(text, MetricsHead) || strings.Count(text, "# EOF") != 1 {
		t.Errorf("it begins or ends otherwise:\n%s", text)
	}
	var described []string
	for _, l := range lines[:len(lines)-1] {
		words := strings.Fields(l)
		switch {
		case strings.HasPrefix(l, "# HELP "):
			if slices.Contains(described, words[2]) {
				t.Errorf("%s is described twice", words[2])
			}
			described = append(described, words[2])
		case strings.HasPrefix(l, "# TYPE "):
			if words[2] != described[len(described)-1] || words[3] != "gauge" {
				t.Errorf("%s follows the help of %s", l, described[len(described)-1])
			}
		case !sample.MatchString(l) || !strings.HasPrefix(l, described[len(described)-1]+"{"):
			t.Errorf("not a sample of %s: %s", described[len(described)-1], l)
		}
	}
	for _, want := range []string{
		`resetplan_run_outcome{plan="p",run="<!channel> \"x\\y\"\n",outcome="in-doubt"} 1`,
		`resetplan_run_duration_seconds{plan="p",run="<!channel> \"x\\y\"\n"} 7.5`,
		`resetplan_run_last_success_timestamp_seconds{plan="p",run="<!channel> \"x\\y\"\n"} 500`,
		`resetplan_last_success_timestamp_seconds{plan="p"} 800`,
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("missing: %s in\n%s", want, text)
		}
	}
}

package doctor

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

func TestProblems(t *testing.T) {
	near := map[providers.Part]string{plantest.Orders(0): "soon"}
	pending := plantest.At(0, 0, 0, 9)
	pending.Committed = providers.Position{}
	for name, c := range map[string]struct {
		snapshot providers.Snapshot
		near     map[providers.Part]string
		want     string // part=kind:heal:gone for each finding
	}{
		"inside the log":                   {snapshot: plantest.Idle(plantest.At(0, 5, 5, 9), plantest.At(1, 5, 9, 9)), want: ""},
		"no commit on one part":            {snapshot: plantest.Idle(plantest.At(0, 5, 7, 9), plantest.At(1, 5, -1, 9)), want: ""},
		"unknown because of a transaction": {snapshot: plantest.Idle(pending), want: ""},
		"below low":                        {snapshot: plantest.Idle(plantest.At(0, 5, 3, 9)), want: "orders/0=below-low:offset:5:2"},
		"beyond high":                      {snapshot: plantest.Idle(plantest.At(0, 5, 10, 9)), want: "orders/0=beyond-high:offset:9"},
		"negative": {snapshot: plantest.Idle(providers.PartReading{Part: plantest.Orders(0), Low: providers.AtOffset(5),
			High: providers.AtOffset(9), Committed: providers.AtOffset(-1)}), want: "orders/0=negative:offset:5"},
		"near retention is not healed": {snapshot: plantest.Idle(plantest.At(0, 5, 6, 9)), near: near,
			want: "orders/0=near-retention:unknown"},
		"a commit on a partition that no longer exists": {snapshot: providers.Snapshot{GroupState: providers.Committed,
			Orphans: []providers.PartReading{{Part: plantest.Orders(7), Committed: providers.AtOffset(3)}}}, want: "orders/7=vanished:unknown"},
		"a group without commits": {snapshot: providers.Snapshot{GroupState: providers.Blank,
			Parts: []providers.PartReading{plantest.At(0, 5, -1, 9)}}, want: "=no-commit:unknown"},
		"a missing group": {snapshot: providers.Snapshot{GroupState: providers.Absent}, want: "=no-commit:unknown"},
		"an unknown group state": {snapshot: providers.Snapshot{Parts: []providers.PartReading{plantest.At(0, 5, 3, 9)}},
			want: "orders/0=below-low:offset:5:2"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range problems(providers.Order{}, c.snapshot, c.near) {
				word := fmt.Sprintf("%s=%s:%s", f.Part, f.Kind, f.Heal)
				if f.Gone != nil {
					word += fmt.Sprintf(":%d", *f.Gone)
				}
				got = append(got, word)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}

func TestCursorsAreExaminedByTheOrderOfTheService(t *testing.T) {
	byLength := func(cursor string) (int64, bool) { return int64(len(cursor)), true }
	low, high, committed := providers.AtCursor("aaa"), providers.AtCursor("aaaaa"), providers.AtCursor("a")
	s := plantest.Idle(providers.PartReading{Part: providers.Part{Topic: "shard"}, Low: low, High: high, Committed: committed})
	got := problems(providers.Order{Number: byLength}, s, nil)
	if len(got) != 1 || got[0].Kind != BelowLow || got[0].Heal != low || got[0].Gone == nil || *got[0].Gone != 2 ||
		!maps.Equal(got[0].FromLow, map[providers.Position]int64{low: 0, high: 2, committed: -2}) {
		t.Errorf("got %+v", got)
	}
	if got := problems(providers.Order{}, s, nil); len(got) != 0 {
		t.Errorf("without an order: got %+v", got)
	}
}

func TestOvertaken(t *testing.T) {
	day := 24 * time.Hour
	limits := func(age time.Duration, bytes int64) *providers.Retention {
		return &providers.Retention{Age: age, Bytes: bytes}
	}
	for name, c := range map[string]struct {
		reading   providers.PartReading
		retention *providers.Retention
		age       time.Duration // of the record at the position; 0 = unknown
		first     int64         // the position furthest behind on the partition
		want      string        // contained in the result; "" = safe
	}{
		"young enough": {plantest.At(0, 0, 5, 1000), limits(10*day, 0), 5 * day, 5, ""},
		"in the last tenth of the retention time": {plantest.At(0, 0, 5, 1000), limits(10*day, 0), 9*day + 12*time.Hour, 5,
			"may be deleted in 12h"},
		"older than the retention time":                {plantest.At(0, 0, 5, 1000), limits(10*day, 0), 11 * day, 5, "may be deleted in 0s"},
		"age decides, not distance":                    {plantest.At(0, 500, 505, 1000), limits(10*day, 0), 5 * day, 505, ""},
		"safe because the position furthest behind is": {plantest.At(0, 500, 510, 1000), limits(10*day, 0), 5 * day, 505, ""},
		"distance decides if that one is not safe":     {plantest.At(0, 500, 510, 1000), limits(10*day, 0), 11 * day, 505, "10 positions before it"},
		"far from the start of the log":                {plantest.At(0, 500, 900, 1000), limits(10*day, 0), 11 * day, 505, ""},
		"retention deletes nothing":                    {plantest.At(0, 500, 505, 1000), limits(0, 0), 0, 505, ""},
		"limited by size": {plantest.At(0, 500, 505, 1000), limits(0, 1), 0, 505,
			"retention has deleted up to offset:500, 5 positions before it"},
		"limited by size, but far": {plantest.At(0, 500, 550, 1000), limits(0, 1), 0, 550, ""},
		"limited by both":          {plantest.At(0, 500, 505, 1000), limits(10*day, 1), 5 * day, 505, "5 positions"},
		"unknown retention":        {plantest.At(0, 500, 505, 1000), nil, 0, 505, "5 positions"},
		"nothing deleted yet":      {plantest.At(0, 0, 5, 1000), nil, 0, 5, ""},
	} {
		t.Run(name, func(t *testing.T) {
			size := providers.PartSize{Part: plantest.Orders(0), Retention: c.retention}
			if c.age > 0 {
				size.Oldest = plantest.Now.Add(-c.age)
			}
			w := &survey.Target{Job: &survey.Job{Step: &schema.Step{}}, Case: decide.Case{Question: decide.Question{Step: &schema.Step{}}},
				Sizes: survey.Sizes{size}}
			got := laggard{w, c.reading}.overtaken(laggard{w, plantest.At(0, 0, c.first, 1000)}, plantest.Now, 10)
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestDiagnosisReportsWhatNoPlanCanRepair(t *testing.T) {
	r := plantest.New(t)
	r.Caps.Notes["offsets"] = providers.Note{Fact: "memory accepts only a time"}
	r.Service.Truncate(plantest.Orders(1), 5)
	reader := r.OpenByTime("s a 1")
	d, err := Diagnose(t.Context(), reader, nil, Options{Near: 10})
	if err != nil || d.Healthy || d.Healable != 0 || d.Found[BelowLow] != 1 || d.Healing() != nil {
		t.Fatalf("%+v %v", d, err)
	}
	if p := d.Patients[0]; !strings.Contains(p.Note, "memory accepts only a time") || !p.Findings[0].Heal.IsZero() {
		t.Errorf("%+v", p)
	}
}

func TestDoctorRefusesTargetsThatItCannotCheck(t *testing.T) {
	r := plantest.New(t)
	r.Caps.Reads = providers.No
	_, err := Diagnose(t.Context(), r.Open("s a 1"), nil, Options{})
	var blind *Blind
	if !errors.As(err, &blind) || len(blind.Types) != 1 {
		t.Fatalf("%v", err)
	}
}

// TestATargetThatTheServiceCannotReportSaysWhy: its service reports others.
func TestATargetThatTheServiceCannotReportSaysWhy(t *testing.T) {
	r := plantest.New(t)
	r.Service.FailRead(providers.ErrUnsupported)
	_, err := Diagnose(t.Context(), r.Open("x a 0"), nil, Options{})
	var blind *Blind
	if !errors.As(err, &blind) || len(blind.Unsupported) != 1 || !strings.Contains(err.Error(), "nothing can be checked: x: ") ||
		strings.Contains(err.Error(), "no committed positions") {
		t.Errorf("got %v", err)
	}
}

package term

import (
	"bytes"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
	"github.com/resetplan/resetplan/providers"
)

func TestLockShowsTheOutcomeOfEachPart(t *testing.T) {
	when := time.Date(2026, 11, 20, 3, 0, 5, 0, time.UTC)
	part := func(n int, before, after int64) lock.Part {
		return lock.Part{
			Part: providers.Part{Topic: "orders", Number: n}, Before: viewtest.At(before), After: viewtest.At(after), Seen: viewtest.At(after),
		}
	}
	elsewhere, refused, settled := part(1, 20, 8), part(2, 1200, 800), part(10, 5, 4)
	elsewhere.Seen, refused.Error, settled.DecidedBy = viewtest.At(222), "settled as not applied by bob@home", "bob@home"
	undone := lock.Step{
		ID: "b", Address: "kafka:b/g/t", Outcome: lock.Undone, At: lock.AtTime(when),
		Undo: &lock.Undo{Outcome: lock.Verified, By: "bob@home", At: lock.AtTime(when), Parts: []lock.Part{part(0, 8, 20)}},
	}
	paused := lock.Step{
		ID: "c", Address: "enos-pipeline:x/y", Outcome: lock.Failed, At: lock.AtTime(when),
		Paused:   &lock.Paused{Doing: lock.Starting, By: "alice@build-7", Since: lock.AtTime(when), Why: "no answer"},
		Parts:    []lock.Part{{After: providers.At(providers.Default)}},
		Evidence: &lock.Evidence{Before: lock.Sum{Offset: 2400, At: lock.AtTime(when), Topic: "points"}},
	}
	f := &lock.File{Version: 1, Plan: "p", Runs: map[string]*lock.Run{
		"gone": {By: "a@b", Started: lock.AtTime(when), Finished: &lock.Time{Time: when}, Outcome: lock.RunApplied, Sequence: 1,
			Steps: []*lock.Step{&undone}},
		"once": {By: "a@b", Started: lock.AtTime(when), Outcome: lock.RunInDoubt, Sequence: 2, Steps: []*lock.Step{
			{
				ID: "a", Address: "kafka:b/g/t", Outcome: lock.Overwritten, At: lock.AtTime(when), Why: "another client committed",
				Parts: []lock.Part{part(0, 20, 8), elsewhere, refused, settled},
			}, &paused,
		}},
	}}
	const want = `p: 2 runs

once  in-doubt
  by a@b at 2026-11-20T03:00:05Z
  overwritten  a
    kafka:b/g/t
    Overwritten: another client committed. It will not be sent again until you decide with
    ` + "`resetplan lock settle FILE a applied` or `not-applied`" + `.
    orders/0   offset:20   -> offset:8
    orders/1   offset:20   -> offset:8  read back at offset:222
    orders/2   offset:1200 -> offset:800  not applied: settled as not applied by bob@home
    orders/10  offset:5    -> offset:4  settled as applied by bob@home
  failed  c
    enos-pipeline:x/y
    Its consumers are paused by alice@build-7 since 2026-11-20T03:00:05Z (no answer); the next apply
    will restart them, or ` + "`resetplan resume FILE`" + `.
    Offset 2,400 before the pause, nothing newer after the start.
    (whole target)  unknown -> default

gone  undone
  by a@b at 2026-11-20T03:00:05Z
  undone  b
    kafka:b/g/t
    rollback: verified, by bob@home at 2026-11-20T03:00:05Z
    orders/0  offset:8 -> offset:20
`
	var out bytes.Buffer
	if err := Lock(&out, f, view.Options{}); err != nil || out.String() != want {
		t.Errorf("got %v\n%s", err, out.String())
	}
}

func TestLockOmitsTheManyPartsOfAStep(t *testing.T) {
	s := lock.Step{ID: "a", Outcome: lock.Verified}
	for n := range 50 {
		s.Parts = append(s.Parts, lock.Part{Part: providers.Part{Topic: "t", Number: n}, Before: viewtest.At(int64(2 + n)), After: viewtest.At(1)})
	}
	f := &lock.File{Runs: map[string]*lock.Run{"once": {Steps: []*lock.Step{&s}}}}
	for wide, want := range map[bool]int{false: 5 + 20 + 1, true: 5 + 50} {
		var out bytes.Buffer
		if err := Lock(&out, f, view.Options{Wide: wide}); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != want {
			t.Errorf("wide: %v: got %v\n%s", wide, err, out.String())
		}
	}
}

// TestLockFoldsEqualParts has two topics, a part that differs and one with a remark.
func TestLockFoldsEqualParts(t *testing.T) {
	s := lock.Step{ID: "a", Outcome: lock.Failed}
	for n := range 10 {
		p := lock.Part{Part: providers.Part{Topic: "t", Number: n}, Before: viewtest.At(2), After: viewtest.At(1), Seen: viewtest.At(1)}
		switch n {
		case 4:
			p.Before = viewtest.At(3)
		case 6:
			p.Error = "refused"
		case 8, 9:
			p.Part = providers.Part{Topic: "u", Number: n}
		}
		s.Parts = append(s.Parts, p)
	}
	f := &lock.File{Runs: map[string]*lock.Run{"once": {Steps: []*lock.Step{&s}}}}
	for wide, want := range map[bool]string{false: `    t/0-3  offset:2 -> offset:1
    t/4    offset:3 -> offset:1
    t/5    offset:2 -> offset:1
    t/6    offset:2 -> offset:1  not applied: refused
    t/7    offset:2 -> offset:1
    u/8-9  offset:2 -> offset:1
`, true: `    t/0  offset:2 -> offset:1
    t/1  offset:2 -> offset:1
    t/2  offset:2 -> offset:1
`} {
		var out bytes.Buffer
		if err := Lock(&out, f, view.Options{Wide: wide}); err != nil || !bytes.Contains(out.Bytes(), []byte(want)) {
			t.Errorf("wide: %v: got %v\n%s", wide, err, out.String())
		}
	}
}

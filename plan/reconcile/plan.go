// Package reconcile acts: it makes a plan of a document and of what its services
// report, applies it, rolls a run back, and compares a run with the present.
//
// Plan, PlanUndo and Resume return a Prepared value: the plan, which is data, with
// the targets behind its steps. Apply sends the positions of that plan and decides
// only whether they may still be sent.
//
// The invariant: nothing else in this program moves anything, and each change (a
// reset, a pause, a start) is in the lock before it is sent and is concluded by a
// reading. The package decides no policy (package decide does), prints nothing and
// reads no clock but the one that it is given.
//
// The package has more than 15 files because all phases of an apply share its state:
// apply.go opens the lock, schedule.go orders the steps, wait.go, send.go, pause.go,
// verify.go and evidence.go send one, replay.go and endreplay.go follow it, and undo.go
// rolls them back.
//
// Plan, Apply, Selection, ApplyOptions, Prepared and Result are stable; all other
// names may change in any release (docs/ARCHITECTURE.md, Go API).
package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/impact"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers/cores"
)

// Plan reads the present positions and the lock, and returns what an apply would
// do. It changes nothing. Steps that cannot be read are part of the plan; the error
// is set if none could be read and none is in doubt.
func Plan(ctx context.Context, r *survey.Reader, sel Selection) (*Prepared, error) {
	record, holder, err := readLock(ctx, sel.Lock, sel.RunKey())
	if err != nil {
		return nil, err
	}
	if err := ownLock(record, r.Doc.Name, sel); err != nil {
		return nil, err
	}
	jobs, err := r.Jobs(ctx, sel.Steps)
	if err != nil {
		return nil, err
	}
	r.Identify(ctx, jobs)
	all, err := newTargets(ctx, r, jobs, sel, record)
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		t.Question.Holder = holder
	}
	p, err := assemble(ctx, r, sel, all, false)
	if err == nil {
		p.prepare(record, all, sel)
		p.findLeftReplays(ctx, r, record, len(sel.Steps) > 0)
	}
	return p, err
}

// prepare adds the lock's approvals and paused consumers to the plan.
func (p *Prepared) prepare(record *lock.File, all []*survey.Target, sel Selection) {
	if !sel.ShownOnly {
		p.record = record
	}
	p.inputs = p.InputsDigest()
	if run := record.Runs[p.Run]; run != nil {
		p.approvals = run.Approvals
	}
	p.LeftPaused = leftPaused(record, all)
}

// assemble reads the targets, decides each step and sums up.
func assemble(ctx context.Context, r *survey.Reader, sel Selection, all []*survey.Target, undo bool) (*Prepared, error) {
	for _, t := range all {
		t.Bytes, t.LowTime = sel.Impact, sel.Ages || sel.Impact && !t.Question.ByTime()
	}
	if err := r.ReadToDecide(ctx, all); err != nil {
		return nil, err
	}
	p := &Prepared{targets: all, workloads: r.Deps.Workloads, Plan: &plan.Plan{
		FormatVersion: plan.FormatVersion, Name: r.Doc.Name, Run: sel.RunKey(), Undo: undo, Document: r.Doc.Digest,
		CreatedAt: r.Deps.Process.Now().UTC().Truncate(time.Millisecond), Description: r.Doc.Description, Labels: r.Doc.Labels,
		Params: r.Doc.Values, CreatedBy: r.Deps.By, Steps: []plan.Step{},
	}}
	p.decide(all, sel)
	p.blockOverlaps()
	if err := unreadable(p.Steps, all); err != nil {
		return nil, err
	}
	p.Summary = plan.Summarise(p.Steps)
	p.Digest = plan.ReviewDigest(p.Plan, p.effects)
	if sel.Ages {
		impact.Retention(ctx, r, p.Plan, all)
	}
	for i, t := range all {
		switch {
		case p.Steps[i].Action != plan.Reset:
			p.Steps[i].Impact = nil
		case sel.Impact && sel.Ages:
			impact.AddRetention(t, &p.Steps[i])
		}
		t.Planned = p.Steps[i]
	}
	return p, nil
}

// decide decides each step, and adds its impact and its effect digest.
func (p *Prepared) decide(all []*survey.Target, sel Selection) {
	p.Steps, p.effects = make([]plan.Step, len(all)), make([]string, len(all))
	cores.Runs(len(all), func(from, to int) {
		var room *decide.Room
		for i := from; i < to; i++ {
			t, s := all[i], &p.Steps[i]
			if room == nil && sel.PartsLater != nil {
				room = &decide.Room{}
			}
			t.Loaded(func() {
				t.DecideIn(room)
				if *s = t.Now; sel.Impact {
					s.Impact = impact.Of(t, s)
				}
				p.effects[i] = t.EffectDigest(s)
			})
			if sel.PartsLater != nil && sel.PartsLater(s) {
				s.LoadPartsLater(partsOf(t))
				t.Now.Parts = nil
			} else if room = nil; sel.ShownOnly { // the parts of the step stay in the room
				t.Snapshot.Parts, t.Snapshot.Load = nil, nil
			}
			t.Planned = *s
		}
	})
}

// partsOf returns a function that decides the parts of a target's step again.
func partsOf(t *survey.Target) func() []plan.Part {
	question, snapshot := t.Question, t.Snapshot
	return func() []plan.Part {
		c := decide.Case{Question: question, Snapshot: snapshot}
		c.Decide()
		return c.Now.Parts
	}
}

// effectDigests returns the effect digest of each step.
func effectDigests(steps []plan.Step, all []*survey.Target) []string {
	digests := make([]string, len(all))
	cores.Each(len(all), func(i int) { digests[i] = effectDigest(all[i], steps[i]) })
	return digests
}

func effectDigest(t *survey.Target, s plan.Step) string {
	s.Parts = s.AllParts()
	return t.EffectDigest(&s)
}

// unreadable returns the errors of the steps if no step could be read and none
// needs a decision: then there is nothing to show.
func unreadable(steps []plan.Step, all []*survey.Target) error {
	var causes []error
	ids := map[string][]string{}
	for i, s := range steps {
		if s.Error == "" || s.InDoubt || s.Overwritten || s.Paused != "" {
			return nil
		}
		err := all[i].Snapshot.Err
		if ids[err.Error()] == nil {
			causes = append(causes, err)
		}
		ids[err.Error()] = append(ids[err.Error()], s.ID)
	}
	for i, err := range causes {
		names := ids[err.Error()]
		if causes[i] = fmt.Errorf("%s: %w", plan.StepNames(names), err); len(names) == 1 {
			causes[i] = &plan.StepError{Step: names[0], Err: err}
		}
	}
	return errors.Join(causes...)
}

// Estimate adds the time to catch up to the impact of each step that resets, and
// whether retention overtakes the consumers. With a sample it waits that long and
// reads again; the plan keeps the positions of its own reading. It changes nothing
// on the services.
func Estimate(ctx context.Context, r *survey.Reader, p *Prepared, e impact.Estimate) error {
	return impact.AddCatchUp(ctx, r, p.Plan, p.targets, e)
}

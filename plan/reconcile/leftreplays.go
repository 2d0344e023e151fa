package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema"
)

// A replay belongs to the request with which it began: a step of the document, in a run. If
// the step was removed or changed, no apply continues the replay. The plan reports such a
// replay until its step is restored, or until the replay is ended by a person or by another
// reset of its target.

// A leftReplay is a replay that is not over and that no apply of the document continues.
type leftReplay struct {
	run, digest string
	text        string
}

// findLeftReplays finds the replays that no apply of the document continues. partly means
// that the plan does not have every step of the document.
func (p *Prepared) findLeftReplays(ctx context.Context, r *survey.Reader, record *lock.File, partly bool) {
	for _, one := range record.Replays() {
		run := record.Runs[one.Run].Index()
		covered := func(t *survey.Target) bool {
			ownUndo := p.Undo && one.Run == p.Run && t.Question.Digest == one.Step.Digest
			return ownUndo || t.Question.Unfinished != "" && t.Is(&one.Step) || continues(t.Job, &one.Step, run)
		}
		if slices.ContainsFunc(p.targets, covered) {
			continue
		}
		j := jobOf(ctx, r, &one.Step)
		if partly && j != nil && continues(j, &one.Step, run) {
			continue
		}
		what := leftReplayText(one, j != nil, r.Doc.File)
		p.leftReplays = append(p.leftReplays, leftReplay{one.Run, one.Step.Digest, what})
		p.LeftReplaying = append(p.LeftReplaying, what)
	}
}

// continues reports whether an apply of a job continues the replay of a recorded step, or
// may do so: a service that cannot be read hides what the job is.
func continues(j *survey.Job, s *lock.Step, run lock.Index) bool {
	switch {
	case j.Target == nil:
		return j.Unread != nil && survey.IsStepOrTarget(j.Step.ID, s.ID)
	case j.Unread != nil && j.Address() == s.Address:
		return true
	}
	record := j.RecordFor(run)
	return record != nil && record.Digest == s.Digest
}

// leftReplayText describes a replay that no apply continues. changed means that the
// document has a step for its target.
func leftReplayText(one lock.PausedStep, changed bool, file string) string {
	s := &one.Step
	consumers := "No consumers are recorded as stopped for it."
	if s.Paused != nil {
		consumers = fmt.Sprintf("Its consumers are %s: `resetplan resume` starts them.", s.Paused.What())
	}
	return fmt.Sprintf("step %s of run %s (until %s, then: %s): %s. %s %s. %s", s.ID, one.Run, plan.PassedText(s.Replay.Until), s.Replay.Then,
		decide.ReplayPhaseText(s.Replay), consumers, strings.TrimSuffix(noStepFor(s, changed), "."), leftReplayRemedy(one, file))
}

// noStepFor is why no apply continues the replay of a step.
func noStepFor(s *lock.Step, changed bool) string {
	if changed {
		return "The plan has changed the step since"
	}
	return "The plan no longer has a step for " + s.Address
}

func leftReplayRemedy(one lock.PausedStep, file string) string {
	again := "apply"
	if one.Run != schema.DefaultRun {
		again = "apply with --run " + text.ShellWord(one.Run)
	}
	return fmt.Sprintf("Restore the step and %s, or end the replay with %s.", again, plan.EndReplayCommand(cmp.Or(file, "FILE"), one.Run, one.Step.ID))
}

// leftReplaying adds the replays that no apply continues to the error of an apply.
func (a *apply) leftReplaying(err error) error {
	reason := ""
	for _, one := range a.plan.leftReplays {
		if a.held.Recorded(one.run, one.digest).InReplay() {
			reason = strings.TrimPrefix(reason+"; a replay is not over, and no apply of this plan continues it: "+one.text, "; ")
		}
	}
	if reason == "" {
		return err
	}
	return alsoUnfinished(err, reason)
}

// alsoUnfinished adds something that an apply leaves unfinished to its error.
func alsoUnfinished(err error, reason string) error {
	if err != nil {
		reason = err.Error() + "; " + reason
	}
	if errors.Is(err, ErrInterrupted) {
		return fmt.Errorf("%w: %s", ErrInterrupted, strings.TrimPrefix(reason, ErrInterrupted.Error()+": "))
	}
	return &plan.Incomplete{Reason: reason, Err: err}
}

// earlierReplays returns the replays that a step of this apply ends if it resets their
// target again: those that no step of this apply continues.
func (a *apply) earlierReplays() []lock.PausedStep {
	if a.plan.Undo {
		return nil
	}
	return slices.DeleteFunc(a.held.File().Replays(), func(one lock.PausedStep) bool {
		return one.Run == a.plan.Run && slices.ContainsFunc(a.targets, func(t *survey.Target) bool { return t.Question.Digest == one.Step.Digest })
	})
}

// supersede ends the replays that other requests began on the target of a step that was
// applied. What they had to do then is not done: the plan has warned of it.
func (a *apply) supersede(t *survey.Target, h *halt, e ending) ending {
	if len(a.earlier) == 0 || !e.outcome.Done() {
		return e
	}
	if h != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
	}
	for _, one := range a.earlier {
		s := a.held.Step(one.Run, one.Step.Digest)
		if !t.Is(&one.Step) || !s.InReplay() {
			continue
		}
		s.Abandon(fmt.Sprintf("step %s of run %s has reset its target again", t.ID, a.plan.Run), a.r.Deps.By, lock.AtTime(a.r.Deps.Process.Now()))
		if err := a.held.Record(one.Run, *s); err != nil {
			e.err = errors.Join(e.err, fmt.Errorf("the end of the replay of step %s of run %s could not be recorded: %w", s.ID, one.Run, err))
		}
	}
	return e
}

// finishEarlier records the outcomes of the other runs whose replays this apply has ended.
func (a *apply) finishEarlier() error {
	var errs []error
	for _, one := range a.earlier {
		run := a.held.File().Runs[one.Run]
		if one.Run != a.plan.Run && run.Finished != nil && run.Sum() != run.Outcome {
			errs = append(errs, a.held.Finish(one.Run, run.Sum(), run.Finished.Time))
		}
	}
	return errors.Join(errs...)
}

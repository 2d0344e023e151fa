package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/track"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A replay follows the reset of a step with `until`. What its consumers have to pass is
// recorded with the reset, and each later phase before it begins, so that a new apply
// continues where an earlier one has ended. What ends a replay is in endreplay.go.

// replayOf returns what follows the reset of a step, nil if nothing does.
func (a *apply) replayOf(t *survey.Target, step *plan.Step) *lock.Replay {
	if step.Until == "" || a.plan.Undo {
		return nil
	}
	return &lock.Replay{Doing: lock.Replaying, Until: step.Until, Then: step.Then, By: a.r.Deps.By, Since: lock.AtTime(a.r.Deps.Process.Now()),
		Bounds: t.Bounds(step), Former: t.Former(step)}
}

// inReplay reports whether a step was applied and its replay is not over.
func (a *apply) inReplay(t *survey.Target) bool {
	return !a.plan.Undo && a.held.Recorded(a.plan.Run, t.Question.Digest).InReplay()
}

// endsReplay reports whether an earlier apply was interrupted while it stopped the
// consumers of a step at the end of its replay.
func (a *apply) endsReplay(t *survey.Target) bool {
	return !a.plan.Undo && a.held.Recorded(a.plan.Run, t.Question.Digest).EndsReplay()
}

// enter records that the replay of a step enters a phase.
func (a *apply) enter(t *survey.Target, doing lock.ReplayPhase) error {
	s := a.held.Step(a.plan.Run, t.Question.Digest)
	if s.Replay.Doing == doing {
		return nil
	}
	a.setPhase(s, doing)
	if doing == lock.Stopping { // from here on they may not go back before what they have passed
		s.Replay.Bounds = decide.CapAtEnd(t.Conn.Caps.Order, s.Replay.Bounds, t.Snapshot.Parts)
	}
	if err := a.held.Record(a.plan.Run, *s); err != nil {
		return fmt.Errorf("the phase %s of its replay could not be recorded: %w", doing, err)
	}
	t.Question.Record = s
	return nil
}

func (a *apply) setPhase(s *lock.Step, doing lock.ReplayPhase) {
	s.Replay = s.Replay.WithPhase(doing, a.r.Deps.By, lock.AtTime(a.r.Deps.Process.Now()))
}

// A follower is a step whose replay is watched.
type follower struct {
	t       *survey.Target
	reading *survey.Target // the same, only to be read
	tracker *track.Tracker
	left    func() time.Duration // of its limit; nil = it has none
}

// A party is steps whose replays end together, because they share the consumers that are
// stopped then; or one step.
type party struct {
	halt    *halt // nil = its consumers are not stopped
	members []*follower
}

// parties divides steps by the consumers that are stopped at the end of their replays.
func (a *apply) parties(all []*survey.Target) (out []*party) {
	shared := map[string]*party{}
	for _, t := range all {
		s := a.held.Step(a.plan.Run, t.Question.Digest)
		t.Question.Record = s
		f, key := a.follower(t), haltKey(t)
		if !schema.Then(s.Replay.Then).Stops() || key == "" {
			out = append(out, &party{members: []*follower{f}})
			continue
		}
		if shared[key] == nil {
			shared[key] = &party{halt: a.halts[key]}
			out = append(out, shared[key])
		}
		shared[key].members = append(shared[key].members, f)
	}
	return out
}

// follower returns what is known of a step whose replay is watched.
func (a *apply) follower(t *survey.Target) *follower {
	f := a.followers[t]
	if f == nil {
		f = &follower{t: t, reading: a.r.ForReading([]*survey.Job{t.Job})[0],
			tracker: &track.Tracker{Caps: t.Conn.Caps, Placer: t.Question.Placer()}}
		f.reading.Question.Record = t.Question.Record // whose parts are read, too
		if within := t.Step.Until.Within; within > 0 {
			f.left = a.countdown(within)
		}
		if a.followers == nil {
			a.followers = map[*survey.Target]*follower{}
		}
		a.followers[t] = f
	}
	f.tracker.Renew(t.Question.Record)
	return f
}

// follow watches the replays of steps until one of them is over, and ends it. It returns
// the steps that have ended.
func (a *apply) follow(ctx context.Context, all []*survey.Target) (over []ending) {
	parties := a.parties(all)
	for {
		if a.stopped(ctx) {
			return a.leave(all)
		}
		if a.read(ctx, parties); ctx.Err() != nil {
			return a.leave(all)
		}
		if over := a.lost(ctx, all); over != nil {
			return over
		}
		for _, p := range parties {
			switch passed, failed := a.look(p); {
			case failed != nil:
				over = append(over, failed...)
			case passed:
				over = append(over, a.endReplay(ctx, p)...)
			}
		}
		if over != nil {
			return over
		}
		if err := a.sleep(ctx, pollEvery, "the replay"); err != nil {
			return a.leave(all)
		}
	}
}

// read reads the steps of all parties. Each snapshot has its error.
func (a *apply) read(ctx context.Context, parties []*party) {
	var all []*survey.Target
	for _, p := range parties {
		for _, f := range p.members {
			all = append(all, f.reading)
		}
	}
	_ = a.r.Read(ctx, all)
	for _, p := range parties {
		for _, f := range p.members {
			f.t.Snapshot, f.t.ReadAt = f.reading.Snapshot, f.reading.ReadAt
		}
	}
}

// lost ends all steps if another apply has taken over the lock: it continues the replays.
func (a *apply) lost(ctx context.Context, all []*survey.Target) (over []ending) {
	_, free, err := a.held.Sending(ctx)
	if err == nil {
		free()
		return nil
	}
	for _, t := range all {
		over = append(over, ending{t, t.Question.Record.Outcome, unfinished("its replay is not watched any more: %w", err)})
	}
	return over
}

// leave ends steps on request. Their consumers go on, and the lock has the phase.
func (a *apply) leave(all []*survey.Target) (over []ending) {
	for _, t := range all {
		over = append(over, ending{t, t.Question.Record.Outcome, fmt.Errorf("%w during its replay; the next apply continues to watch it", ErrInterrupted)})
	}
	return over
}

// look judges the newest reading of steps that end together: whether all have passed
// their bounds, or why one of them will not.
func (a *apply) look(p *party) (passed bool, failed []ending) {
	passed = true
	for i, f := range p.members {
		one, err := a.lookAt(f)
		if err == nil {
			passed = passed && one
			continue
		}
		for j, other := range p.members {
			why := err
			if j != i {
				why = unfinished("its replay ends with that of step %s, which shares its consumers", f.t.ID)
			}
			failed = append(failed, ending{other.t, a.held.Recorded(a.plan.Run, other.t.Question.Digest).Outcome, why})
		}
		return false, failed
	}
	return passed, nil
}

func unfinished(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &plan.Incomplete{Reason: err.Error(), Err: err}
}

// lookAt judges the newest reading of one step.
func (a *apply) lookAt(f *follower) (passed bool, err error) {
	t, r := f.t, f.t.Question.Record.Replay
	if r.Doing != lock.Replaying {
		return true, nil // it was seen before
	}
	over := f.left != nil && f.left() <= 0
	if err := t.Snapshot.Err; errors.Is(err, providers.ErrDenied) {
		return false, unfinished("its replay cannot be watched: %w", err)
	} else if err != nil {
		a.waitText(t, "the replay could not be read and is read again: "+err.Error())
		return false, a.limit(t, over, nil)
	}
	now := f.tracker.Add(track.Reading{At: t.ReadAt, Snap: t.Snapshot}, false)
	if now.Failure == track.Overwritten {
		return false, a.overwritten(t, now.Overwritten)
	}
	if gone := decide.Gone(t.Question.Record, t.Snapshot.Parts); gone != "" {
		return false, a.overwritten(t, gone)
	}
	left := decide.Unpassed(t.Conn.Caps.Order, r.Bounds, t.Snapshot.Parts)
	switch {
	case !now.Settled:
		a.waitText(t, "the reset is not visible yet; its replay begins when it is")
	case len(left) == 0:
		return true, nil
	default:
		a.waitText(t, replayText(r, left, t, now))
	}
	return false, a.limit(t, over, left)
}

func (a *apply) waitText(t *survey.Target, text string) {
	a.r.Report(survey.Event{Step: t.ID, Kind: survey.Waiting, Text: text})
}

// limit ends a step whose limit is over.
func (a *apply) limit(t *survey.Target, over bool, left []decide.Remainder) error {
	if !over {
		return nil
	}
	where := ""
	if len(left) > 0 {
		where = ": " + plan.PartRanges(decide.PartsOf(left)) + " not passed yet"
	}
	return unfinished("after %s its replay is not over%s. Run apply again to continue to watch it", text.Span(t.Step.Until.Within), where)
}

// overwritten records that another client has committed over a step during its replay.
func (a *apply) overwritten(t *survey.Target, why string) error {
	s := a.held.Step(a.plan.Run, t.Question.Digest)
	s.Outcome, s.At, s.Why = lock.Overwritten, lock.AtTime(a.r.Deps.Process.Now()), "during its replay, "+why
	a.setPhase(s, lock.Replaying) // if it is settled as applied, the end of the replay is watched again
	if err := a.held.Record(a.plan.Run, *s); err != nil {
		return fmt.Errorf("%s; the outcome could not be recorded: %w", s.Why, err)
	}
	t.Question.Record = s
	return unfinished("%s", s.Why)
}

// replayText describes how far the consumers of a step are from the end of its replay.
func replayText(r *lock.Replay, left []decide.Remainder, t *survey.Target, now track.StepProgress) string {
	out := fmt.Sprintf("replaying until %s: %s", plan.PassedText(r.Until), decide.RemainderText(left, len(r.Bounds), t.Conn.Caps.Unit))
	switch {
	case t.Conn.Caps.Activity == providers.Exact && t.Snapshot.Activity.State == providers.Idle:
		out += "; no consumer is active"
	case now.Rate != nil && *now.Rate > 0:
		out += fmt.Sprintf("; %s/s", text.Grouped(int64(*now.Rate)))
	}
	return out
}

package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// A Status compares the recorded positions with the present ones.
type Status struct {
	Name     string          `json:"plan"`
	Run      string          `json:"run"`
	Outcome  lock.RunOutcome `json:"outcome,omitempty"` // "" = the run is not in the lock
	By       string          `json:"by,omitempty"`
	Started  *time.Time      `json:"started,omitempty"`
	Finished *time.Time      `json:"finished,omitempty"`
	Drifted  bool            `json:"drifted"` // some position differs from the recorded one
	Steps    []StatusStep    `json:"steps"`
}

// A StatusStep is one recorded step with its target's present state.
type StatusStep struct {
	ID       string       `json:"id"`
	Address  string       `json:"address"`
	Outcome  lock.Outcome `json:"outcome"`
	At       time.Time    `json:"at"`
	Why      string       `json:"why,omitempty"`
	Activity string       `json:"activity"`
	Error    string       `json:"error,omitempty"`   // it could not be read
	Paused   string       `json:"paused,omitempty"`  // its consumers are paused by this program
	Stopped  string       `json:"stopped,omitempty"` // its consumers were stopped at the end of a replay, and stay so
	Replay   string       `json:"replay,omitempty"`  // a replay that is not over: its phase and what is left of it, as text
	Phase    string       `json:"phase,omitempty"`   // the phase of that replay
	Parts    []StatusPart `json:"parts"`
}

// A StatusPart is one recorded part with its log's present state.
type StatusPart struct {
	Part   providers.Part     `json:"part"`
	Before providers.Position `json:"before"`
	After  providers.Position `json:"after"`
	Low    providers.Position `json:"low"`
	Seen   providers.Position `json:"seen"`
	Now    providers.Position `json:"now"`
	High   providers.Position `json:"high"`
	Moved  *int64             `json:"moved,omitempty"` // from After to Now; negative = back
	Lag    *int64             `json:"lag,omitempty"`
	// Drifted means that the position is not the recorded one; Drift describes how.
	Drifted bool   `json:"drifted,omitempty"`
	Drift   string `json:"drift"`
	// FromLow is how far each position is after Low, if they are cursors.
	FromLow map[providers.Position]int64 `json:"fromLow,omitempty"`
}

// Unread returns the number of steps that could not be compared.
func (s *Status) Unread() (n int) {
	for _, one := range s.Steps {
		if one.Error != "" {
			n++
		}
	}
	return n
}

// knownSteps refuses a selected step that neither the document nor the run has. A target of
// a step with several may be one that was not applied yet.
func knownSteps(r *survey.Reader, run *lock.Run, selected survey.Steps) error {
	var known []string
	for _, s := range r.Doc.Steps {
		known = append(known, s.ID)
	}
	if run != nil {
		known = append(known, slices.DeleteFunc(run.IDs(), func(id string) bool { return slices.Contains(known, id) })...)
	}
	return slices.DeleteFunc(slices.Clone(selected), func(id string) bool {
		s, _ := r.StepOf(id)
		return s != nil && s.Select != nil
	}).Within(known)
}

// ReadStatus reads the present positions of a run's targets. It changes nothing.
func ReadStatus(ctx context.Context, r *survey.Reader, sel Selection) (*Status, error) {
	record, err := lock.ReadRun(ctx, sel.Lock, sel.RunKey())
	if err != nil {
		return nil, plan.RefuseLock(err)
	}
	st := &Status{Name: r.Doc.Name, Run: sel.RunKey(), Steps: []StatusStep{}}
	run := record.Runs[sel.RunKey()]
	if err := knownSteps(r, run, sel.Steps); err != nil {
		return nil, err
	}
	if run == nil {
		return st, nil
	}
	st.Outcome, st.By, st.Started = run.Outcome, run.By, &run.Started.Time
	if run.Finished != nil {
		st.Finished = &run.Finished.Time
	}
	var all []*survey.Target
	for _, s := range run.Steps {
		if !sel.Steps.Include(s.ID) {
			continue
		}
		if t, err := RollbackOf(ctx, r, s, sel); err == nil {
			all = append(all, t)
		} else {
			st.Steps = append(st.Steps, statusOf(s, providers.Capabilities{}, nil, err, nextOfReplay(r, sel, s, nil)))
		}
	}
	if err := r.ReadWithAges(ctx, all); err != nil {
		return nil, err
	}
	movers := moversOf(all)
	for _, t := range all {
		one := statusOf(t.Question.Record, t.Conn.Caps, &t.Snapshot, t.Snapshot.Err, nextOfReplay(r, sel, t.Question.Record, t))
		one.markWrittenBack(t)
		one.dropMovedLater(t, movers)
		st.Steps = append(st.Steps, one)
	}
	for _, s := range st.Steps {
		st.Drifted = st.Drifted || slices.ContainsFunc(s.Parts, func(p StatusPart) bool { return p.Drifted })
	}
	return st, nil
}

const applyContinues = "The next apply continues"

// nextOfReplay is what comes next in the replay of a recorded step. t is the target of the
// document that is read for it; nil = it has none.
func nextOfReplay(r *survey.Reader, sel Selection, s *lock.Step, t *survey.Target) string {
	run := lock.Run{Steps: []*lock.Step{s}}
	if t != nil && continues(t.Job, s, run.Index()) {
		return applyContinues
	}
	return noStepFor(s, t != nil) + ". " + strings.TrimSuffix(leftReplayRemedy(lock.PausedStep{Run: sel.RunKey(), Step: *s}, r.Doc.File), ".")
}

// statusOf compares a recorded step with a reading, or reports why it could not be read.
// next is what comes next if it is in a replay.
func statusOf(s *lock.Step, caps providers.Capabilities, now *providers.Snapshot, err error, next string) StatusStep {
	out := StatusStep{ID: s.ID, Address: s.Address, Outcome: s.Outcome, At: s.At.Time, Why: s.Why, Activity: providers.UnknownState.String(),
		Parts: []StatusPart{}}
	out.Paused, out.Stopped = pausedText(s, now, next == applyContinues)
	if s.InReplay() {
		out.Phase = string(s.Replay.Doing)
	}
	if err != nil {
		out.Error, out.Replay = err.Error(), decide.ReplayStatus(s, caps, nil, next)
		return out
	}
	out.Replay = decide.ReplayStatus(s, caps, now.Parts, next)
	out.Activity = now.Activity.State.String()
	if s.Undo != nil && s.Undo.Outcome == lock.InDoubt {
		out.Why = "its rollback is in doubt: " + s.Undo.Why
	}
	parts := s.Parts
	if s.Outcome == lock.Undone && s.Undo != nil {
		parts = s.Undo.Parts
	}
	for _, p := range parts {
		out.Parts = append(out.Parts, statusPart(caps.Order, p, now.Parts))
	}
	return out
}

// pausedText reports that this program has paused a recorded step's consumers, or stopped
// them at the end of a replay, unless they were read as active. continued means that an
// apply can continue its replay.
func pausedText(s *lock.Step, now *providers.Snapshot, continued bool) (paused, stopped string) {
	active := now != nil && now.Err == nil && now.Activity.State == providers.Active
	switch {
	case s.Paused == nil, active && s.Paused.Workload == "", active && !s.Paused.Owed():
		return "", ""
	case !s.Paused.Owed():
		return "", "the consumers are " + s.Paused.What() + ", at the end of a replay, until `resetplan resume`"
	}
	switch {
	case s.InReplay() && !continued:
		return "still " + s.Paused.What() + ": `resetplan resume` starts the consumers", ""
	case s.EndsReplay():
		return "still " + s.Paused.What() + ": the next apply continues with the end of the replay, and `resetplan resume` starts the consumers", ""
	}
	return "still " + s.Paused.What() + ": the next apply starts it again, or `resetplan resume`", ""
}

// markWrittenBack marks parts of a verified reset that another client may have written
// back. After a replay they may be there because they were returned, or were read so far.
func (s *StatusStep) markWrittenBack(t *survey.Target) {
	if s.Outcome != lock.Verified || t.Question.Record.Passed() || t.Conn.Caps.Activity != providers.Exact || t.Snapshot.Err != nil {
		return
	}
	for i := range s.Parts {
		p := &s.Parts[i]
		was := lock.Part{Before: p.Before, After: p.After}
		if p.Moved != nil && decide.WrittenBack(was, providers.PartReading{Committed: p.Now, High: p.High}, t.Snapshot.Activity.State) {
			p.Moved = nil
			p.drifted("back at %s, the position before the reset, and the group has no members: another client may have committed over it", p.Now)
		}
	}
}

// moversOf finds the targets that moved a part, the newest first.
func moversOf(all []*survey.Target) holders {
	newest := slices.Clone(all)
	slices.SortStableFunc(newest, func(a, b *survey.Target) int { return b.Question.Record.Sequence - a.Question.Record.Sequence })
	movers := groupsOfSeveral(all)
	for _, t := range newest {
		if r := t.Question.Record; r.Outcome != lock.Undone {
			movers.add(t, r.Parts, movedPart)
		}
	}
	return movers
}

// dropMovedLater drops the parts that another step of the run moved later; that step reports
// them.
func (s *StatusStep) dropMovedLater(t *survey.Target, movers holders) {
	had := len(s.Parts)
	later := func(other *survey.Target) bool { return other.Question.Record.Sequence > t.Question.Record.Sequence }
	s.Parts = slices.DeleteFunc(s.Parts, func(p StatusPart) bool { return movers.find(t, p.Part, later) != nil })
	if had > 0 && len(s.Parts) == 0 {
		s.Why = "this run moved its partitions again later"
	}
}

// statusPart compares a recorded part with a reading.
func statusPart(order providers.Order, p lock.Part, now []providers.PartReading) StatusPart {
	out := StatusPart{Part: p.Part, Before: p.Before, After: p.After, Seen: p.Seen}
	r, ok := decide.ReadingOf(now, p.Part)
	if !ok && p.Part == (providers.Part{}) {
		return out // the service reports no position of the whole target
	}
	if !ok {
		out.drifted("it no longer exists")
		return out
	}
	out.Now, out.Low, out.High, out.Lag = r.Committed, r.Low, r.High, order.Lag(r.Committed, r.Low, r.High)
	out.FromLow = plan.FromLow(order, r.Low, r.High, p.Before, p.After, p.Seen, r.Committed)
	if moved, ok := order.Distance(r.Committed, p.After); ok {
		out.Moved = &moved
	}
	switch {
	case decide.Recreated(p.LogID, r.LogID):
		out.drifted("the topic was deleted and re-created")
	case out.Moved == nil && r.Committed != p.After && p.After.Exact():
		out.drifted("now %s", r.Committed)
	case p.Error != "":
		out.drifted("not moved by the reset: %s", p.Error)
	case out.Moved == nil || *out.Moved == 0:
	case *out.Moved > 0 && r.Committed == p.Before && p.Seen == p.Before:
		out.drifted("not moved by the reset")
	case *out.Moved > 0:
		out.drifted("moved on by %s", text.Grouped(*out.Moved))
	default:
		out.drifted("moved back by %s", text.Grouped(-*out.Moved))
	}
	return out
}

// drifted records that a part is not at its recorded position.
func (p *StatusPart) drifted(how string, args ...any) {
	p.Drifted, p.Drift = true, fmt.Sprintf(how, args...)
}

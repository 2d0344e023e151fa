package lock

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// A record is an entry of the journal: the start of a run, the state of a step or the
// end of a run. Exactly one of these is set in addition to Run.
type record struct {
	Run   string `json:"run"`
	Begin *Run   `json:"begin,omitempty"`
	Step  *Step  `json:"step,omitempty"`
	End   *end   `json:"end,omitempty"`
}

type end struct {
	Outcome RunOutcome `json:"outcome"`
	At      Time       `json:"at"`
}

// subject identifies what a record is about: a step of a run, or the run.
func (r record) subject() string {
	if r.Step == nil {
		return r.Run
	}
	return r.Run + " " + r.Step.Digest
}

// decode reads the records of a journal.
func decode(all []store.Record) ([]record, error) {
	out := make([]record, len(all))
	for i, r := range all {
		if json.Unmarshal(r.Value, &out[i]) != nil {
			return nil, r.Damaged()
		}
	}
	return out, nil
}

// A recorder adds records to a lock. It keeps its counts, so that adding a record
// costs the same however large the lock is.
type recorder struct {
	file        *File
	runs, steps int // the last numbers assigned
	indexes     map[string]*stepIndex
}

// stepIndex is the index of a run's steps.
type stepIndex struct {
	at       map[string]int // by digest
	doubtful int
}

func newRecorder(f *File) *recorder {
	b := &recorder{file: f, indexes: map[string]*stepIndex{}}
	for _, r := range f.Runs {
		b.runs = max(b.runs, r.Sequence)
		for _, s := range r.Steps {
			b.steps = max(b.steps, s.Sequence)
		}
	}
	return b
}

// number assigns a sequence number to a record that has none.
func (b *recorder) number(r record) {
	switch {
	case r.Begin != nil:
		if r.Begin.Sequence <= 0 {
			r.Begin.Sequence = b.runs + 1
		}
		b.runs = max(b.runs, r.Begin.Sequence)
	case r.Step != nil:
		if r.Step.Sequence <= 0 {
			r.Step.Sequence = b.steps + 1
		}
		b.steps = max(b.steps, r.Step.Sequence)
	}
}

func (b *recorder) add(r record) {
	b.number(r)
	delete(b.file.texts, r.Run)
	run := b.file.Runs[r.Run]
	if run == nil {
		run = &Run{Outcome: RunInterrupted}
		b.file.Runs[r.Run] = run
	}
	switch {
	case r.Begin != nil:
		steps, before := run.Steps, run.Approvals
		*run = *r.Begin
		run.Steps, run.Finished = steps, nil
		run.Approvals = approved(before, r.Begin.Approvals)
		b.updateOutcome(r.Run, run)
	case r.Step != nil:
		p := b.index(r.Run)
		if at, ok := p.at[r.Step.Digest]; ok {
			p.count(run.Steps[at], -1)
			run.Steps[at] = r.Step
		} else {
			p.at[r.Step.Digest] = len(run.Steps)
			run.Steps = append(run.Steps, r.Step)
		}
		p.count(r.Step, 1)
		b.updateOutcome(r.Run, run)
	case r.End != nil:
		at := r.End.At.rounded()
		run.Outcome, run.Finished = r.End.Outcome, &at
	}
}

// index returns the index of a run's steps.
func (b *recorder) index(run string) *stepIndex {
	if p := b.indexes[run]; p != nil {
		return p
	}
	p := &stepIndex{at: map[string]int{}}
	steps := b.file.Runs[run].Steps
	for i, s := range steps {
		if was, twice := p.at[s.Digest]; !twice || s.Sequence >= steps[was].Sequence {
			p.at[s.Digest] = i
		}
		p.count(s, 1)
	}
	b.indexes[run] = p
	return p
}

func (p *stepIndex) count(s *Step, by int) {
	if s.Doubtful() {
		p.doubtful += by
	}
}

// updateOutcome sets the outcome of a run that has not finished.
func (b *recorder) updateOutcome(key string, r *Run) {
	if r.Finished != nil {
		return
	}
	r.Outcome = RunInterrupted
	if b.index(key).doubtful > 0 {
		r.Outcome = RunInDoubt
	}
}

// approved adds approvals to a run's approvals. An approval that is given again
// becomes the newest.
func approved(before, given []Approval) []Approval {
	out := slices.DeleteFunc(slices.Clone(before), func(a Approval) bool {
		return slices.ContainsFunc(given, func(g Approval) bool { return g.Digest == a.Digest })
	})
	return append(out, given...)
}

// fold adds records to the lock; the newest record of a step counts.
func (f *File) fold(records []record) {
	if len(records) == 0 {
		return
	}
	b := newRecorder(f)
	for _, r := range records {
		b.add(r)
	}
}

// record appends a record to the journal and, once it is durable, adds it to the
// lock in memory. It is not cancelled: what was sent must be recorded even if the
// apply is interrupted, so the store limits the time itself.
func (h *Held) record(r record) error {
	e, err := h.entry(r)
	if err == nil {
		err = h.hold.Append(context.Background(), e)
	}
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if delete(h.reserved, e.Subject); e.Reserve {
		h.reserved[e.Subject] = true
	}
	h.recorder.add(r)
	h.dirty = true
	return nil
}

// entry numbers a record, and returns the journal's entry for it.
func (h *Held) entry(r record) (store.Entry, error) {
	e := h.numbered(r)
	var err error
	if e.Value, err = r.MarshalJSON(); err != nil {
		return store.Entry{}, fmt.Errorf("lock: %w", err)
	}
	return e, nil
}

// numbered numbers a record, and returns the journal's entry for it without its value.
func (h *Held) numbered(r record) store.Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.recorder.number(r)
	e := store.Entry{Subject: r.subject(), Outcome: r.End != nil, Deferred: r.Step == nil}
	if r.Step != nil {
		reserved := h.reserved[e.Subject]
		outcome := reserved && h.announced(r)
		e.Outcome = outcome || reserved && !r.Step.Doubtful()
		e.Reserve = !outcome && r.Step.Doubtful() || r.Step.Paused.Owed()
	}
	return e
}

// announced reports whether the step of a record was announced before; the record
// then holds its outcome. A pause and the send that follows it are announced
// separately.
func (h *Held) announced(r record) bool {
	if h.file.Runs[r.Run] == nil {
		return false
	}
	at, ok := h.recorder.index(r.Run).at[r.Step.Digest]
	return ok && h.file.Runs[r.Run].Steps[at].Doubtful()
}

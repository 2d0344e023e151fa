package lock

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan/lock/internal/journal"
	"github.com/resetplan/resetplan/schema/diag"
)

// header is the journal's first line. It names the holder.
type header struct {
	Version int    `json:"version"`
	Plan    string `json:"plan"`
	Holder  string `json:"holder"` // user@host (pid N)
	Since   Time   `json:"since"`
}

// A record is one line after the header: the start of a run, the state of a step
// or the end of a run. Exactly one of these is set in addition to Run and Saved.
type record struct {
	Saved int64  `json:"saved"` // bytes of the journal known to be on disk when this was written
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

// parseJournal reads a journal's header and records.
func parseJournal(name string, raw []byte) (h header, records []record, err error) {
	err = journal.Read(name, raw, func(number int, value []byte) error {
		var into any = &h
		if number > 1 {
			records = append(records, record{})
			into = &records[len(records)-1]
		}
		if json.Unmarshal(value, into) != nil || h.Version < 1 {
			return journal.Damaged(name, number)
		}
		if h.Version > Version {
			return diag.Errors{{File: name, Line: 1, Column: 1,
				Reason: fmt.Sprintf("this journal has version %d, but this resetplan reads version %d", h.Version, Version),
				Remedy: "use the resetplan that wrote it"}}
		}
		return nil
	})
	if err != nil {
		return h, nil, err
	}
	return h, records, nil
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
	for i, s := range b.file.Runs[run].Steps {
		p.at[s.Digest] = i
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

// record appends a record to the journal and, once it is on disk, adds it to the
// lock in memory.
func (h *Held) record(r record) error {
	upTo, err := h.append(r)
	if err == nil {
		err = h.journal.Flush(upTo)
	}
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.recorder.add(r)
	h.dirty = true
	return nil
}

// append writes a record's line, and returns the offset after it.
func (h *Held) append(r record) (upTo int64, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.recorder.number(r)
	r.Saved = h.journal.Saved()
	line, err := journal.Line(r)
	if err != nil {
		return 0, err
	}
	reserved := h.journal.Reserved(r.subject())
	use := journal.Use{Subject: r.subject(), Outcome: r.End != nil}
	if r.Step != nil {
		outcome := reserved && h.announced(r)
		use.Outcome = outcome || reserved && !r.Step.Doubtful()
		use.Reserve = !outcome && r.Step.Doubtful() || r.Step.Paused != nil
	}
	return h.journal.Append(line, use)
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

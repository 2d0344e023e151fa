package lock

import "slices"

// A book adds records to a lock. It keeps its counts, so that adding a record
// costs the same however large the lock is.
type book struct {
	file        *File
	runs, steps int // the last numbers assigned
	index       map[string]*pages
}

// pages indexes the steps of a run.
type pages struct {
	at       map[string]int // by digest
	doubtful int
}

func newBook(f *File) *book {
	b := &book{file: f, index: map[string]*pages{}}
	for _, r := range f.Runs {
		b.runs = max(b.runs, r.Sequence)
		for _, s := range r.Steps {
			b.steps = max(b.steps, s.Sequence)
		}
	}
	return b
}

// number assigns a sequence number to a record that has none.
func (b *book) number(r record) {
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

func (b *book) add(r record) {
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
		p := b.pages(r.Run)
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

// pages returns the index of a run's steps.
func (b *book) pages(run string) *pages {
	if p := b.index[run]; p != nil {
		return p
	}
	p := &pages{at: map[string]int{}}
	for i, s := range b.file.Runs[run].Steps {
		p.at[s.Digest] = i
		p.count(s, 1)
	}
	b.index[run] = p
	return p
}

func (p *pages) count(s *Step, by int) {
	if s.Doubtful() {
		p.doubtful += by
	}
}

// updateOutcome sets the outcome of a run that has not finished.
func (b *book) updateOutcome(key string, r *Run) {
	if r.Finished != nil {
		return
	}
	r.Outcome = RunInterrupted
	if b.pages(key).doubtful > 0 {
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

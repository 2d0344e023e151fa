package lock

import "slices"

// A book adds records to a lock. What it has counted once it keeps, so that a
// record costs the same however much was recorded before.
type book struct {
	file        *File
	runs, steps int // the last numbers that were given
	index       map[string]*pages
}

// pages is where a run's steps are.
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

// number gives a record that has none its number in the lock.
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
		b.settle(r.Run, run)
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
		b.settle(r.Run, run)
	case r.End != nil:
		at := stamp(r.End.At)
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

// settle gives a run that has no end the outcome that is true of it.
func (b *book) settle(key string, r *Run) {
	if r.Finished != nil {
		return
	}
	r.Outcome = RunInterrupted
	if b.pages(key).doubtful > 0 {
		r.Outcome = RunInDoubt
	}
}

// approved adds approvals to those that a run has. One that is given again
// becomes the newest.
func approved(before, given []Approval) []Approval {
	out := slices.DeleteFunc(slices.Clone(before), func(a Approval) bool {
		return slices.ContainsFunc(given, func(g Approval) bool { return g.Digest == a.Digest })
	})
	return append(out, given...)
}

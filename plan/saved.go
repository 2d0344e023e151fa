package plan

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/schema"
)

// ReadSaved reads a saved plan. The error is schema.Faults if its content is
// invalid.
func ReadSaved(name string, raw []byte) (*Plan, error) {
	p, err := ReadPrinted(name, raw)
	if err == nil && p.Source == "" {
		return nil, schema.Faults{{File: name, Reason: "this plan was printed, not saved: it does not contain its document", Remedy: "write it with `resetplan plan FILE --out SAVED`"}}
	}
	return p, err
}

// ReadPrinted reads a plan that was saved or printed as JSON. A plan without its
// Source can be viewed but not applied.
func ReadPrinted(name string, raw []byte) (*Plan, error) {
	p := &Plan{}
	if faults := schema.Decode(schema.Saved, name, raw, p); len(faults) > 0 {
		return nil, faults
	}
	if p.Undo {
		return nil, schema.Faults{{File: name, Reason: "a rollback cannot be saved and applied later", Remedy: "run `resetplan rollback FILE`"}}
	}
	return p, nil
}

// Reopen returns the document of a saved plan. file is the path of the document and
// now its present text; nil if the plan was read from standard input. It refuses a
// document that differs from the planned one.
func (p *Plan) Reopen(file string, now []byte) (*schema.Document, error) {
	if now != nil && !bytes.Equal(now, []byte(p.Source)) {
		return nil, refuse("run plan again and review it", "%s has changed since this plan was saved", file)
	}
	values := map[string]string{}
	for name, v := range p.Params {
		values[name] = fmt.Sprint(v)
	}
	doc, faults := schema.Parse(file, []byte(p.Source), values)
	if len(faults) > 0 {
		return nil, faults
	}
	if doc.Digest != p.Document {
		return nil, refuse("run plan again", "the saved plan is inconsistent: its document does not match its digest")
	}
	return doc, nil
}

// Resume prepares a saved plan to be applied: its positions with a fresh reading.
// Selection.Lock is the lock it was planned with. What the plan's globs matched
// stays as it was saved. The error is a *Refusal if the saved plan was altered or
// no longer matches what its services report.
func (r *Reconciler) Resume(ctx context.Context, saved *Plan, sel Selection) (*Prepared, error) {
	record, holder, err := readLock(sel.Lock)
	if err != nil {
		return nil, err
	}
	p, err := r.resume(ctx, saved, sel, record, holder)
	if err != nil {
		return nil, stillPaused(record, err)
	}
	return p, nil
}

func (r *Reconciler) resume(ctx context.Context, saved *Plan, sel Selection, record *lock.File, holder string) (p *Prepared, err error) {
	sel.Run = saved.Run
	jobs := make([]*job, len(saved.Steps))
	for i := range saved.Steps {
		if jobs[i], err = r.savedJob(&saved.Steps[i]); err != nil {
			return nil, err
		}
	}
	r.identify(ctx, jobs)
	all := make([]*work, len(jobs))
	for i, j := range jobs {
		if all[i], err = r.ask(j, sel, record); err != nil {
			return nil, err
		}
		all[i].planned, all[i].question.Holder = saved.Steps[i], holder
		all[i].lowTime = sel.Impact && !all[i].question.byTime()
		all[i].bytes = sel.Impact
	}
	if planDigest(saved, effectDigests(saved.Steps, all)) != saved.Digest && !continued(record, saved, all) {
		return nil, refuse("run plan again", "the saved plan was altered: its content does not match its digest")
	}
	if err := r.look(ctx, all); err != nil {
		return nil, err
	}
	return refreshed(saved, sel, record, all)
}

// continued reports whether an earlier apply of the run was started with the saved
// plan, and each step that may still be sent is as it was approved then. The
// plan's own digest cannot show that once some of it has moved.
func continued(record *lock.File, saved *Plan, all []*work) bool {
	run := record.Runs[saved.Run]
	if run == nil {
		return false
	}
	at := slices.IndexFunc(run.Approvals, func(a lock.Approval) bool { return a.Digest == saved.Digest && a.Inputs == saved.inputs() })
	if at < 0 {
		return false
	}
	given := run.Approvals[at].Steps // nil: only that it was given is kept
	if given != nil && len(given) != len(all) {
		return false
	}
	for i, w := range all {
		s := &saved.Steps[i]
		approved, known := given[s.ID]
		done := w.question.Record != nil && w.question.Record.Outcome.Done()
		if given != nil && !known || !done && approved != w.effectDigest(s) {
			return false
		}
	}
	return true
}

// refreshed returns the saved plan on a fresh reading.
func refreshed(saved *Plan, sel Selection, record *lock.File, all []*work) (*Prepared, error) {
	plan := *saved
	p := &Prepared{Plan: &plan, work: all}
	p.Steps = slices.Clone(saved.Steps)
	var stale []string
	for i, w := range all {
		w.again()
		p.Steps[i] = w.now
		if why := w.stale(); why != "" && w.now.Action != Blocked {
			stale = append(stale, fmt.Sprintf("step %s: %s", w.id, why))
		}
		if sel.Impact {
			p.Steps[i].Impact = w.impact(&p.Steps[i])
		}
	}
	if len(stale) > 0 {
		return nil, refuse("run plan again and review it", "the saved plan is stale, nothing was sent: %s", joined(stale))
	}
	if err := unreadable(p.Steps, all); err != nil {
		return nil, err
	}
	p.Summary = summarise(p.Steps)
	p.prepare(record, all)
	return p, nil
}

// savedJob returns the job of a saved step.
func (r *Reconciler) savedJob(s *Step) (*job, error) {
	altered := refuse("run plan again", "the saved plan is inconsistent: step %s is not a step of its document", s.ID)
	step, target := r.stepOf(s.ID)
	if step == nil {
		return nil, altered
	}
	if s.Address == "" {
		return &job{id: s.ID, step: step, conn: r.conns[step.Provider], nothing: s.Why}, nil
	}
	j, err := newJob(step, r.conns[step.Provider], s.ID, target)
	if err != nil {
		return nil, err
	}
	if j.address() != s.Address {
		return nil, altered
	}
	return j, nil
}

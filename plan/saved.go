package plan

import (
	"bytes"
	"context"
	"fmt"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/schema"
)

// ReadSaved reads a saved plan. The error is schema.Faults where its content
// is at fault.
func ReadSaved(name string, raw []byte) (*Plan, error) {
	p, err := ReadPrinted(name, raw)
	if err == nil && p.Source == "" {
		return nil, schema.Faults{{File: name, Reason: "this plan was printed, not saved: the document is not in it", Remedy: "write it with `resetplan plan FILE --out SAVED`"}}
	}
	return p, err
}

// ReadPrinted reads a plan that was saved or printed as JSON. One without its
// Source can be looked at and not be applied.
func ReadPrinted(name string, raw []byte) (*Plan, error) {
	p := &Plan{}
	if faults := schema.Decode(schema.Saved, name, raw, p); len(faults) > 0 {
		return nil, faults
	}
	return p, nil
}

// Reopen returns the document of a saved plan. file is where the document is
// now, and now its present text; nil where the plan was read from standard
// input. It refuses a document that is not the one that was planned.
func (p *Plan) Reopen(file string, now []byte) (*schema.Document, error) {
	if now != nil && !bytes.Equal(now, []byte(p.Source)) {
		return nil, refuse("plan it again and look at it", "%s has changed since this plan was saved", file)
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
		return nil, refuse("plan again", "the saved plan does not hold together: its document is not the one it was made of")
	}
	return doc, nil
}

// fromSaved makes the work behind a saved plan. What the plan's globs matched
// stays as it was saved.
func (r *Reconciler) fromSaved(ctx context.Context, p *Plan, record *lock.File) ([]*work, error) {
	var all []*work
	for i := range p.Steps {
		w, err := r.savedStep(&p.Steps[i], p, record)
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	if planDigest(p, all) != p.Digest {
		return nil, refuse("plan again", "the saved plan was altered: what it would do has another digest than the one it carries")
	}
	return all, r.look(ctx, all)
}

func (r *Reconciler) savedStep(s *Step, p *Plan, record *lock.File) (*work, error) {
	altered := refuse("plan again", "the saved plan does not hold together: step %s is not one of its document", s.ID)
	step, target := r.stepOf(s.ID)
	if step == nil {
		return nil, altered
	}
	if s.Address == "" {
		return &work{job: &job{id: s.ID, step: step, conn: r.conns[step.Provider], nothing: s.Why}, planned: *s}, nil
	}
	j, err := newJob(step, r.conns[step.Provider], s.ID, target)
	if err != nil {
		return nil, err
	}
	w, err := r.ask(j, p.Run, record.Runs[p.Run])
	if err != nil {
		return nil, err
	}
	if w.question.Digest != s.Digest || j.address() != s.Address {
		return nil, altered
	}
	w.planned = *s
	return w, nil
}

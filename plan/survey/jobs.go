package survey

import (
	"context"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A Job is one step of a plan before it is read: a document's step, or one of the
// targets that it selects, decoded.
type Job struct {
	ID       string // "rewind", or "rewind[billing]" for one target of a step with a selection
	Step     *schema.Step
	Conn     *Connection
	Target   providers.Target // nil if a glob matched nothing
	NoTarget string           // why there is no target
	ByGlob   bool             // it is matched only by a glob

	digested   struct{ name, digest string } // the last digest, which several callers need
	identified bool                          // the target includes the service's own id
	Unread     error                         // why the id is unknown, or the names that a glob matches
}

// Address is the target's address, or "" if there is no target.
func (j *Job) Address() string {
	if j.Target == nil {
		return ""
	}
	return j.Target.Address()
}

// Jobs returns the selected jobs in the document's order. A step with a selection
// becomes one job per combination of names; globs are matched against the names that
// the service lists, each list requested once. also has ids of jobs that are added, after
// the others, if a glob selects them and no list has them.
func (r *Reader) Jobs(ctx context.Context, selected Steps, also ...string) ([]*Job, error) {
	var all []*Job
	var ids []string
	listed := lists{r: r, known: map[listKey]list{}}
	for i := range r.Doc.Steps {
		js, err := listed.expand(ctx, &r.Doc.Steps[i], selected)
		if err != nil {
			return nil, err
		}
		for _, j := range js {
			all, ids = append(all, j), append(ids, j.ID)
		}
	}
	for _, id := range also {
		if j := r.SelectedJob(id); j != nil && j.Step.Select != nil && !slices.Contains(ids, id) {
			all, ids = append(all, j), append(ids, id)
		}
	}
	if err := selected.Within(ids); err != nil {
		for _, j := range all {
			if j.Unread != nil {
				return nil, fmt.Errorf("step %s: %w", j.Step.ID, j.Unread) // it may be one of the names that could not be listed
			}
		}
		return nil, err
	}
	return slices.DeleteFunc(all, func(j *Job) bool { return !selected.Include(j.ID) }), nil
}

// StepOf returns the document's step for a job's id, and the target of that job;
// nil if the document has no such step.
func (r *Reader) StepOf(id string) (*schema.Step, map[string]any) {
	i := slices.IndexFunc(r.Doc.Steps, func(s schema.Step) bool { return IsStepOrTarget(s.ID, id) })
	if i < 0 {
		return nil, nil
	}
	s := &r.Doc.Steps[i]
	return s, TargetKeys(s, id)
}

// SelectedJob returns the job of an id if the document's step still selects its target;
// nil if it does not, or if the document has no such step.
func (r *Reader) SelectedJob(id string) *Job {
	s, target := r.StepOf(id)
	if s == nil || !selects(s, id) {
		return nil
	}
	j, err := NewJob(s, r.Connections[s.Provider], id, target)
	if err != nil {
		return nil
	}
	return j
}

// LiteralJobs returns a job for each literal target of the document, all with one id,
// that of a recorded step: the step may have a different id now. Of the targets that only
// a glob matches it has those with the names in the id.
func (r *Reader) LiteralJobs(id string) (all []*Job) {
	for i := range r.Doc.Steps {
		s := &r.Doc.Steps[i]
		targets := check.LiteralTargets(*s)
		if s.Select != nil && selects(s, id) {
			targets = append(targets, TargetKeys(s, id))
		}
		for _, target := range targets {
			if j, err := NewJob(s, r.Connections[s.Provider], id, target); err == nil {
				all = append(all, j)
			}
		}
	}
	return all
}

// NewJob decodes the target of one step.
func NewJob(s *schema.Step, conn *Connection, id string, target map[string]any) (*Job, error) {
	t, err := conn.Kind.Target(conn.Config, check.Decoder(target))
	if err != nil {
		return nil, fmt.Errorf("step %s: %w", id, err)
	}
	return &Job{ID: id, Step: s, Conn: conn, Target: t}, nil
}

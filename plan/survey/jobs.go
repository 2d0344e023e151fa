package survey

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A Job is one step of a plan before it is read: a document's step, or one group of
// it, with its decoded target.
type Job struct {
	ID       string // "rewind", or "rewind[billing]" for one group of a step
	Step     *schema.Step
	Conn     *Connection
	Target   providers.Target // nil if a glob matched nothing
	NoTarget string           // why there is no target
	ByGlob   bool             // its group is matched only by a glob

	identified bool  // the target includes the service's own id
	Unread     error // why the id is unknown
}

// Address is the target's address, or "" if there is no target.
func (j *Job) Address() string {
	if j.Target == nil {
		return ""
	}
	return j.Target.Address()
}

// Jobs returns the selected jobs in the document's order. A step with groups
// becomes one job per group; globs are matched against the groups of the service.
func (r *Reader) Jobs(ctx context.Context, selected Steps) ([]*Job, error) {
	var all []*Job
	var ids []string
	for i := range r.Doc.Steps {
		js, err := r.expand(ctx, &r.Doc.Steps[i], selected)
		if err != nil {
			return nil, err
		}
		for _, j := range js {
			all, ids = append(all, j), append(ids, j.ID)
		}
	}
	if err := selected.Within(ids); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(j *Job) bool { return !selected.Include(j.ID) }), nil
}

func (r *Reader) expand(ctx context.Context, s *schema.Step, selected Steps) ([]*Job, error) {
	conn := r.Connections[s.Provider]
	if s.Groups == nil {
		j, err := NewJob(s, conn, s.ID, s.Target)
		return []*Job{j}, err
	}
	if len(selected) > 0 && !slices.ContainsFunc(selected, func(id string) bool { return IsStepOrGroup(s.ID, id) }) {
		return []*Job{{ID: s.ID, Step: s, Conn: conn}}, nil // not selected: its groups are not listed
	}
	groups, unmatched, err := r.groups(ctx, s, conn)
	if err != nil {
		return nil, err
	}
	var jobs []*Job
	for _, g := range unmatched {
		jobs = append(jobs, &Job{ID: s.ID + "[" + g + "]", Step: s, Conn: conn, NoTarget: fmt.Sprintf(
			"no group matches %s: correct the glob, or remove it", text.Quote(g))})
	}
	for _, g := range groups {
		j, err := NewJob(s, conn, s.ID+"["+g+"]", check.WithGroup(s.Target, g))
		if err != nil {
			return nil, err
		}
		j.ByGlob = !slices.Contains(s.Groups, g)
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// StepOf returns the document's step for a job's id, and the target of that job;
// nil if the document has no such step.
func (r *Reader) StepOf(id string) (*schema.Step, map[string]any) {
	i := slices.IndexFunc(r.Doc.Steps, func(s schema.Step) bool { return IsStepOrGroup(s.ID, id) })
	if i < 0 {
		return nil, nil
	}
	s := &r.Doc.Steps[i]
	return s, TargetKeys(s, id)
}

// LiteralJobs returns a job for each literal target of the document, all with one id,
// that of a recorded step: the step may have a different id now. Groups that only a
// glob matches are left out.
func (r *Reader) LiteralJobs(id string) (all []*Job) {
	for i := range r.Doc.Steps {
		s := &r.Doc.Steps[i]
		targets := []map[string]any{s.Target}
		for _, g := range s.Groups {
			targets = append(targets, check.WithGroup(s.Target, g))
		}
		for _, target := range targets {
			if j, err := NewJob(s, r.Connections[s.Provider], id, target); err == nil {
				all = append(all, j)
			}
		}
	}
	return all
}

// TargetKeys returns the target of one job of a step: for one of its groups, the
// target with that group.
func TargetKeys(s *schema.Step, id string) map[string]any {
	if _, group, one := strings.Cut(id, "["); one {
		return check.WithGroup(s.Target, strings.TrimSuffix(group, "]"))
	}
	return s.Target
}

// NewJob decodes the target of one step.
func NewJob(s *schema.Step, conn *Connection, id string, target map[string]any) (*Job, error) {
	t, err := conn.Kind.Target(conn.Config, check.Decoder(target))
	if err != nil {
		return nil, fmt.Errorf("step %s: %w", id, err)
	}
	return &Job{ID: id, Step: s, Conn: conn, Target: t}, nil
}

// groups returns the names of a step's groups, sorted, and the globs that match
// none.
func (r *Reader) groups(ctx context.Context, s *schema.Step, conn *Connection) (names, unmatched []string, err error) {
	var listed []string
	if slices.ContainsFunc(s.Groups, text.IsGlob) {
		if err := conn.Open(s.Provider, r.Deps.Process); err != nil {
			return nil, nil, err
		}
		lister, ok := conn.Lister()
		if !ok {
			return nil, nil, fmt.Errorf("step %s: %s cannot list its groups: %w", s.ID, conn.Kind.Type(), errors.ErrUnsupported)
		}
		ctx, cancel := context.WithTimeout(ctx, conn.Config.Timeout)
		defer cancel()
		if listed, err = lister.Groups(ctx); err != nil {
			return nil, nil, fmt.Errorf("step %s: list groups: %w", s.ID, err)
		}
	}
	matched := map[string]bool{}
	for _, pattern := range s.Groups {
		matches := []string{pattern}
		if text.IsGlob(pattern) {
			matches = slices.DeleteFunc(slices.Clone(listed), func(g string) bool { return !text.Match(pattern, g) })
		}
		matches = slices.DeleteFunc(matches, func(g string) bool {
			return slices.ContainsFunc(s.Exclude, func(x string) bool { return text.Match(x, g) })
		})
		if len(matches) == 0 {
			unmatched = append(unmatched, pattern)
		}
		for _, g := range matches {
			matched[g] = true
		}
	}
	return slices.Sorted(maps.Keys(matched)), unmatched, nil
}

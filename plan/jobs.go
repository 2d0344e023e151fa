package plan

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A job is one step of a plan before it is read: a document's step, or one group of
// it, with its decoded target.
type job struct {
	id      string // "rewind", or "rewind[billing]" for one group of a step
	step    *schema.Step
	conn    *connection
	target  providers.Target // nil if a glob matched nothing
	nothing string           // why there is no target
	byGlob  bool             // its group is matched only by a glob

	identified bool  // the target includes the service's own id
	unread     error // why the id is unknown
}

// address is the target's address, or "" if there is no target.
func (j *job) address() string {
	if j.target == nil {
		return ""
	}
	return j.target.Address()
}

// A Selection chooses the run, the steps and the lock of a command.
type Selection struct {
	Run    string        // the run's key; "" = the default one
	Steps  []string      // ids of steps, or of one group of a step; empty = all
	Lock   string        // the lock's path
	Impact bool          // also read, within a short time, the impact of the resets on the consumers
	Wait   time.Duration // overrides idle: {wait} of every step; 0 = no override
	Retry  bool          // steps that another client has committed over are sent again
	Past   bool          // a rollback may go back further than the consumers had read before the reset
	Adopt  bool          // accept a lock with another plan's name
}

// run is the run's key.
func (s Selection) run() string {
	if s.Run == "" {
		return schema.DefaultRun
	}
	return s.Run
}

// Names reports whether the selection includes the id of a step, or of one group
// of a step.
func (s Selection) Names(id string) bool {
	return len(s.Steps) == 0 || slices.ContainsFunc(s.Steps, func(one string) bool { return means(one, id) })
}

// Within returns an *UnknownStep if the selection names an id that is not among
// these.
func (s Selection) Within(known []string) error {
	for _, one := range s.Steps {
		if !slices.ContainsFunc(known, func(id string) bool { return means(one, id) }) {
			return &UnknownStep{ID: one, Known: known}
		}
	}
	return nil
}

// means reports whether an id is the id of a step or of one of its groups.
func means(step, id string) bool { return id == step || strings.HasPrefix(id, step+"[") }

// An UnknownStep means that a selection names a step that the document does not
// have.
type UnknownStep struct {
	ID    string
	Known []string
}

func (u *UnknownStep) Error() string {
	near := ""
	if one := schema.Nearest(u.ID, u.Known); one != "" {
		near = fmt.Sprintf(", did you mean %s?", one)
	}
	return fmt.Sprintf("no step %q in this document%s; its steps are %s", u.ID, near, strings.Join(u.Known, ", "))
}

// jobs returns the selected jobs in the document's order. A step with groups
// becomes one job per group; globs are matched against the groups of the service.
func (r *Reconciler) jobs(ctx context.Context, sel Selection) ([]*job, error) {
	var all []*job
	var ids []string
	for i := range r.doc.Steps {
		js, err := r.expand(ctx, &r.doc.Steps[i], sel)
		if err != nil {
			return nil, err
		}
		for _, j := range js {
			all, ids = append(all, j), append(ids, j.id)
		}
	}
	if err := sel.Within(ids); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(j *job) bool { return !sel.Names(j.id) }), nil
}

func (r *Reconciler) expand(ctx context.Context, s *schema.Step, sel Selection) ([]*job, error) {
	conn := r.conns[s.Provider]
	if s.Groups == nil {
		j, err := newJob(s, conn, s.ID, s.Target)
		return []*job{j}, err
	}
	if len(sel.Steps) > 0 && !slices.ContainsFunc(sel.Steps, func(id string) bool { return means(s.ID, id) }) {
		return []*job{{id: s.ID, step: s, conn: conn}}, nil // not selected: its groups are not listed
	}
	groups, unmatched, err := r.groups(ctx, s, conn)
	if err != nil {
		return nil, err
	}
	var jobs []*job
	for _, g := range unmatched {
		jobs = append(jobs, &job{id: s.ID + "[" + g + "]", step: s, conn: conn, nothing: fmt.Sprintf(
			"no group matches %s: correct the glob, or remove it", quote(g))})
	}
	for _, g := range groups {
		j, err := newJob(s, conn, s.ID+"["+g+"]", withGroup(s.Target, g))
		if err != nil {
			return nil, err
		}
		j.byGlob = !slices.Contains(s.Groups, g)
		jobs = append(jobs, j)
	}
	return jobs, nil
}

// stepOf returns the document's step for a job's id, and the target of that job;
// nil if the document has no such step.
func (r *Reconciler) stepOf(id string) (*schema.Step, map[string]any) {
	i := slices.IndexFunc(r.doc.Steps, func(s schema.Step) bool { return means(s.ID, id) })
	if i < 0 {
		return nil, nil
	}
	s := &r.doc.Steps[i]
	return s, targetOf(s, id)
}

// jobsAs returns a job for each literal target of the document, with a recorded
// step's id: the step may have a different id now. Groups that only a glob matches
// are left out.
func (r *Reconciler) jobsAs(id string) (all []*job) {
	for i := range r.doc.Steps {
		s := &r.doc.Steps[i]
		targets := []map[string]any{s.Target}
		for _, g := range s.Groups {
			targets = append(targets, withGroup(s.Target, g))
		}
		for _, target := range targets {
			if j, err := newJob(s, r.conns[s.Provider], id, target); err == nil {
				all = append(all, j)
			}
		}
	}
	return all
}

// targetOf returns the target of one job of a step: for one of its groups, the
// target with that group.
func targetOf(s *schema.Step, id string) map[string]any {
	if _, group, one := strings.Cut(id, "["); one {
		return withGroup(s.Target, strings.TrimSuffix(group, "]"))
	}
	return s.Target
}

// newJob decodes the target of one step.
func newJob(s *schema.Step, conn *connection, id string, target map[string]any) (*job, error) {
	t, err := conn.kind.Target(conn.config, decoder(target))
	if err != nil {
		return nil, fmt.Errorf("step %s: %w", id, err)
	}
	return &job{id: id, step: s, conn: conn, target: t}, nil
}

// groups returns the names of a step's groups, sorted, and the globs that match
// none.
func (r *Reconciler) groups(ctx context.Context, s *schema.Step, conn *connection) (names, unmatched []string, err error) {
	var listed []string
	if slices.ContainsFunc(s.Groups, text.IsGlob) {
		if err := conn.open(s.Provider, r.world.Env); err != nil {
			return nil, nil, err
		}
		lister, ok := conn.lister()
		if !ok {
			return nil, nil, fmt.Errorf("step %s: %s cannot list its groups: %w", s.ID, conn.kind.Type(), errors.ErrUnsupported)
		}
		ctx, cancel := context.WithTimeout(ctx, conn.config.Timeout)
		defer cancel()
		if listed, err = lister.Groups(ctx); err != nil {
			return nil, nil, fmt.Errorf("step %s: list groups: %w", s.ID, err)
		}
	}
	found := map[string]bool{}
	for _, want := range s.Groups {
		hits := []string{want}
		if text.IsGlob(want) {
			hits = slices.DeleteFunc(slices.Clone(listed), func(g string) bool { return !text.Match(want, g) })
		}
		hits = slices.DeleteFunc(hits, func(g string) bool {
			return slices.ContainsFunc(s.Exclude, func(x string) bool { return text.Match(x, g) })
		})
		if len(hits) == 0 {
			unmatched = append(unmatched, want)
		}
		for _, g := range hits {
			found[g] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), unmatched, nil
}

// withGroup returns a target with another group.
func withGroup(target map[string]any, group string) map[string]any {
	t := maps.Clone(target)
	if t == nil {
		t = map[string]any{}
	}
	t["group"] = group
	return t
}

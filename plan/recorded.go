package plan

import (
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// readLock reads a lock, and in words which apply holds it; "" if none does. The holder is asked for first: an apply that ends in between leaves
// nothing half done.
func readLock(path string) (*lock.File, string, error) {
	held, err := lock.Holder(path)
	if err != nil {
		return nil, "", err
	}
	f, err := lock.Read(path)
	if held == nil || err != nil {
		return f, "", Refused(err)
	}
	return f, held.Error(), nil
}

// recorded returns, from another run's lock, the positions of a step's parts
// before it.
func (r *Reconciler) recorded(j *job) ([]lock.Part, error) {
	to := j.step.To
	f, err := lock.Read(besides(r.doc.File, to.Lock))
	if err != nil {
		return nil, Refused(err)
	}
	run, step, reason, remedy, key := origin(f, to)
	if reason != "" {
		return nil, schema.Faults{r.doc.Fault(reason, remedy, "steps", r.indexOf(j), "to", key)}
	}
	s := f.Runs[run].ByID(step)
	switch {
	case j.unread == nil && !j.is(s):
		return nil, schema.Faults{r.doc.Fault(fmt.Sprintf("step %s of run %s in %s is of another target, %s", step, run, to.Lock, s.Address), "refer to a step that reset this target", "steps", r.indexOf(j), "to")}
	case len(s.Parts) == 0:
		return nil, schema.Faults{r.doc.Fault(fmt.Sprintf("%s no longer has the positions of step %s", to.Lock, step), "only the newest runs keep them", "steps", r.indexOf(j), "to")}
	}
	return reversed(s.Parts), nil
}

func (r *Reconciler) indexOf(j *job) int {
	return slices.IndexFunc(r.doc.Steps, func(s schema.Step) bool { return s.ID == j.step.ID })
}

// reversed turns recorded parts that were moved into decided parts that go back.
func reversed(parts []lock.Part) []lock.Part {
	out := []lock.Part{}
	for _, p := range parts {
		if p.Error == "" {
			out = append(out, lock.Part{Part: p.Part, Before: reached(p), After: p.Before, Metadata: p.Metadata, LogID: p.LogID})
		}
	}
	return sortedParts(out)
}

// reached returns the position to which a part was reset, as far as it is known.
func reached(p lock.Part) providers.Position {
	if p.After.Exact() || p.Seen.IsZero() {
		return p.After
	}
	return p.Seen
}

// sortedParts concatenates and sorts recorded parts.
func sortedParts(parts ...[]lock.Part) []lock.Part {
	out := slices.Concat(parts...)
	slices.SortFunc(out, func(p, q lock.Part) int { return p.Part.Compare(q.Part) })
	return out
}

package survey

import (
	"context"
	"sync"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
)

// Identify completes the identity of the jobs' targets with what only the services
// know (Kafka: the cluster id), connections in parallel. If a service cannot be
// reached, its jobs keep the error and are identified when they are read again.
func (r *Reader) Identify(ctx context.Context, jobs []*Job) {
	byConn := map[*Connection][]*Job{}
	for _, j := range jobs {
		if j.Target != nil && !j.identified {
			byConn[j.Conn] = append(byConn[j.Conn], j)
		}
	}
	var wg sync.WaitGroup
	for c, js := range byConn {
		wg.Go(func() {
			for _, j := range js {
				if j.Unread = r.identifyOne(ctx, c, j); j.Unread != nil {
					for _, other := range js {
						other.Unread = j.Unread // the answer is the same for every target of a service
					}
					return
				}
			}
		})
	}
	wg.Wait()
}

func (r *Reader) identifyOne(ctx context.Context, c *Connection, j *Job) error {
	if err := c.Open(j.Step.Provider, r.Deps.Process); err != nil {
		return err
	}
	if known, ok := c.Identifier(); ok {
		ctx, cancel := context.WithTimeout(ctx, c.Config.Timeout)
		defer cancel()
		err := r.Deps.Retry.Do(ctx, func() error {
			target, err := known.Identify(ctx, j.Target)
			if err == nil {
				j.Target = target
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	j.identified, j.Unread = true, nil
	return nil
}

// RecordFor returns the run's record of a job. Locks from before targets had an
// identity have the digest of the address.
func (j *Job) RecordFor(run lock.Index) *lock.Step {
	if run.Empty() {
		return nil
	}
	for _, name := range []string{j.Target.Identity(), j.Address()} {
		if s := run.ByDigest(j.digest(name)); s != nil {
			return s
		}
	}
	if j.Unread == nil {
		return nil
	}
	// The service cannot identify the target: a record that must not be
	// overlooked is found by its names.
	if s := run.ByID(j.ID); s != nil && s.Undecided() {
		return s
	}
	return nil
}

// Digest returns the digest of the job's request to its target, as it is identified now.
func (j *Job) Digest() string { return j.digest(j.Target.Identity()) }

// digest returns the digest of the job's request to a target with this name.
func (j *Job) digest(name string) string {
	if j.digested.name != name {
		j.digested.name, j.digested.digest = name, plan.StepDigest(name, j.Step)
	}
	return j.digested.digest
}

// IdentityOf returns the identity of a recorded step's target.
func IdentityOf(s *lock.Step) string {
	if s.Identity != "" {
		return s.Identity
	}
	return s.Address
}

// Is reports whether a record is of the job's target.
func (j *Job) Is(s *lock.Step) bool {
	return j.Target != nil && (IdentityOf(s) == j.Target.Identity() || s.Address == j.Address())
}

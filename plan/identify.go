package plan

import (
	"context"
	"sync"

	"github.com/resetplan/resetplan/plan/lock"
)

// identify completes the identity of the jobs' targets with what only the services
// know (Kafka: the cluster id), connections in parallel. If a service cannot be
// reached, its jobs keep the error and are identified when they are read again.
func (r *Reconciler) identify(ctx context.Context, jobs []*job) {
	byConn := map[*connection][]*job{}
	for _, j := range jobs {
		if j.target != nil && !j.identified {
			byConn[j.conn] = append(byConn[j.conn], j)
		}
	}
	var wg sync.WaitGroup
	for c, js := range byConn {
		wg.Go(func() {
			for _, j := range js {
				if j.unread = r.identifyOne(ctx, c, j); j.unread != nil {
					for _, other := range js {
						other.unread = j.unread // the answer is the same for every target of a service
					}
					return
				}
			}
		})
	}
	wg.Wait()
}

func (r *Reconciler) identifyOne(ctx context.Context, c *connection, j *job) error {
	if err := c.open(j.step.Provider, r.world.Env); err != nil {
		return err
	}
	if known, ok := c.identifier(); ok {
		ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
		defer cancel()
		err := r.world.Retry.Do(ctx, func() error {
			target, err := known.Identify(ctx, j.target)
			if err == nil {
				j.target = target
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	j.identified, j.unread = true, nil
	return nil
}

// recordFor returns the run's record of a job. Locks from before targets had an
// identity have the digest of the address.
func (j *job) recordFor(run *lock.Run) *lock.Step {
	for _, name := range []string{j.target.Identity(), j.address()} {
		if s := run.ByDigest(stepDigest(name, j.step)); s != nil {
			return s
		}
	}
	if j.unread == nil {
		return nil
	}
	// The service cannot identify the target: a record that must not be
	// overlooked is found by its names.
	if s := run.ByID(j.id); s != nil && s.Unsettled() {
		return s
	}
	return nil
}

// identityOf returns the identity of a recorded step's target.
func identityOf(s *lock.Step) string {
	if s.Identity != "" {
		return s.Identity
	}
	return s.Address
}

// is reports whether a record is of the job's target.
func (j *job) is(s *lock.Step) bool {
	return j.target != nil && (identityOf(s) == j.target.Identity() || s.Address == j.address())
}

package kafka

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// cluster is what is known of a connection's cluster as a whole. Its id is
// learned from the topics' metadata if a reading comes first.
type cluster struct {
	turn chan struct{} // held by the caller that asks

	mu    sync.Mutex
	asked bool // the brokers have answered
	id    string
	err   error // of the last attempt, valid until retry
	retry time.Time
}

var _ providers.Identifier = (*connection)(nil)

// Identify fills in the cluster's id: one Metadata request per connection, or
// none after a reading. A cluster that does not answer is not asked again
// within the timeout, so that many steps on it fail as fast as one.
func (c *connection) Identify(ctx context.Context, t providers.Target) (providers.Target, error) {
	goal, ok := t.(*target)
	if !ok {
		return nil, &providers.Error{Provider: Type, Op: "identify", Kind: providers.ErrInvalid, Message: "this is not a target on Kafka"}
	}
	if id, asked, err := c.cluster.known(c.now()); asked && err == nil {
		return goal.identified(id), nil // almost always: a plan has very many targets
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	select {
	case c.cluster.turn <- struct{}{}:
		defer func() { <-c.cluster.turn }()
	case <-ctx.Done():
		return nil, failed("read the cluster's id", context.Cause(ctx))
	}
	id, err := c.clusterID(ctx, goal.literals())
	if err != nil {
		return nil, err
	}
	return goal.identified(id), nil
}

// identified returns the target in the cluster with an id.
func (t *target) identified(cluster string) *target {
	out := *t
	out.cluster = cluster
	return &out
}

// clusterID reads the cluster's id, together with topics that are about to be read.
func (c *connection) clusterID(ctx context.Context, topics []string) (string, error) {
	if id, asked, err := c.cluster.known(c.now()); asked || err != nil {
		return id, err
	}
	resp, err := c.client.RequestCachedMetadata(ctx, metadataRequest(topics), time.Millisecond)
	if err != nil {
		err = failed("read the cluster's id", err)
		if !errors.Is(err, context.Canceled) {
			c.cluster.fail(err, c.now().Add(c.timeout))
		}
		return "", err
	}
	c.cluster.learn(resp.ClusterID)
	c.identified.Store(len(topics) > 0)
	id, _, _ := c.cluster.known(c.now())
	return id, nil
}

// learn notes the id that brokers report; those before 0.10.1 report none.
func (k *cluster) learn(id *string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.asked, k.err = true, nil; id != nil {
		k.id = *id
	}
}

func (k *cluster) fail(err error, until time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err, k.retry = err, until
}

// known returns the id, whether the brokers have answered, and the error of an
// attempt that is not to be repeated yet.
func (k *cluster) known(now time.Time) (id string, asked bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil && now.Before(k.retry) {
		return "", false, k.err
	}
	return k.id, k.asked, nil
}

// bounded returns a context that ends with the timeout of one call, in which
// all of its retries, servers and look-ups must fit.
func (c *connection) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.timeout)
}

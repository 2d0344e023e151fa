package kafka

import (
	"context"
	"maps"
	"sync"
)

// together reads back the commits of steps that run at the same time: while one request
// is under way, others wait and share the next one, so that the number of requests grows
// with the time that they take and not with the number of groups.
type together struct {
	mu      sync.Mutex
	busy    bool // a request is under way
	waiting []*readBack
}

// A readBack is one caller's share of a request.
type readBack struct {
	groups map[string]bool
	done   chan struct{}       // closed when commits is set
	read   map[string]*commits // of all groups of the request
}

// fetchTogether reads the commits of groups as fetch does, after the call began. A
// caller whose context ends does not wait for the others.
func (c *connection) fetchTogether(ctx context.Context, groups map[string]bool) map[string]*commits {
	own := &readBack{groups: groups, done: make(chan struct{})}
	t := &c.together
	t.mu.Lock()
	t.waiting = append(t.waiting, own)
	if !t.busy {
		t.busy = true
		go c.serve(context.WithoutCancel(ctx))
	}
	t.mu.Unlock()
	select {
	case <-own.done:
		return own.read
	case <-ctx.Done():
	}
	out := make(map[string]*commits, len(groups))
	for name := range groups {
		out[name] = &commits{err: failed("read offsets of group "+name, context.Cause(ctx))}
	}
	return out
}

// serve sends requests until nothing waits.
func (c *connection) serve(ctx context.Context) {
	t := &c.together
	for {
		t.mu.Lock()
		all := t.waiting
		t.waiting, t.busy = nil, len(all) > 0
		t.mu.Unlock()
		if len(all) == 0 {
			return
		}
		groups := map[string]bool{}
		for _, one := range all {
			maps.Copy(groups, one.groups)
		}
		within, cancel := c.bounded(ctx)
		read := c.fetch(within, groups)
		cancel()
		for _, one := range all {
			one.read = read
			close(one.done)
		}
	}
}

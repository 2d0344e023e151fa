package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// If a broker fails, the groups it coordinates and the logs it leads are unavailable
// until another broker takes over, usually within seconds. We wait for that, and never
// report it as a fact about the group.

// failoverPause is the first pause before brokers are asked again.
const failoverPause = 200 * time.Millisecond

// failover reads the groups again whose coordinator was not available, until
// it is or the context ends.
func (r *reading) failover(ctx context.Context) {
	const longest = 2 * time.Second
	for try, pause := 1, failoverPause; ; try, pause = try+1, min(2*pause, longest) {
		hidden := r.hidden(try)
		if len(hidden) == 0 || retry.Sleep(ctx, pause) != nil {
			return
		}
		r.c.refresh(ctx)
		if listed := r.c.list(ctx); ctx.Err() == nil {
			r.listed = listed
		}
		again := map[string]bool{}
		for name := range hidden {
			if r.commits[name].err != nil {
				again[name] = true
			}
		}
		if len(again) == 0 {
			continue
		}
		for name, got := range r.c.fetch(ctx, again) {
			if got.err == nil || ctx.Err() == nil { // the earlier error is more helpful than "deadline exceeded"
				r.commits[name] = got
			}
		}
	}
}

// hidden returns the groups whose state or commits may become available soon. A
// group that has commits and is not listed may have moved to another coordinator
// between the requests to the brokers.
func (r *reading) hidden(try int) map[string]bool {
	out := map[string]bool{}
	for _, q := range r.all {
		for _, name := range q.groups() {
			own := r.commits[name]
			_, listed := r.listed.groups[name]
			switch {
			case errors.Is(own.err, providers.ErrUnavailable),
				!listed && errors.Is(r.listed.err, providers.ErrUnavailable),
				!listed && r.listed.err == nil && own.err == nil && len(own.topics) > 0 && try == 1:
				out[name] = true
			}
		}
	}
	return out
}

// refresh makes the client forget the brokers that have left the cluster.
func (c *connection) refresh(ctx context.Context) {
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{}
	_, _ = c.client.Request(ctx, req) // if it fails, the brokers stay as they were
}

// unlisted is the error of a group that is not listed because a broker did not
// answer.
func unlisted(group string, cause error) error {
	e := &providers.Error{Provider: Type, Op: "read the state of group " + group, Kind: providers.ErrUnavailable,
		Message: "the group coordinator is not available: " + cause.Error(), Err: cause}
	if own := (*providers.Error)(nil); errors.As(cause, &own) {
		e.Code = own.Code
	}
	return e
}

// unread are the logs of one target that could not be read.
type unread struct {
	first providers.Part
	more  int
	cause error
}

// add records a log's error if it is temporary and concerns only this log, which is
// not so once the whole call has run out of time.
func (u *unread) add(ctx context.Context, p providers.Part, err error) bool {
	if !errors.Is(err, providers.ErrUnavailable) || ctx.Err() != nil {
		return false
	}
	if u.cause == nil {
		u.first, u.cause = p, err
	} else {
		u.more++
	}
	return true
}

func (u *unread) notes() []string {
	switch {
	case u.cause == nil:
		return nil
	case u.more == 0:
		return []string{fmt.Sprintf("The log of %s cannot be read: %v.", u.first, u.cause)}
	}
	return []string{fmt.Sprintf("The logs of %s and %d more cannot be read: %v.", u.first, u.more, u.cause)}
}

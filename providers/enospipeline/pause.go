package enospipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/retry"
)

// defaultRate is EnOS's own default of kafkaRate, in records a second.
const defaultRate = 1000

// A status is asked for often at first, then every other second.
const (
	firstPoll = 100 * time.Millisecond
	mostPoll  = 2 * time.Second
)

// Pause pauses a running pipeline and returns once EnOS tells that it reads
// no more. One that does not run is refused by EnOS with ErrPrecondition.
func (c *connection) Pause(ctx context.Context, t providers.Target) error {
	id := t.(*target).id
	op := "pause pipeline " + id
	if err := c.pause(ctx, id, op); err != nil {
		return err
	}
	return c.await(ctx, id, op, providers.Idle)
}

// Start starts a pipeline, a paused one too, and returns once EnOS tells that
// it runs. Settings are those of the API: executionMode, kafkaRate,
// resourceConfig. What is not given is as EnOS lists it for the pipeline; the
// rate, which EnOS does not tell, is its default.
func (c *connection) Start(ctx context.Context, t providers.Target, settings map[string]any) error {
	id := t.(*target).id
	op := "start pipeline " + id
	body, err := c.settings(ctx, id, op, settings)
	if err != nil {
		return err
	}
	if err := c.start(ctx, id, op, body); err != nil {
		return err
	}
	return c.await(ctx, id, op, providers.Active)
}

func (c *connection) settings(ctx context.Context, id, op string, given map[string]any) (map[string]any, error) {
	body := map[string]any{"kafkaRate": defaultRate}
	if given["executionMode"] == nil {
		released, err := c.released(ctx)
		if err != nil {
			return nil, err
		}
		for key, listed := range map[string]json.RawMessage{"executionMode": released[id].ExecutionMode, "resourceConfig": released[id].ResourceConfig} {
			if len(listed) > 0 && string(listed) != "null" {
				body[key] = listed
			}
		}
	}
	maps.Copy(body, given)
	if body["executionMode"] == nil {
		return nil, &providers.Error{Provider: Type, Op: op, Kind: providers.ErrInvalid,
			Message: "EnOS does not tell how it ran, and start.executionMode is not written: 0 (standalone) or 1 (cluster)"}
	}
	return body, nil
}

// await returns once EnOS tells that a pipeline is as it was ordered to be.
// The order was taken: an error after it is in doubt.
func (c *connection) await(ctx context.Context, id, op string, want providers.State) error {
	seen := "its status has not been read since"
	for wait := firstPoll; ; wait = min(2*wait, mostPoll) {
		released, err := c.released(ctx)
		p, listed := released[id]
		switch {
		case err == nil && activity(p).State == want:
			return nil
		case err == nil && !listed:
			err = &providers.Error{Provider: Type, Op: op, Kind: providers.ErrNotFound, Message: "it is listed no longer"}
		case err == nil:
			seen = "it was last seen " + activity(p).Why
		}
		if err == nil || errors.Is(err, providers.ErrUnavailable) || errors.Is(err, providers.ErrThrottled) {
			if retry.Sleep(ctx, wait) == nil {
				continue
			}
			err = context.Cause(ctx)
		}
		return &providers.Error{Provider: Type, Op: op, Kind: providers.ErrInDoubt, Err: err,
			Message: fmt.Sprintf("the order was taken, and %s: %v", seen, err)}
	}
}

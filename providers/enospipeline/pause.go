package enospipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/retry"
)

// defaultRate is EnOS's own default of kafkaRate, in records a second.
const defaultRate = 1000

// The status is polled often at first, then every two seconds.
const (
	firstPoll = 100 * time.Millisecond
	mostPoll  = 2 * time.Second
)

// Pause pauses a running pipeline and returns once EnOS reports it as no longer
// running. EnOS refuses to pause one that is not running: ErrPrecondition.
func (c *connection) Pause(ctx context.Context, t providers.Target) error {
	id, err := c.idOf(ctx, t.(*target), "pause")
	if err != nil {
		return err
	}
	if err := c.api.PausePipeline(ctx, id); err != nil {
		return err
	}
	return c.await(ctx, id, "pause pipeline "+id, providers.Idle)
}

// Start starts a pipeline, a paused one too, and returns once EnOS reports it as
// running. The settings are those of the API: executionMode, kafkaRate,
// resourceConfig. Those that are not given are as EnOS lists them for the
// pipeline; the rate, which EnOS does not report, is its default.
func (c *connection) Start(ctx context.Context, t providers.Target, settings map[string]any) error {
	id, err := c.idOf(ctx, t.(*target), "start")
	if err != nil {
		return err
	}
	op := "start pipeline " + id
	body, err := c.settings(ctx, id, op, settings)
	if err != nil {
		return err
	}
	if err := c.api.StartPipeline(ctx, id, body); err != nil && !c.isStarting(ctx, id, err) {
		return err
	}
	return c.await(ctx, id, op, providers.Active)
}

// isStarting reports whether a start was refused because an earlier one is under way,
// such as one whose answer was lost.
func (c *connection) isStarting(ctx context.Context, id string, refused error) bool {
	if !errors.Is(refused, providers.ErrPrecondition) {
		return false
	}
	released, err := c.released(ctx)
	return err == nil && statusOf(released[id]) == starting
}

func (c *connection) settings(ctx context.Context, id, op string, given map[string]any) (map[string]any, error) {
	body := map[string]any{"kafkaRate": defaultRate}
	if given["executionMode"] == nil {
		released, err := c.released(ctx)
		if err != nil {
			return nil, err
		}
		maps.Copy(body, released[id].Settings)
	}
	maps.Copy(body, given)
	if body["executionMode"] == nil {
		return nil, &providers.Error{Provider: Type, Op: op, Kind: providers.ErrInvalid,
			Message: "EnOS does not report the execution mode in which the pipeline ran: set start.executionMode to 0 (standalone) or 1 (cluster)"}
	}
	return body, nil
}

// await returns once EnOS reports the requested state of a pipeline. The request
// was accepted, so any error from here on is in doubt.
func (c *connection) await(ctx context.Context, id, op string, want providers.State) error {
	seen := "its status has not been read since"
	for wait := firstPoll; ; wait = min(2*wait, mostPoll) {
		released, err := c.released(ctx)
		p, listed := released[id]
		switch {
		case err == nil && activity(p).State == want:
			return nil
		case err == nil && !listed:
			err = &providers.Error{Provider: Type, Op: op, Kind: providers.ErrNotFound, Message: "the pipeline is no longer listed"}
		case err == nil && broken(statusOf(p)):
			return &providers.Error{Provider: Type, Op: op, Kind: errors.Join(providers.ErrInDoubt, providers.ErrPrecondition),
				Message: "the request was accepted, but the pipeline is " + statusOf(p) + "; look at it in the console"}
		case err == nil:
			seen = "its last status was " + activity(p).Why
		}
		if err == nil || errors.Is(err, providers.ErrUnavailable) || errors.Is(err, providers.ErrThrottled) {
			if retry.Sleep(ctx, wait) == nil {
				continue
			}
			err = context.Cause(ctx)
		}
		return &providers.Error{Provider: Type, Op: op, Kind: providers.ErrInDoubt, Err: err,
			Message: fmt.Sprintf("the request was accepted, but %s: %v", seen, err)}
	}
}

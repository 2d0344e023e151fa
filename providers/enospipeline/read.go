package enospipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/fanout"
)

const pageSize = 100

// unverifiable is what a person must know before every reset.
const unverifiable = "EnOS does not say where a reset leads, and tells no position of a pipeline that stands still: what it answers is all there is, and the reset cannot be verified."

// Read tells each pipeline's status, out of one list for all of them, and for
// those that run where they stood last.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	out := make([]providers.Snapshot, len(reqs))
	if len(reqs) == 0 {
		return out
	}
	released, err := c.released(ctx)
	fanout.Each(len(reqs), func(i int) {
		if out[i].Err = err; err == nil {
			out[i] = c.snapshot(ctx, reqs[i].Target.(*target).id, released)
		}
	})
	return out
}

// released returns the organisation's released pipelines by their ids. What
// EnOS calls the count is not said to be that of all pages, so only a page
// that is not full, or brings nothing new, ends the list.
func (c *connection) released(ctx context.Context) (map[string]pipeline, error) {
	all := map[string]pipeline{}
	for page := 1; ; page++ {
		listed, count, err := c.listPipelines(ctx, page, pageSize)
		if err != nil {
			return nil, err
		}
		if page == 1 && len(listed) == 0 && !count.Known {
			return nil, &providers.Error{Provider: Type, Op: "list the pipelines of " + c.org, Kind: providers.ErrInvalid,
				Message: "its answer cannot be understood: it has neither pipelines nor their count"}
		}
		before := len(all)
		for _, p := range listed {
			all[p.ID] = p
		}
		last := len(listed) < pageSize && count.Known && int64(len(all)) >= count.N
		if last || len(all) == before {
			return all, nil
		}
	}
}

func (c *connection) snapshot(ctx context.Context, id string, released map[string]pipeline) providers.Snapshot {
	p, ok := released[id]
	if !ok {
		return c.unlisted(ctx, id, released)
	}
	s := providers.Snapshot{Activity: activity(p), Notes: []string{unverifiable}}
	switch statusOf(p) {
	case running:
		note, err := c.stood(ctx, id)
		if err != nil && ctx.Err() != nil {
			return providers.Snapshot{Err: err}
		}
		if err != nil { // the figures are no more than a help
			note = "Where it stands could not be read: " + err.Error() + "."
		}
		s.Notes = append(s.Notes, note)
	case published:
		s.Notes = append(s.Notes, "It was released and not started since; the manual speaks of a reset of paused and stopped pipelines only.")
	}
	return s
}

// unlisted tells a pipeline that is not there from one that is there and not
// among the released ones.
func (c *connection) unlisted(ctx context.Context, id string, released map[string]pipeline) (s providers.Snapshot) {
	err := c.details(ctx, id)
	switch {
	case errors.Is(err, providers.ErrNotFound):
		s.Missing = []providers.Missing{{What: "pipeline", Name: id, Known: slices.Sorted(maps.Keys(released))}}
		s.Activity.Why = "there is no such pipeline"
	case err != nil:
		s.Err = err
	default:
		s.Err = &providers.Error{Provider: Type, Op: "read pipeline " + id, Kind: providers.ErrPrecondition,
			Message: "it is there and not among the organisation's released pipelines, so it has no status and nothing to reset; release it first"}
	}
	return s
}

// stood tells, in a sentence, where a running pipeline stood last.
func (c *connection) stood(ctx context.Context, id string) (string, error) {
	topic, readings, err := c.offsetAndLag(ctx, id)
	if err != nil {
		return "", err
	}
	var last reading
	for _, r := range readings {
		if r.Offset.Known && r.At.N >= last.At.N {
			last = r
		}
	}
	if !last.Offset.Known {
		return "It runs, and EnOS tells no offset of it yet.", nil
	}
	text := fmt.Sprintf("It runs and stood at offset %d of %s", last.Offset.N, topic)
	if last.At.Known {
		text += " at " + time.UnixMilli(last.At.N).UTC().Format(time.RFC3339)
	}
	if last.Lag.Known {
		text += fmt.Sprintf(", %d behind its end", last.Lag.N)
	}
	return text + "; the figures are one sum over all partitions.", nil
}

package enospipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/internal/api"
	"github.com/resetplan/resetplan/providers/internal/fanout"
)

const pageSize = 100

// What a person must know before every reset.
const (
	unverifiable = "EnOS reports neither the target of a reset nor the position of a stopped pipeline, so the reset cannot be verified."
	verifiable   = "EnOS does not report the target of a reset. With idle: {pause: true}, the offset before the pause is compared with the offset " +
		"after the start: a lower one verifies the reset."
	stageState = "A reset does not clear the intermediate state of the pipeline's operators (stage state), so windows and counters may count records " +
		"twice. To clear it, call Delete Stage State for each operator while the pipeline is paused."
)

// Read reports each pipeline's status, from one list for all of them, and for
// running pipelines their last known position.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	out := make([]providers.Snapshot, len(reqs))
	if len(reqs) == 0 {
		return out
	}
	released, err := c.released(ctx)
	fanout.Each(len(reqs), func(i int) {
		if out[i].Err = err; err == nil {
			out[i] = c.snapshot(ctx, reqs[i].Target.(*target), released)
		}
	})
	return out
}

// released returns the organisation's released pipelines by their ids. Whether
// the count that EnOS reports is that of all pages is not documented, so only a
// page that is not full, or brings nothing new, ends the list.
func (c *connection) released(ctx context.Context) (map[string]api.Pipeline, error) {
	all := map[string]api.Pipeline{}
	for page := 1; ; page++ {
		listed, count, err := c.api.ListPipelines(ctx, page, pageSize)
		if err != nil {
			return nil, err
		}
		if page == 1 && len(listed) == 0 && count == nil {
			return nil, &providers.Error{Provider: Type, Op: "list the pipelines of " + c.org, Kind: providers.ErrInvalid,
				Message: "unexpected response: neither pipelines nor their count"}
		}
		before := len(all)
		for _, p := range listed {
			all[p.ID] = p
		}
		last := len(listed) < pageSize && count != nil && int64(len(all)) >= *count
		if last || len(all) == before {
			return all, nil
		}
	}
}

func (c *connection) snapshot(ctx context.Context, t *target, released map[string]api.Pipeline) providers.Snapshot {
	id, several := lookUp(t, released)
	p, ok := released[id]
	switch {
	case several != nil:
		return providers.Snapshot{Err: ambiguous("read pipeline "+t.shown(), t.shown(), several)}
	case id == "":
		return missing(t.name, names(released))
	case !ok:
		return c.unlisted(ctx, id, released)
	}
	if why := unready(statusOf(p)); why != "" {
		return providers.Snapshot{Err: &providers.Error{Provider: Type, Op: "read pipeline " + id, Kind: providers.ErrPrecondition, Message: why}}
	}
	s := providers.Snapshot{Activity: activity(p), Notes: []string{unverifiable, stageState}}
	if statusOf(p) != running {
		return s
	}
	note, err := c.lastPosition(ctx, id)
	if err != nil && ctx.Err() != nil {
		return providers.Snapshot{Err: err}
	}
	if err != nil { // the figures only help
		note = "Its position could not be read: " + strings.TrimSuffix(err.Error(), ".") + "."
	}
	s.Notes = []string{verifiable, note, stageState}
	return s
}

// unlisted distinguishes a pipeline that does not exist from one that is not
// released.
func (c *connection) unlisted(ctx context.Context, id string, released map[string]api.Pipeline) (s providers.Snapshot) {
	err := c.api.GetPipelineDetails(ctx, id)
	switch {
	case errors.Is(err, providers.ErrNotFound):
		return missing(id, slices.Compact(slices.Sorted(slices.Values(append(names(released), slices.Collect(maps.Keys(released))...)))))
	case err != nil:
		s.Err = err
	default:
		s.Err = &providers.Error{Provider: Type, Op: "read pipeline " + id, Kind: providers.ErrPrecondition,
			Message: "the pipeline is not released, so it has no status and nothing to reset; release it first"}
	}
	return s
}

// missing reports a pipeline that does not exist.
func missing(name string, known []string) providers.Snapshot {
	return providers.Snapshot{
		Missing:  []providers.Missing{{What: providers.PipelineName, Name: name, Known: known}},
		Activity: providers.Activity{Why: "the pipeline does not exist"},
	}
}

// lastPosition describes the last known position of a running pipeline in a
// sentence.
func (c *connection) lastPosition(ctx context.Context, id string) (string, error) {
	sums, err := c.sums(ctx, id)
	if err != nil {
		return "", err
	}
	if len(sums) == 0 {
		return "The pipeline is running; EnOS reports no offset yet.", nil
	}
	last := sums[len(sums)-1]
	text := fmt.Sprintf("The pipeline is running and was at offset %d of %s", last.Offset, cmp.Or(last.Topic, "its topic"))
	if !last.At.IsZero() {
		text += " at " + last.At.Format(time.RFC3339)
	}
	if last.Lag != nil {
		text += fmt.Sprintf(", %d behind the end", *last.Lag)
	}
	return text + "; the figures are one sum over all partitions.", nil
}

package enospipeline

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/internal/api"
)

// Names returns the names of the released pipelines, for globs. A pipeline without a
// name is listed by its id. A name that several pipelines have is listed once: a step
// on it is blocked.
func (c *connection) Names(ctx context.Context, _ string, _ map[string]string) ([]string, error) {
	released, err := c.once(ctx)
	if err != nil {
		return nil, err
	}
	return names(released), nil
}

// names returns the pipelines' names, sorted, each once.
func names(released map[string]api.Pipeline) []string {
	all := map[string]bool{}
	for _, p := range released {
		all[cmp.Or(p.Name, p.ID)] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// Identify fills in the id that EnOS has for a target. A name that no pipeline has, or
// several have, stays without one: Read reports it.
func (c *connection) Identify(ctx context.Context, t providers.Target) (providers.Target, error) {
	released, err := c.once(ctx)
	if err != nil {
		return nil, err
	}
	same := *t.(*target)
	same.own, _ = lookUp(&same, released)
	return &same, nil
}

// once returns the released pipelines as they were first listed.
func (c *connection) once(ctx context.Context) (map[string]api.Pipeline, error) {
	c.mu.Lock()
	listed := c.listed
	c.mu.Unlock()
	if listed != nil {
		return listed, nil
	}
	listed, err := c.released(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listed = listed
	return listed, nil
}

// lookUp returns the id of a target's pipeline among those listed: that of the
// pipeline with the id, or else of the only one with the name. An id that is not listed
// may be that of a pipeline that is not released. It returns all ids of a name that
// several pipelines have.
func lookUp(t *target, released map[string]api.Pipeline) (id string, several []string) {
	if t.own != "" {
		return t.own, nil
	}
	if _, ok := released[t.id]; ok {
		return t.id, nil
	}
	for _, id := range slices.Sorted(maps.Keys(released)) {
		if released[id].Name == t.shown() {
			several = append(several, id)
		}
	}
	switch len(several) {
	case 0:
		return t.id, nil
	case 1:
		return several[0], nil
	}
	return "", several
}

// ambiguous is the error of a name that several pipelines have.
func ambiguous(op, name string, ids []string) error {
	return &providers.Error{Provider: Type, Op: op, Kind: providers.ErrPrecondition, Message: fmt.Sprintf(
		"%d pipelines have the name %q; set pipelineId to one of %s", len(ids), name, strings.Join(ids, ", "))}
}

// idOf returns the id of a target's pipeline for a request that changes it. A target
// that was not identified is looked up by its name.
func (c *connection) idOf(ctx context.Context, t *target, what string) (string, error) {
	if id := t.pipeline(); id != "" {
		return id, nil
	}
	released, err := c.released(ctx)
	if err != nil {
		return "", err
	}
	op := what + " pipeline " + t.name
	switch id, several := lookUp(t, released); {
	case several != nil:
		return "", ambiguous(op, t.name, several)
	case id == "":
		return "", &providers.Error{Provider: Type, Op: op, Kind: providers.ErrNotFound, Message: "no released pipeline has this name"}
	default:
		return id, nil
	}
}

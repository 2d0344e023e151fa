package enospipeline

import (
	"context"
	"fmt"

	"github.com/resetplan/resetplan/providers"
)

// Reset requests a pipeline's reset, once. EnOS reports that it accepted the
// request, and nothing about the positions.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	t := m.Target.(*target)
	if err := sendable(t.shown(), m.To); err != nil {
		return providers.Receipt{}, err
	}
	id, err := c.idOf(ctx, t, "reset")
	if err != nil {
		return providers.Receipt{}, err
	}
	request, err := c.api.ResetPipelineOffset(ctx, id)
	return providers.Receipt{RequestID: request}, err
}

// sendable refuses a move that EnOS cannot make.
func sendable(id string, to []providers.PartMove) error {
	refuse := func(format string, args ...any) error {
		return &providers.Error{Provider: Type, Op: "reset pipeline " + id, Kind: providers.ErrUnsupported, Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case len(to) != 1:
		return refuse("EnOS resets a pipeline as a whole, not %d parts of it", len(to))
	case to[0].Part != providers.Part{}:
		return refuse("a pipeline has no part %s that can be reset by itself", to[0].Part)
	case to[0].Position.Kind() != providers.Default:
		return refuse("EnOS accepts no target such as %s; use default", to[0].Position)
	}
	return nil
}

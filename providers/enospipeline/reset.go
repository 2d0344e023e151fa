package enospipeline

import (
	"context"
	"fmt"

	"github.com/resetplan/resetplan/providers"
)

// Reset orders a pipeline's reset, once. EnOS answers that it has taken the
// order and nothing of where that led.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	id := m.Target.(*target).id
	if err := sendable(id, m.To); err != nil {
		return providers.Receipt{}, err
	}
	request, err := c.resetOffset(ctx, id)
	return providers.Receipt{RequestID: request}, err
}

// sendable refuses what cannot be asked of EnOS.
func sendable(id string, to []providers.PartMove) error {
	refuse := func(format string, args ...any) error {
		return &providers.Error{Provider: Type, Op: "reset pipeline " + id, Kind: providers.ErrUnsupported, Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case len(to) != 1:
		return refuse("it is one move of the whole, not %d", len(to))
	case to[0].Part != providers.Part{}:
		return refuse("a pipeline has no part %s that could be moved alone", to[0].Part)
	case to[0].Position.Kind() != providers.Default:
		return refuse("it takes no target such as %s; write default", to[0].Position)
	}
	return nil
}

package tencentdts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/tencentdts/internal/api"
)

// Reset sends one request for each distinct position. The first that fails ends
// it: if it was the first of all, nothing was moved; otherwise the remaining
// partitions are reported as refused. The service reports nothing about single
// partitions, nor whether it moved anything at all.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	t := m.Target.(*target)
	orders, err := t.orders(m.To)
	if err != nil {
		return providers.Receipt{}, err
	}
	var receipt providers.Receipt
	var ids []string
	for i, o := range orders {
		id, err := c.api.ResetConsumerGroupOffset(ctx, api.Reset{Subscription: t.SubscribeID, Topic: o.topic, Group: t.group,
			Partitions: o.partitions, Mode: o.mode, Datetime: o.datetime})
		switch {
		case err == nil:
			ids = append(ids, id)
			receipt.RequestID = strings.Join(ids, ", ")
		case i == 0 || errors.Is(err, providers.ErrInDoubt):
			return receipt, err
		default:
			receipt.Parts = refused(orders[i:], err)
			return receipt, nil
		}
	}
	return receipt, nil
}

// A destination is a topic and a position in the service's terms.
type destination struct{ topic, mode, datetime string }

// An order is one request: partitions with a common destination.
type order struct {
	destination
	partitions []int
}

// orders turns a move into requests, sorted by their first partitions, or
// returns why the service cannot do it.
func (t *target) orders(moves []providers.PartMove) (all []order, err error) {
	for _, m := range moves {
		to, err := t.destination(m)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(o order) bool { return o.destination == to })
		if i < 0 {
			i, all = len(all), append(all, order{destination: to})
		}
		all[i].partitions = append(all[i].partitions, m.Part.Number)
	}
	return all, nil
}

// destination translates one partition's position, or refuses it.
func (t *target) destination(m providers.PartMove) (destination, error) {
	topic := cmp.Or(t.topic, m.Part.Topic)
	switch at, isTime := m.Position.Time(); {
	case topic == "" || m.Part != providers.Part{Topic: topic, Number: m.Part.Number}:
		return destination{}, t.unsupported(fmt.Sprintf("%q is not a partition of %s", m.Part, cmp.Or(topic, t.SubscribeID)))
	case isTime:
		return destination{topic, "datetime", api.Time(at)}, nil
	case m.Position.Kind() == providers.Earliest:
		return destination{topic: topic, mode: "earliest"}, nil
	case m.Position.Kind() == providers.Latest:
		return destination{topic: topic, mode: "latest"}, nil
	}
	return destination{}, t.unsupported(fmt.Sprintf("cannot reset to %s: use earliest, latest or a timestamp", m.Position))
}

func (t *target) unsupported(why string) error {
	return &providers.Error{Provider: Type, Op: "reset " + t.group, Kind: providers.ErrUnsupported, Message: why}
}

// refused returns the partitions whose request was refused or not sent.
func refused(left []order, err error) (parts []providers.PartResult) {
	for _, o := range left {
		for _, n := range o.partitions {
			parts = append(parts, providers.PartResult{Part: providers.Part{Topic: o.topic, Number: n}, Err: err})
		}
	}
	slices.SortFunc(parts, func(a, b providers.PartResult) int { return a.Part.Compare(b.Part) })
	return parts
}

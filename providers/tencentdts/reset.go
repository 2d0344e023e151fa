package tencentdts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// Reset sends one request for each place that partitions are to go to. The
// first that fails ends it: nothing was moved where none came before it, else
// the partitions that are left are told as refused. The service tells nothing
// of parts by itself, nor whether it did anything at all.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	t := m.Target.(*target)
	orders, err := t.orders(m.To)
	if err != nil {
		return providers.Receipt{}, err
	}
	var receipt providers.Receipt
	var ids []string
	for i, o := range orders {
		id, err := c.reset(ctx, t, o.to, o.partitions)
		switch {
		case err == nil:
			ids = append(ids, id)
			receipt.RequestID = strings.Join(ids, ", ")
		case i == 0 || errors.Is(err, providers.ErrInDoubt):
			return receipt, err
		default:
			receipt.Parts = refused(t, orders[i:], err)
			return receipt, nil
		}
	}
	return receipt, nil
}

// A place is a position in the service's words.
type place struct{ mode, at string }

// An order is one request.
type order struct {
	to         place
	partitions []int
}

// orders turns a move into requests, sorted by their first parts, or says why
// the service cannot be given it.
func (t *target) orders(moves []providers.PartMove) (all []order, err error) {
	for _, m := range moves {
		p, err := t.place(m)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(o order) bool { return o.to == p })
		if i < 0 {
			i, all = len(all), append(all, order{to: p})
		}
		all[i].partitions = append(all[i].partitions, m.Part.Number)
	}
	return all, nil
}

// place translates one part's position, or refuses what cannot be sent.
func (t *target) place(m providers.PartMove) (place, error) {
	switch at, isTime := m.Position.Time(); {
	case m.Part != t.part(m.Part.Number):
		return place{}, t.unsupported(fmt.Sprintf("partitions of %s are reset, not %q", t.topic, m.Part))
	case isTime:
		return place{"datetime", stamp(at)}, nil
	case m.Position.Kind() == providers.Earliest:
		return place{mode: "earliest"}, nil
	case m.Position.Kind() == providers.Latest:
		return place{mode: "latest"}, nil
	}
	return place{}, t.unsupported(fmt.Sprintf("%s cannot be sent: earliest, latest and times can", m.Position))
}

func (t *target) unsupported(why string) error {
	return &providers.Error{Provider: Type, Op: "reset " + t.group, Kind: providers.ErrUnsupported, Message: why}
}

// refused are the parts that a request was not made for, or was turned down.
func refused(t *target, left []order, err error) (parts []providers.PartResult) {
	for _, o := range left {
		for _, n := range o.partitions {
			parts = append(parts, providers.PartResult{Part: t.part(n), Err: err})
		}
	}
	slices.SortFunc(parts, func(a, b providers.PartResult) int { return a.Part.Compare(b.Part) })
	return parts
}

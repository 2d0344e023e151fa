package kafka

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Reset commits offsets and removes commits at the group's coordinator. Each
// request leaves once. Where both are asked for, the commit goes first; when
// no part of it is carried out, nothing is removed.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	if err := sendable(m.To); err != nil {
		return providers.Receipt{}, err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	group := m.Target.(*target).group
	moves, err := c.identify(ctx, m.To)
	if err != nil {
		return providers.Receipt{}, err
	}
	var set, unset []providers.PartMove
	for _, p := range moves {
		if p.Position.Kind() == providers.Unset {
			unset = append(unset, p)
			continue
		}
		set = append(set, p)
	}
	coordinator, err := c.coordinator(ctx, group)
	if err != nil {
		return providers.Receipt{}, err
	}
	results, err := c.commit(ctx, coordinator, group, set)
	if err == nil {
		err = providers.AllRefused(results)
	}
	if err == nil && len(unset) > 0 {
		var removed []providers.PartResult
		removed, err = c.remove(ctx, coordinator, group, unset)
		if err != nil && len(results) > 0 && !errors.Is(err, providers.ErrInDoubt) {
			for _, p := range unset { // the commit stands; this is a part's failure, not the whole's
				removed = append(removed, providers.PartResult{Part: p.Part, Err: err})
			}
			err = nil
		}
		results = append(results, removed...)
	}
	if err != nil {
		return providers.Receipt{}, err
	}
	slices.SortFunc(results, func(a, b providers.PartResult) int { return a.Part.Compare(b.Part) })
	return providers.Receipt{Parts: results}, providers.AllRefused(results)
}

// sendable refuses what an OffsetCommit and an OffsetDelete cannot say.
func sendable(moves []providers.PartMove) error {
	for _, p := range moves {
		if n, ok := p.Position.Offset(); p.Position.Kind() != providers.Unset && (!ok || n < 0) {
			return &providers.Error{Provider: Type, Op: "reset " + p.Part.String(), Kind: providers.ErrUnsupported, Message: p.Position.String() + " is not an offset that can be committed"}
		}
	}
	return nil
}

// identify makes sure that every topic is still the one that was planned for,
// and gives moves that were planned for none the topic's present id, by which
// brokers since 4.2 are asked. The client's cache tells where a reading has
// just filled it.
func (c *connection) identify(ctx context.Context, moves []providers.PartMove) ([]providers.PartMove, error) {
	names := map[string]bool{}
	for _, p := range moves {
		names[p.Part.Topic] = true
	}
	now, err := c.catalogue(ctx, slices.Sorted(maps.Keys(names)), trusted)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(moves)
	for i, p := range out {
		info := now.topics[p.Part.Topic]
		if info.missing || p.LogID != "" && info.logID() != "" && info.logID() != p.LogID {
			return nil, coded("commit on topic "+p.Part.Topic, kerr.UnknownTopicID.Code)
		}
		out[i].LogID = info.logID()
	}
	return out, nil
}

// coordinator returns the broker that keeps a group's offsets. A reading before
// has reported it; asking again is a read, and is repeated while no broker has
// taken over.
func (c *connection) coordinator(ctx context.Context, group string) (int32, error) {
	if known, ok := c.coordinators.Load(group); ok {
		return known.(int32), nil
	}
	within, cancel := context.WithTimeout(ctx, c.timeout/2) // the rest is for the commit
	defer cancel()
	node, err := c.findCoordinator(within, group)
	for pause := failoverPause; errors.Is(err, providers.ErrUnavailable) && retry.Sleep(within, pause) == nil; pause *= 2 {
		again, cause := c.findCoordinator(within, group)
		if cause != nil && within.Err() != nil {
			break // the error from before says more than "deadline exceeded"
		}
		node, err = again, cause
	}
	return node, err
}

func (c *connection) findCoordinator(ctx context.Context, group string) (int32, error) {
	op := "find the coordinator of group " + group
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.CoordinatorKeys, req.CoordinatorKey = []string{group}, group
	resp, err := c.client.Request(ctx, req)
	if err != nil {
		return 0, failed(op, err)
	}
	found := resp.(*kmsg.FindCoordinatorResponse)
	if len(found.Coordinators) == 0 {
		return found.NodeID, coded(op, found.ErrorCode)
	}
	return found.Coordinators[0].NodeID, coded(op, found.Coordinators[0].ErrorCode)
}

// trusted is how old the client's knowledge of topics may be where a topic's
// identity is held against it. Brokers from 4.2 on check it once more, with
// the commit.
const trusted = time.Second

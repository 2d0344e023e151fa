package kafka

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/retry"
)

// Reset commits offsets and removes commits at the group's coordinator. Each
// request is sent once. If both are needed, the commit goes first; if all of its
// parts are refused, nothing is removed.
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
	set, unset := divide(moves)
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
			for _, p := range unset { // the commit was applied; only these parts failed
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

// divide returns the moves that set an offset, and those that remove one.
func divide(moves []providers.PartMove) (set, unset []providers.PartMove) {
	removes := func(p *providers.PartMove) bool { return p.Position.Kind() == providers.Unset }
	n := 0
	for i := range moves {
		if removes(&moves[i]) {
			n++
		}
	}
	if n == 0 {
		return moves, nil
	}
	set, unset = make([]providers.PartMove, 0, len(moves)-n), make([]providers.PartMove, 0, n)
	for i := range moves {
		if removes(&moves[i]) {
			unset = append(unset, moves[i])
		} else {
			set = append(set, moves[i])
		}
	}
	return set, unset
}

// sendable refuses what neither OffsetCommit nor OffsetDelete can express.
func sendable(moves []providers.PartMove) error {
	for _, p := range moves {
		if n, ok := p.Position.Offset(); p.Position.Kind() != providers.Unset && (!ok || n < 0) {
			return &providers.Error{Provider: Type, Op: "reset " + p.Part.String(), Kind: providers.ErrUnsupported,
				Message: p.Position.String() + " is not an offset that can be committed"}
		}
	}
	return nil
}

// identify checks that every topic is still the one that was planned for, and fills
// in the current topic id for moves without one; brokers since 4.2 require it. It
// uses the client's cache if a reading has just filled it.
func (c *connection) identify(ctx context.Context, moves []providers.PartMove) ([]providers.PartMove, error) {
	names := map[string]bool{}
	for topic := range byTopic(moves, movedPart) {
		names[topic] = true
	}
	now, err := c.identities(ctx, names)
	if err != nil {
		return nil, err
	}
	out, at := moves, 0
	for topic, run := range byTopic(moves, movedPart) {
		info := now[topic]
		for i := range run {
			if id := run[i].LogID; info.missing || id != "" && info.logID != "" && info.logID != id {
				return nil, recreated("commit on topic " + topic)
			}
			if run[i].LogID == info.logID {
				continue
			}
			if &out[0] == &moves[0] {
				out = slices.Clone(moves)
			}
			out[at+i].LogID = info.logID
		}
		at += len(run)
	}
	return out, nil
}

// coordinator returns the broker that stores a group's offsets, as an earlier
// reading reported it. Otherwise it is looked up, repeatedly while no broker has
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
			break // the earlier error is more helpful than "deadline exceeded"
		}
		node, err = again, cause
	}
	return node, err
}

// trusted is the greatest age of the client's metadata when a topic's identity is
// checked. Brokers since 4.2 check it again, with the commit.
const trusted = time.Second

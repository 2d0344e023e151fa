package aliyunsls

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/resetplan/resetplan/providers"
)

// Reset sends one UpdateCheckPoint a shard, each once. A shard that is refused
// for itself, or whose answer is lost, does not keep the others from being
// sent; a refusal that would meet them all does.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	t := m.Target.(*target)
	if err := sendable(m.To); err != nil {
		return providers.Receipt{}, err
	}
	if err := c.sameLogs(ctx, t, m.To); err != nil {
		return providers.Receipt{}, err
	}
	var receipt providers.Receipt
	var doubt error
	for i, p := range m.To {
		id, err := c.update(ctx, t, p.Part.Number, p.Position)
		receipt.RequestID = cmp.Or(id, receipt.RequestID) // of the last one answered; a refusal carries its own
		if errors.Is(err, providers.ErrInDoubt) {
			doubt = cmp.Or(doubt, err)
			continue
		}
		if err == nil || ofShard(err) {
			receipt.Parts = append(receipt.Parts, providers.PartResult{Part: p.Part, Err: err})
			continue
		}
		for _, unsent := range m.To[i:] {
			receipt.Parts = append(receipt.Parts, providers.PartResult{Part: unsent.Part, Err: err})
		}
		break
	}
	return receipt, cmp.Or(doubt, providers.AllRefused(receipt.Parts))
}

// sendable refuses what is no cursor of a shard. The service itself takes any
// base64.
func sendable(moves []providers.PartMove) error {
	zero := providers.AtCursor("MA==")
	for _, p := range moves {
		if n, ok := p.Position.Distance(zero); !ok || n < 0 || p.Part != part(p.Part.Number) {
			return &providers.Error{Provider: Type, Op: "reset " + cmp.Or(p.Part.String(), "the whole"), Kind: providers.ErrUnsupported,
				Message: p.Position.String() + " is not a cursor that a shard can be set to"}
		}
	}
	return nil
}

// sameLogs makes sure that the shards are still those that were planned for
// and not ones of a logstore that was made again, on which an old cursor means
// nothing. A shard that is gone the service refuses by itself.
func (c *connection) sameLogs(ctx context.Context, t *target, moves []providers.PartMove) error {
	if !slices.ContainsFunc(moves, func(p providers.PartMove) bool { return p.LogID != "" }) {
		return nil
	}
	shards, err := c.shards(ctx, t.logstore)
	if err != nil {
		return err
	}
	for _, p := range moves {
		for _, now := range shards {
			if now.number == p.Part.Number && p.LogID != "" && now.created != "" && now.created != p.LogID {
				return &providers.Error{Provider: Type, Op: "reset " + p.Part.String(), Kind: providers.ErrNotFound,
					Message: "logstore " + t.logstore + " was deleted and made again under its name: the cursors of the old one mean nothing on it"}
			}
		}
	}
	return nil
}

// ofShard reports whether a refusal concerns the shard that was asked for and
// no other.
func ofShard(err error) bool {
	return isCode(err, "ShardNotExist") || isCode(err, "ShardNotExsit") || isCode(err, "InvalidShardCheckPoint")
}

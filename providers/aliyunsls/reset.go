package aliyunsls

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/resetplan/resetplan/providers"
)

// Reset sends one UpdateCheckPoint per shard, each once. If a shard is refused for a
// reason of its own, or its answer is lost, the others are still sent. If the refusal
// would apply to all shards, the rest is not sent.
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
		cursor, _ := p.Position.Cursor()
		id, err := c.api.UpdateCheckPoint(ctx, t.logstore, t.group, p.Part.Number, cursor)
		receipt.RequestID = cmp.Or(id, receipt.RequestID) // of the last answer; a refusal has its own
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

// sendable refuses positions that are not cursors of a shard. The service itself
// accepts any base64.
func sendable(moves []providers.PartMove) error {
	for _, p := range moves {
		cursor, isCursor := p.Position.Cursor()
		if n, ok := cursorNumber(cursor); !isCursor || !ok || n < 0 || p.Part != part(p.Part.Number) {
			return &providers.Error{Provider: Type, Op: "reset " + cmp.Or(p.Part.String(), "the whole target"), Kind: providers.ErrUnsupported,
				Message: p.Position.String() + " is not a cursor of a shard"}
		}
	}
	return nil
}

// sameLogs checks that the shards are still those that were planned for, and not
// shards of a logstore that was deleted and re-created, for which the old cursors are
// meaningless. The service itself refuses shards that no longer exist.
func (c *connection) sameLogs(ctx context.Context, t *target, moves []providers.PartMove) error {
	if !slices.ContainsFunc(moves, func(p providers.PartMove) bool { return p.LogID != "" }) {
		return nil
	}
	shards, err := c.api.ListShards(ctx, t.logstore)
	if err != nil {
		return err
	}
	for _, p := range moves {
		for _, now := range shards {
			if now.Number == p.Part.Number && p.LogID != "" && now.Created != "" && now.Created != p.LogID {
				return &providers.Error{Provider: Type, Op: "reset " + p.Part.String(), Kind: providers.ErrNotFound,
					Message: "logstore " + t.logstore + " was deleted and re-created: its old cursors are meaningless now; run plan again and review it"}
			}
		}
	}
	return nil
}

// ofShard reports whether a refusal concerns only the requested shard.
func ofShard(err error) bool {
	return isCode(err, "ShardNotExist") || isCode(err, "ShardNotExsit") || isCode(err, "InvalidShardCheckPoint")
}

package huaweirocketmq

import (
	"context"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// Reset moves the group to a time through its consumers. The receipt reports where
// that time leads on each queue; only reading shows the committed offsets.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	to, err := instant(m.To, c.now())
	if err != nil {
		return providers.Receipt{}, err
	}
	t := m.Target.(*target)
	answer, err := c.api.ResetConsumeOffset(ctx, t.group, t.topic, to)
	if err != nil {
		return providers.Receipt{}, err
	}
	receipt := providers.Receipt{RequestID: answer.RequestID}
	for q, at := range answer.Offsets {
		receipt.Parts = append(receipt.Parts, providers.PartResult{Part: t.part(q), Position: offset(at)})
	}
	slices.SortFunc(receipt.Parts, func(a, b providers.PartResult) int { return a.Part.Compare(b.Part) })
	return receipt, nil
}

// instant returns the time to send for the one position of a move.
//
// Earliest is the first instant of 1970. Latest is the present time, not the engine's
// -1: the manual does not document that value, and if it were read as a time, it would
// be before every record. The present time is the safe choice: if this clock is behind
// the service's, the last records are replayed and none is lost. Times before 1970 are
// refused, because one of them is that -1.
func instant(moves []providers.PartMove, now time.Time) (time.Time, error) {
	if len(moves) != 1 || moves[0].Part != (providers.Part{}) {
		return time.Time{}, unsupported("all queues of a topic are reset together, to one time")
	}
	to := moves[0].Position
	switch to.Kind() {
	case providers.Earliest:
		return time.UnixMilli(0), nil
	case providers.Latest:
		return now, nil
	case providers.Time:
		at, _ := to.Time()
		if at.UnixMilli() < 0 {
			return time.Time{}, unsupported(to.String() + " is before 1970, which the engine treats as a special value: use earliest")
		}
		return at, nil
	}
	return time.Time{}, unsupported(to.String() + " cannot be sent: the service accepts only a time")
}

func unsupported(why string) error {
	return &providers.Error{Provider: Type, Op: "reset", Kind: providers.ErrUnsupported, Message: why}
}

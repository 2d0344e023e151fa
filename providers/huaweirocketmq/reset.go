package huaweirocketmq

import (
	"context"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// Reset orders the group's consumers to a time. Its receipt tells where that
// time leads on each queue; where they stand is told by reading.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	to, err := instant(m.To, c.now())
	if err != nil {
		return providers.Receipt{}, err
	}
	return c.reset(ctx, m.Target.(*target), to)
}

// instant is the time that stands for the one position of a move.
//
// The oldest record is asked for by the epoch's first instant. The end is
// asked for by the present time, not by the engine's -1: the manual knows no
// such value, and where it would be taken for a time it lies before every
// record. The present time errs to the safe side: if this clock is behind the
// service's, the last records are read again, and none is lost. For the same
// reason a time before the epoch is refused: one of them is that -1.
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
			return time.Time{}, unsupported(to.String() + " lies before 1970, which the engine takes for a special value: write earliest")
		}
		return at, nil
	}
	return time.Time{}, unsupported(to.String() + " cannot be sent: the service takes only a time")
}

func unsupported(why string) error {
	return &providers.Error{Provider: Type, Op: "reset", Kind: providers.ErrUnsupported, Message: why}
}

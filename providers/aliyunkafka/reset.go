package aliyunkafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// mostPartitions is how many partitions one call names. The manual has no
// number; they travel in the request's line, which is to stay short enough for
// any gateway.
const mostPartitions = 50

// Reset sends one call for a time, and for offsets one call a topic, or more
// where a topic has many partitions. Each is sent once. What the service
// refuses after it has carried out another call is told part by part.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	orders, err := m.Target.(*target).orders(m.To)
	if err != nil {
		return providers.Receipt{}, err
	}
	var receipt providers.Receipt
	var ids []string
	var refused error
	carriedOut := false
	for _, o := range orders {
		id, err := c.updateConsumerOffset(ctx, o.op, o.params)
		if id != "" {
			ids = append(ids, id)
			receipt.RequestID = strings.Join(ids, ", ")
		}
		if errors.Is(err, providers.ErrInDoubt) {
			return receipt, err
		}
		carriedOut = carriedOut || err == nil
		if refused == nil {
			refused = err
		}
		for _, p := range o.parts {
			receipt.Parts = append(receipt.Parts, providers.PartResult{Part: p.Part, Err: err})
		}
	}
	if !carriedOut {
		return providers.Receipt{}, refused
	}
	return receipt, nil
}

// An order is one call.
type order struct {
	op     string
	params map[string]string
	parts  []providers.PartMove // that it moves; none = the whole target
}

// orders turns a move into calls, or says why the service cannot be given it.
func (t *target) orders(moves []providers.PartMove) ([]order, error) {
	if len(moves) == 1 && moves[0].Part == (providers.Part{}) {
		return t.toTime(moves[0].Position)
	}
	var out []order
	for _, m := range moves {
		n, ok := m.Position.Offset()
		if !ok || n < 0 || m.Part == (providers.Part{}) {
			return nil, t.unsupported(fmt.Sprintf("%s cannot be sent for %q: the service takes an offset for each partition, or a time for the whole", m.Position, m.Part))
		}
		last := len(out) - 1
		if last < 0 || len(out[last].parts) == mostPartitions || out[last].parts[0].Part.Topic != m.Part.Topic {
			out = append(out, order{op: "reset " + t.group + " on " + m.Part.Topic})
			last++
		}
		out[last].parts = append(out[last].parts, m)
	}
	for i := range out {
		text, err := offsets(out[i].parts)
		if err != nil {
			return nil, err
		}
		out[i].params = map[string]string{"ConsumerId": t.group, "Topic": out[i].parts[0].Part.Topic, "ResetType": "offset", "Offsets": text}
	}
	return out, nil
}

// offsets writes the parameter of that name as the vendor's newest SDK does.
func offsets(moves []providers.PartMove) (string, error) {
	type entry struct {
		Offset    int64
		Partition int
	}
	var list []entry
	for _, m := range moves {
		n, _ := m.Position.Offset()
		list = append(list, entry{n, m.Part.Number})
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// toTime is the order for a whole topic, or with an empty one for all topics
// that the group subscribes to. Negative times mean other things.
func (t *target) toTime(to providers.Position) ([]order, error) {
	at, ok := to.Time()
	switch {
	case !ok || at.UnixMilli() < 0:
		return nil, t.unsupported(fmt.Sprintf("%s cannot be sent for the whole target: the service takes a time since 1970", to))
	case t.partitions != nil:
		return nil, t.unsupported(onlyOffsets)
	}
	return []order{{op: "reset " + t.group, params: map[string]string{
		"ConsumerId": t.group, "Topic": t.topic, "ResetType": "timestamp", "Time": strconv.FormatInt(at.UnixMilli(), 10)}}}, nil
}

func (t *target) unsupported(why string) error {
	return &providers.Error{Provider: Type, Op: "reset " + t.group, Kind: providers.ErrUnsupported, Message: why}
}

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

// mostPartitions is how many partitions one call may have. The manual gives no
// limit; they are sent in the request line, which must stay short enough for any
// gateway.
const mostPartitions = 50

// Reset sends one call for a time. For offsets it sends one call per topic, or
// more if a topic has many partitions. Each call is sent once. If the service
// refuses a call after it has applied another one, the receipt reports the
// refusal for each partition of that call.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	calls, err := m.Target.(*target).calls(m.To)
	if err != nil {
		return providers.Receipt{}, err
	}
	var receipt providers.Receipt
	var ids []string
	var refused error
	applied := false
	for _, u := range calls {
		id, err := c.api.UpdateConsumerOffset(ctx, u.op, u.params)
		if id != "" {
			ids = append(ids, id)
			receipt.RequestID = strings.Join(ids, ", ")
		}
		if errors.Is(err, providers.ErrInDoubt) {
			return receipt, err
		}
		applied = applied || err == nil
		if refused == nil {
			refused = err
		}
		for _, p := range u.parts {
			receipt.Parts = append(receipt.Parts, providers.PartResult{Part: p.Part, Err: err})
		}
	}
	if !applied {
		return providers.Receipt{}, refused
	}
	return receipt, nil
}

// An update is one call of UpdateConsumerOffset.
type update struct {
	op     string
	params map[string]string
	parts  []providers.PartMove // that it moves; none = the whole target
}

// calls returns the calls that make a move, or why the service cannot make it.
func (t *target) calls(moves []providers.PartMove) ([]update, error) {
	if len(moves) == 1 && moves[0].Part == (providers.Part{}) {
		return t.toTime(moves[0].Position)
	}
	var out []update
	for _, m := range moves {
		n, ok := m.Position.Offset()
		if !ok || n < 0 || m.Part == (providers.Part{}) {
			return nil, t.unsupported(fmt.Sprintf("%s cannot be sent for %q: the service accepts an offset for each partition, or a time for the "+
				"whole target", m.Position, m.Part))
		}
		last := len(out) - 1
		if last < 0 || len(out[last].parts) == mostPartitions || out[last].parts[0].Part.Topic != m.Part.Topic {
			out = append(out, update{op: "reset " + t.group + " on " + m.Part.Topic})
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

// offsets returns the parameter Offsets in the form of the vendor's newest SDK.
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

// toTime returns the call for a whole topic, or for all topics that the group
// subscribes to if the topic is empty. To the service, negative times are special
// values.
func (t *target) toTime(to providers.Position) ([]update, error) {
	at, ok := to.Time()
	switch {
	case !ok || at.UnixMilli() < 0:
		return nil, t.unsupported(fmt.Sprintf("%s cannot be sent for the whole target: the service accepts only times since 1970", to))
	case t.partitions != nil:
		return nil, t.unsupported(onlyOffsets.String())
	}
	return []update{{op: "reset " + t.group, params: map[string]string{
		"ConsumerId": t.group, "Topic": t.topic, "ResetType": "timestamp", "Time": strconv.FormatInt(at.UnixMilli(), 10)}}}, nil
}

func (t *target) unsupported(why string) error {
	return &providers.Error{Provider: Type, Op: "reset " + t.group, Kind: providers.ErrUnsupported, Message: why}
}

package tencentdtsfake

import (
	"context"
	"encoding/json"
	"strconv"
)

type resetParams struct {
	subject
	TopicName, ConsumerGroupName, ResetMode, ResetDatetime *string
	PartitionNos                                           []json.RawMessage
}

// resetConsumerGroupOffset accepts a reset of an active group and does nothing.
func (f *Fake) resetConsumerGroupOffset(ctx context.Context, p resetParams) (map[string]any, error) {
	for name, given := range map[string]bool{"TopicName": p.TopicName != nil, "ConsumerGroupName": p.ConsumerGroupName != nil,
		"ResetMode": p.ResetMode != nil, "PartitionNos": len(p.PartitionNos) > 0} {
		if !given {
			return nil, missing(name)
		}
	}
	l, err := f.logs(ctx)
	if err != nil {
		return nil, err
	}
	partitions, err := f.partitions(l, p.PartitionNos)
	if err != nil {
		return nil, err
	}
	name, no := f.find(p)
	if no != nil {
		return nil, no
	}
	to, err := f.destination(ctx, l, p)
	if err != nil {
		return nil, err
	}
	return map[string]any{}, f.move(ctx, name, partitions, to)
}

func (f *Fake) find(p resetParams) (string, *refusal) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if *p.TopicName != SeedTopic {
		return "", &refusal{"ResourceNotFound.ResourceNotFoundError", "The topic `" + *p.TopicName + "` is not found."}
	}
	for _, g := range f.groups {
		if FullName(g.name) == *p.ConsumerGroupName {
			return g.name, nil
		}
	}
	return "", &refusal{"ResourceNotFound.ResourceNotFoundError", "The consumer group `" + *p.ConsumerGroupName + "` is not found."}
}

// partitions reads PartitionNos: integers, or strings too if the fake is lenient.
func (f *Fake) partitions(l logs, given []json.RawMessage) ([]int32, error) {
	var out []int32
	for _, raw := range given {
		text := string(raw)
		if f.options.Lenient {
			_ = json.Unmarshal(raw, &text) // a number stays as it is
		}
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return nil, &refusal{"InvalidParameter", "The value " + text + " of `PartitionNos` is not an integer."}
		}
		if _, there := l[int32(n)]; !there {
			return nil, invalid("The partition `%d` does not exist.", n)
		}
		out = append(out, int32(n))
	}
	return out, nil
}

// destination returns each partition's new offset.
func (f *Fake) destination(ctx context.Context, l logs, p resetParams) (map[int32]int64, error) {
	all := map[int32]int64{}
	switch *p.ResetMode {
	case "datetime":
		when := ""
		if p.ResetDatetime != nil {
			when = *p.ResetDatetime
		}
		return f.places(ctx, l, when)
	case "earliest":
		for n, ends := range l {
			all[n] = ends.low
		}
	case "latest":
		for n, ends := range l {
			all[n] = ends.high
		}
	default:
		return nil, invalid("ResetMode `%s` is not one of earliest, latest, datetime.", *p.ResetMode)
	}
	return all, nil
}

// rivalOffset is where the fault rival leaves a group.
const rivalOffset = 500

// move commits the partitions that were listed and leaves the others.
func (f *Fake) move(ctx context.Context, name string, partitions []int32, to map[int32]int64) error {
	f.mu.Lock()
	breaks := f.partial > 0
	if breaks {
		f.partial--
		partitions = partitions[:1]
	}
	if f.rival {
		f.rival = false
		for _, n := range partitions {
			to[n] = rivalOffset
		}
	}
	f.mu.Unlock()
	chosen := map[int32]int64{}
	for _, n := range partitions {
		chosen[n] = to[n]
	}
	if err := f.commit(ctx, name, chosen); err != nil || !breaks {
		return err
	}
	return &refusal{"FailedOperation.FailedOperationError", "Reset the offset of some partitions failed."}
}

package huaweirocketmq

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// Reset moves the group to a time through its consumers, with one call per topic, each
// sent once. The receipt reports where that time leads on each queue; only reading
// shows the committed offsets. If the service refuses a topic after it has accepted
// another one, the receipt has the refusal for each queue of the refused topic.
//
// After a call without an answer no other topic is sent: the error says which topics
// were accepted and which were not sent.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	to, err := instant(m.To, c.now())
	if err != nil {
		return providers.Receipt{}, err
	}
	t := m.Target.(*target)
	topics, err := c.sent(ctx, m)
	if err != nil {
		return providers.Receipt{}, err
	}
	var receipt providers.Receipt
	var ids, accepted []string
	var refused error
	for i, topic := range topics {
		answer, err := c.api.ResetConsumeOffset(ctx, t.group, topic.name, to)
		switch {
		case errors.Is(err, providers.ErrInDoubt):
			receipt.RequestID = strings.Join(ids, ", ")
			return receipt, inDoubt(err, accepted, topics[i+1:])
		case err != nil && len(topics) == 1, errors.Is(err, providers.ErrThrottled) && i == 0:
			return providers.Receipt{}, err
		case err != nil:
			refused = errors.Join(refused, err)
			for _, p := range topic.parts {
				receipt.Parts = append(receipt.Parts, providers.PartResult{Part: p, Err: err})
			}
			continue
		}
		ids, accepted = append(ids, answer.RequestID), append(accepted, topic.name)
		for q, at := range answer.Offsets {
			receipt.Parts = append(receipt.Parts, providers.PartResult{Part: part(topic.name, q), Position: offset(at)})
		}
	}
	if accepted == nil {
		return providers.Receipt{}, refused
	}
	receipt.RequestID = strings.Join(ids, ", ")
	slices.SortFunc(receipt.Parts, func(a, b providers.PartResult) int { return a.Part.Compare(b.Part) })
	return receipt, nil
}

// inDoubt adds to the error of a call without an answer what is known of the other
// topics.
func inDoubt(err error, accepted []string, unsent []topicParts) error {
	var words []string
	if accepted != nil {
		words = append(words, "the service accepted "+strings.Join(accepted, ", "))
	}
	var names []string
	for _, topic := range unsent {
		names = append(names, topic.name)
	}
	if names != nil {
		words = append(words, strings.Join(names, ", ")+" was not sent")
	}
	if words == nil {
		return err
	}
	return fmt.Errorf("%w; %s", err, strings.Join(words, "; "))
}

// topicParts is a topic with its queues.
type topicParts struct {
	name  string
	parts []providers.Part
}

// sent returns the topics that a move resets, with their queues: those that were
// planned, or what the target selects at present.
func (c *connection) sent(ctx context.Context, m providers.Move) ([]topicParts, error) {
	t := m.Target.(*target)
	if m.Parts != nil || !t.listed() && len(t.names) == 1 {
		return t.planned(m), nil
	}
	s := c.reading(ctx).snapshot(t, nil)
	if s.Err != nil {
		return nil, s.Err
	}
	for _, p := range s.Parts {
		m.Parts = append(m.Parts, p.Part)
	}
	if m.Parts == nil {
		return nil, &providers.Error{Provider: Type, Op: "reset", Kind: providers.ErrNotFound, Message: "the target selects no topic: name one"}
	}
	return t.planned(m), nil
}

// planned returns the topics that a move was planned for.
func (t *target) planned(m providers.Move) (out []topicParts) {
	for _, p := range m.Parts {
		if last := len(out) - 1; last >= 0 && out[last].name == p.Topic {
			out[last].parts = append(out[last].parts, p)
		} else {
			out = append(out, topicParts{p.Topic, []providers.Part{p}})
		}
	}
	if out == nil {
		for _, name := range t.names {
			out = append(out, topicParts{name: name})
		}
	}
	return out
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

package draft

import (
	"context"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// Fill reads the target of the plan, which r has opened, and fills in what exists:
// the topics if none is named, and comments with the present positions. It changes
// nothing on the service. A target that cannot be read is an error.
func (o *OneStep) Fill(ctx context.Context, r *survey.Reader) error {
	jobs, err := r.Jobs(ctx, nil)
	if err != nil {
		return err
	}
	all := r.ForReading(jobs)
	if err := r.Read(ctx, all); err != nil {
		return err
	}
	var topics []string
	for _, t := range all {
		s := t.Snapshot
		switch {
		case t.NoTarget != "":
			return plan.Refuse("correct the name", "%s", t.NoTarget)
		case s.Err != nil && t.Conn.Caps.Reads != providers.No:
			return s.Err
		case len(s.Missing) > 0:
			return plan.Refuse("correct the name", "%s %s not found", s.Missing[0].What, text.Quote(s.Missing[0].Name))
		}
		o.Head = append(o.Head, fmt.Sprintf("%s, consumers %s:", t.Address(), s.Activity.State))
		for parts := s.Parts; len(parts) > 0; {
			n := slices.IndexFunc(parts, func(p providers.PartReading) bool { return p.Part.Topic != parts[0].Part.Topic })
			if n < 0 {
				n = len(parts)
			}
			o.Head = append(o.Head, "  "+described(t.Conn.Caps.Order, parts[:n]))
			if topic := parts[0].Part.Topic; topic != "" && !slices.Contains(topics, topic) {
				topics = append(topics, topic)
			}
			parts = parts[n:]
		}
	}
	o.fillTopics(topics)
	return nil
}

// fillTopics names the topics if the plan names none, its provider's targets have
// the key, and groups are not found by globs.
func (o *OneStep) fillTopics(topics []string) {
	target := o.Keys[schema.OfTarget]
	has := func(key string) bool {
		return slices.ContainsFunc(schema.Inputs(), func(in schema.Input) bool {
			return in.Section == schema.OfTarget && in.Path[0] == key && slices.Contains(in.Types, o.Type)
		})
	}
	switch {
	case target["topic"] != nil || target["topics"] != nil || target["groups"] != nil:
	case len(topics) == 1 && has("topic"):
		o.Set(schema.OfTarget, []string{"topic"}, topics[0])
	case len(topics) > 1 && has("topics"):
		names := make([]any, len(topics))
		for i, topic := range topics {
			names[i] = topic
		}
		o.Set(schema.OfTarget, []string{"topics"}, names)
	}
}

// described returns the positions of the parts of one topic in a sentence.
func described(order providers.Order, parts []providers.PartReading) string {
	var all []providers.Part
	var lag int64
	committed, known := 0, true
	for _, p := range parts {
		all = append(all, p.Part)
		if k := p.Committed.Kind(); k != providers.Unset && k != providers.Unknown {
			committed++
		}
		if n := order.Lag(p.Committed, p.Low, p.High); n != nil {
			lag += *n
		} else {
			known = false
		}
	}
	out := fmt.Sprintf("%s: %d of %d committed", plan.PartRanges(all), committed, len(parts))
	if known {
		out += ", lag " + text.Grouped(lag)
	}
	return out
}

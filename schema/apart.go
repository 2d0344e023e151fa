package schema

import (
	"fmt"
	"slices"
	"strconv"

	safe "github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema/diag"
)

// apart finds positions that a step gives to what it does not select.
func (b *builder) apart(s *Step, kind, at string) {
	if kind == "" || s.Target == nil {
		return
	}
	topics := texts(s.Target["topics"])
	if topic := scalar(s.Target["topic"]); topic != "" {
		topics = []string{topic}
	}
	literal := s.Target["topic"] != nil
	b.flat(s, kind, topics, literal, at)
	chosen := map[string]bool{}
	for _, n := range list(s.Target["partitions"]) {
		chosen[scalar(n)] = true
	}
	for _, topic := range sortedKeys(s.To.Offsets) {
		path := at + ".to.offsets"
		if topic != "" {
			path += "." + topic
			if len(topics) > 0 && !slices.ContainsFunc(topics, func(t string) bool { return t == topic || !literal && safe.IsGlob(t) && safe.Match(t, topic) }) {
				b.report(path, true, fmt.Sprintf("topic %q is not in the step's target", diag.Shorten(topic)), b.didYouMean(topic, topics, "the target's topics are "))
				continue
			}
		}
		for _, n := range sortedInts(s.To.Offsets[topic]) {
			if len(chosen) > 0 && !chosen[strconv.Itoa(n)] {
				b.report(path+"."+strconv.Itoa(n), true, fmt.Sprintf("partition %d is not in the step's partitions", n), "add it to partitions, or remove it here")
			}
		}
	}
	b.outsideShards(s, at)
}

func (b *builder) outsideShards(s *Step, at string) {
	chosen := map[string]bool{}
	for _, n := range list(s.Target["shards"]) {
		chosen[scalar(n)] = true
	}
	for _, n := range sortedInts(s.To.Checkpoints) {
		if len(chosen) > 0 && !chosen[strconv.Itoa(n)] {
			b.report(at+".to.checkpoints."+strconv.Itoa(n), true, fmt.Sprintf("shard %d is not in the step's shards", n), "add it to shards, or remove it here")
		}
	}
}

// flat refuses offsets without a topic in a step that may have several topics.
func (b *builder) flat(s *Step, kind string, topics []string, literal bool, at string) {
	if s.To.Offsets[""] == nil || len(topics) == 1 && (literal || !safe.IsGlob(topics[0])) || !manyTopics(kind) {
		return
	}
	why := "the step selects every topic of the group"
	switch {
	case len(topics) > 1:
		why = "the step has several topics"
	case len(topics) == 1:
		why = fmt.Sprintf("%s may match several topics", topics[0])
	}
	b.report(at+".to.offsets", true, "offsets without a topic, and "+why, "write {offsets: {TOPIC: {0: 100}}}, or select one topic")
}

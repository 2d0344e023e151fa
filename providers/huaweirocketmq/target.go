package huaweirocketmq

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/internal/api"
)

// target is one group's offsets on all queues of some topics. Without names and globs
// it selects every topic that the group subscribes to.
type target struct {
	region, instance, group string
	names                   []string // topics named in full, sorted
	globs                   []string // sorted
}

var _ providers.Target = (*target)(nil)

// plainName matches the names of groups and topics.
var plainName = pattern.New(`^[A-Za-z0-9_%|-]+$`)

func newTarget(c config, decode func(into any) error) (*target, error) {
	var keys struct {
		Group  string   `json:"group"`
		Topic  string   `json:"topic"`
		Topics []string `json:"topics"`
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	t := &target{region: c.Region, instance: c.InstanceID, group: keys.Group}
	if !plainName.MatchString(keys.Group) {
		return nil, invalidName("group", keys.Group)
	}
	if keys.Topic != "" && keys.Topics != nil {
		return nil, &providers.KeyError{Key: "topics", Reason: "topic and topics are mutually exclusive", Remedy: "remove one of them"}
	}
	if keys.Topic != "" {
		t.names = []string{keys.Topic}
	}
	for _, topic := range keys.Topics {
		if text.IsGlob(topic) {
			t.globs = append(t.globs, topic)
		} else {
			t.names = append(t.names, topic)
		}
	}
	t.names, t.globs = once(t.names), once(t.globs)
	key := "topics"
	if keys.Topic != "" {
		key = "topic"
	}
	for _, name := range t.names {
		if !plainName.MatchString(name) {
			return nil, invalidName(key, name)
		}
		if isInternal(name) {
			return nil, &providers.KeyError{Key: key, Reason: name + " holds messages that could not be consumed, and a reset does not move them",
				Remedy: "use the topic that the consumers subscribe to"}
		}
	}
	for _, glob := range t.globs {
		if !plainName.MatchString(strings.NewReplacer("*", "x", "?", "x").Replace(glob)) {
			return nil, invalidName("topics", glob)
		}
	}
	return t, nil
}

func invalidName(key, name string) error {
	return &providers.KeyError{Key: key, Reason: fmt.Sprintf("invalid %s name %q", strings.TrimSuffix(key, "s"), name),
		Remedy: "use letters, digits, %, |, - and _"}
}

// once returns names sorted and without duplicates.
func once(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

// isInternal reports whether a topic is one that the engine keeps for a group: its
// records are delivered again by the engine, or dead. A reset does not move them.
func isInternal(topic string) bool {
	return strings.HasPrefix(topic, "%RETRY%") || strings.HasPrefix(topic, "%DLQ%")
}

// Address returns "huawei-rocketmq:region/instance/group/topics"; "*" means every topic
// that the group subscribes to.
func (t *target) Address() string {
	topics := slices.Sorted(slices.Values(slices.Concat(t.names, t.globs)))
	if topics == nil {
		topics = []string{"*"}
	}
	return Type + ":" + strings.Join([]string{t.region, t.instance, t.group, strings.Join(topics, ",")}, "/")
}

// Identity is the address: it names no endpoint.
func (t *target) Identity() string { return t.Address() }

// Group is the consumer group.
func (t *target) Group() string { return t.group }

// part returns a queue of a topic as a part of the contract.
func part(topic string, q api.Queue) providers.Part {
	return providers.Part{Topic: topic, Broker: q.Broker, Number: q.Number}
}

// SameGroup is true for the same group of an instance, whose id is unique among all
// regions.
func (t *target) SameGroup(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.instance == o.instance && t.group == o.group
}

// Overlaps is true for the same group if both targets select a common topic. Two
// different globs are not compared: what they match is known only later.
func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	if !ok || !t.SameGroup(o) {
		return false
	}
	return t.everything() || o.everything() || slices.ContainsFunc(t.names, o.selects) || slices.ContainsFunc(o.names, t.selects) ||
		slices.ContainsFunc(t.globs, func(glob string) bool { return slices.Contains(o.globs, glob) })
}

// everything reports whether the target means every topic that the group subscribes to.
func (t *target) everything() bool { return t.names == nil && t.globs == nil }

// listed reports whether the target's topics depend on what the group subscribes to.
func (t *target) listed() bool { return t.names == nil || t.globs != nil }

// selects reports whether the target means a topic, if the group subscribes to it.
func (t *target) selects(topic string) bool {
	if slices.Contains(t.names, topic) {
		return true
	}
	return !isInternal(topic) &&
		(t.everything() || slices.ContainsFunc(t.globs, func(glob string) bool { return text.Match(glob, topic) }))
}

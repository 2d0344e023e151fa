package kafka

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/numbers"
)

// target is one group's positions on some topics.
type target struct {
	servers    []string // sorted
	group      string
	topics     []string    // names and globs, sorted; nil = every topic with a commit
	partitions numbers.Set // only with one literal topic
}

var _ providers.Target = (*target)(nil)

func newTarget(servers []string, decode func(into any) error) (*target, error) {
	var keys struct {
		Group      string   `json:"group"`
		Topic      string   `json:"topic"`
		Topics     []string `json:"topics"`
		Partitions []int    `json:"partitions"`
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	partitions, err := numbers.Of(keys.Partitions)
	if err != nil {
		return nil, fmt.Errorf("partitions: %w", err)
	}
	t := &target{servers: slices.Sorted(slices.Values(servers)), group: keys.Group, topics: slices.Clone(keys.Topics), partitions: partitions}
	if keys.Topic != "" {
		t.topics = append(t.topics, keys.Topic)
	}
	slices.Sort(t.topics)
	t.topics = slices.Compact(t.topics)
	for _, name := range t.topics {
		if _, err := path.Match(name, ""); err != nil {
			return nil, fmt.Errorf("topics: %q is not a glob: a [ is not closed", name)
		}
	}
	switch {
	case t.group == "":
		return nil, errors.New("group: it is not named")
	case t.partitions != nil && (len(t.topics) != 1 || isGlob(t.topics[0])):
		return nil, errors.New("partitions: they can be chosen only of one topic, named in full")
	}
	return t, nil
}

// Address returns "kafka:host:9092/group/topics:partitions"; "*" stands for
// every topic with a commit.
func (t *target) Address() string {
	topics := "*"
	if t.topics != nil {
		topics = strings.Join(t.topics, ",")
	}
	if t.partitions != nil {
		topics += ":" + t.partitions.String()
	}
	return Type + ":" + strings.Join(t.servers, ",") + "/" + t.group + "/" + topics
}

// Identity is the address until the cluster is known.
func (t *target) Identity() string { return t.Address() }

// Overlaps is true for the same group of the same cluster, known by a common
// bootstrap server, where a topic and a partition are named by both. Two
// different globs are not compared: what they match is known only later.
func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	if !ok || t.group != o.group || !slices.ContainsFunc(t.servers, func(s string) bool { return slices.Contains(o.servers, s) }) {
		return false
	}
	if !t.partitions.Meets(o.partitions) {
		return false
	}
	if t.topics == nil || o.topics == nil {
		return true
	}
	return slices.ContainsFunc(t.topics, func(a string) bool {
		return slices.ContainsFunc(o.topics, func(b string) bool { return a == b || matches(a, b) || matches(b, a) })
	})
}

// selects reports whether the target's topics mean a topic by that name.
func (t *target) selects(topic string) bool {
	return slices.ContainsFunc(t.topics, func(name string) bool { return name == topic || matches(name, topic) })
}

// literals returns the topics that are named in full.
func (t *target) literals() []string {
	return slices.DeleteFunc(slices.Clone(t.topics), isGlob)
}

func isGlob(s string) bool { return strings.ContainsAny(s, "*?[") }

func matches(glob, name string) bool {
	if !isGlob(glob) || isGlob(name) {
		return false
	}
	ok, err := path.Match(glob, name)
	return err == nil && ok
}

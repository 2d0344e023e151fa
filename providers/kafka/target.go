package kafka

import (
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/partset"
)

// target is one group's positions on some topics. Without names and globs it selects
// every topic on which the group has a commit.
type target struct {
	servers    []string // sorted
	cluster    string   // the cluster's id; "" until Identify has filled it in
	group      string
	names      []string    // topics named in full, sorted
	globs      []string    // sorted
	exclude    []string    // names and globs, sorted
	partitions partset.Set // only with one name
}

var _ providers.Target = (*target)(nil)

func newTarget(servers []string, decode func(into any) error) (*target, error) {
	var keys struct {
		Group      string   `json:"group"`
		Topic      string   `json:"topic"`
		Topics     []string `json:"topics"`
		Exclude    []string `json:"excludeTopics"`
		Partitions []int    `json:"partitions"`
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	partitions, err := partset.Of("partitions", keys.Partitions)
	if err != nil {
		return nil, err
	}
	t := &target{servers: slices.Sorted(slices.Values(servers)), group: keys.Group, exclude: once(keys.Exclude), partitions: partitions}
	t.globs = once(slices.DeleteFunc(slices.Clone(keys.Topics), func(s string) bool { return !text.IsGlob(s) }))
	t.names = slices.DeleteFunc(slices.Clone(keys.Topics), text.IsGlob)
	if keys.Topic != "" {
		t.names = append(t.names, keys.Topic)
	}
	t.names = once(t.names)
	switch {
	case t.group == "":
		return nil, &providers.KeyError{Key: "group", Reason: "group is required"}
	case t.partitions != nil && (len(t.names) != 1 || t.globs != nil):
		return nil, &providers.KeyError{Key: "partitions", Reason: "partitions requires exactly one topic, without globs"}
	case t.names != nil && t.globs == nil && !slices.ContainsFunc(t.names, func(name string) bool { return !t.excludes(name) }):
		return nil, &providers.KeyError{Key: "excludeTopics", Reason: "excludeTopics excludes every topic", Remedy: "remove the topics to reset from it"}
	}
	return t, nil
}

// once returns names sorted and without duplicates; nil if there are none.
func once(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// Address returns "kafka:host:9092/group/topics:partitions"; "*" means every
// topic with a commit. A topic's name that looks like a glob is quoted, and
// what is excluded follows a "!".
func (t *target) Address() string { return Type + ":" + strings.Join(t.servers, ",") + t.path() }

// Identity is the address with the cluster's id in place of the servers, and
// the address itself until the cluster is known.
func (t *target) Identity() string {
	if t.cluster == "" {
		return t.Address()
	}
	return Type + ":" + t.cluster + t.path()
}

// path is what an address and an identity have in common.
func (t *target) path() string {
	var topics []string
	for _, name := range t.names {
		if text.IsGlob(name) {
			name = strconv.Quote(name)
		}
		topics = append(topics, name)
	}
	topics = append(topics, t.globs...)
	slices.Sort(topics)
	if topics == nil {
		topics = []string{"*"}
	}
	for _, name := range t.exclude {
		topics = append(topics, "!"+name)
	}
	path := "/" + t.group + "/" + strings.Join(topics, ",")
	if t.partitions != nil {
		path += ":" + t.partitions.String()
	}
	return path
}

// Group is the consumer group.
func (t *target) Group() string { return t.group }

// SameGroup is true for the same group of the same cluster. The cluster is known by its
// id, or, as long as one of the ids is not known, by a common bootstrap server.
func (t *target) SameGroup(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.group == o.group && t.sameCluster(o)
}

// Overlaps is true for the same group if both targets select a common topic and
// partition. Two different globs are not compared: what they match is known only later.
func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	if !ok || !t.SameGroup(o) || !t.partitions.Meets(o.partitions) {
		return false
	}
	if t.everything() && o.everything() {
		return true
	}
	return slices.ContainsFunc(t.names, o.selects) || slices.ContainsFunc(o.names, t.selects) ||
		o.everything() && slices.ContainsFunc(t.globs, o.mayMatch) || t.everything() && slices.ContainsFunc(o.globs, t.mayMatch) ||
		slices.ContainsFunc(t.globs, func(glob string) bool { return slices.Contains(o.globs, glob) && t.mayMatch(glob) && o.mayMatch(glob) })
}

// mayMatch reports whether the target may select a topic that a glob matches: it excludes
// neither all of them nor, without globs of its own, the internal ones.
func (t *target) mayMatch(glob string) bool {
	return !t.excludes(glob) && (!t.everything() || !internal(glob))
}

func (t *target) sameCluster(o *target) bool {
	if t.cluster != "" && o.cluster != "" {
		return t.cluster == o.cluster
	}
	return slices.ContainsFunc(t.servers, func(s string) bool { return slices.Contains(o.servers, s) })
}

// everything reports whether the target means every topic with a commit.
func (t *target) everything() bool { return t.names == nil && t.globs == nil }

// selects reports whether the target means a topic by that name, if the group
// has a commit on it.
func (t *target) selects(topic string) bool {
	return t.named(topic) || t.matches(topic) || t.everything() && !internal(topic) && !t.excludes(topic)
}

// named reports whether the target names a topic in full.
func (t *target) named(topic string) bool {
	return slices.Contains(t.names, topic) && !t.excludes(topic)
}

// matches reports whether one of the target's globs matches a topic.
func (t *target) matches(topic string) bool {
	return slices.ContainsFunc(t.globs, func(glob string) bool { return matches(glob, topic) }) && !t.excludes(topic)
}

func (t *target) excludes(topic string) bool {
	return slices.ContainsFunc(t.exclude, func(x string) bool { return x == topic || text.Match(x, topic) })
}

// literals returns the topics that are named in full.
func (t *target) literals() []string {
	return slices.DeleteFunc(slices.Clone(t.names), t.excludes)
}

// matches reports whether a glob matches a topic. Internal topics are matched
// only by a glob that begins with two underscores, too.
func matches(glob, topic string) bool {
	return text.Match(glob, topic) && (!internal(topic) || internal(glob))
}

// internal reports whether a topic is one that Kafka keeps for itself.
func internal(topic string) bool { return strings.HasPrefix(topic, "__") }

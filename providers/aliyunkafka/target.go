package aliyunkafka

import (
	"cmp"
	"fmt"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/partset"
)

// target is one group's offsets on a topic, or on all topics it subscribes to.
type target struct {
	config
	group      string
	topic      string      // "" = every topic that the group subscribes to
	partitions partset.Set // only with a topic
}

var _ providers.Target = (*target)(nil)

// mostName is the maximum length of a name. The service silently truncates
// longer ones and would move another group.
const mostName = 64

func newTarget(c config, decode func(into any) error) (*target, error) {
	var keys struct {
		Group      string `json:"group"`
		Topic      string `json:"topic"`
		Partitions []int  `json:"partitions"`
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	partitions, err := partset.Of("partitions", keys.Partitions)
	switch {
	case err != nil:
		return nil, err
	case keys.Group == "":
		return nil, &providers.KeyError{Key: "group", Reason: "group is required"}
	case len(keys.Group) > mostName:
		return nil, tooLong("group")
	case len(keys.Topic) > mostName:
		return nil, tooLong("topic")
	case partitions != nil && keys.Topic == "":
		return nil, &providers.KeyError{Key: "partitions", Reason: "partitions requires a topic"}
	}
	return &target{config: c, group: keys.Group, topic: keys.Topic, partitions: partitions}, nil
}

func tooLong(key string) error {
	return &providers.KeyError{Key: key, Reason: fmt.Sprintf("the %s name is longer than %d characters; "+
		"the service would truncate it and move another %s", key, mostName, key)}
}

// Address returns "aliyun-kafka:region/instance/group/topic:partitions"; a topic
// of "*" means every topic.
func (t *target) Address() string {
	address := Type + ":" + t.Region + "/" + t.InstanceID + "/" + t.group + "/" + cmp.Or(t.topic, "*")
	if t.partitions != nil {
		address += ":" + t.partitions.String()
	}
	return address
}

// Identity is the address: it names no endpoint.
func (t *target) Identity() string { return t.Address() }

// Group is the consumer group.
func (t *target) Group() string { return t.group }

// SameGroup is true for the same group of the same instance.
func (t *target) SameGroup(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.config == o.config && t.group == o.group
}

// Overlaps is true for the same group if both targets have a topic and a partition in
// common.
func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.SameGroup(o) && (t.topic == o.topic || t.topic == "" || o.topic == "") && t.partitions.Meets(o.partitions)
}

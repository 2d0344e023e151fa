package huaweirocketmq

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// target is one group's positions on all queues of one topic.
type target struct {
	region, instance, group, topic string
}

var _ providers.Target = (*target)(nil)

// plainName are the characters of groups and topics.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_%|-]+$`)

func newTarget(c config, decode func(into any) error) (*target, error) {
	var keys struct {
		Group string `json:"group"`
		Topic string `json:"topic"`
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	for _, k := range []struct{ name, value string }{{"group", keys.Group}, {"topic", keys.Topic}} {
		if !plainName.MatchString(k.value) {
			return nil, fmt.Errorf("%s: %q is no name: it consists of letters, digits and the signs %%, |, - and _", k.name, k.value)
		}
	}
	for _, prefix := range []string{"%RETRY%", "%DLQ%"} {
		if strings.HasPrefix(keys.Topic, prefix) {
			return nil, fmt.Errorf("topic: %s holds what could not be consumed, and a reset leaves that where it is: name the topic that the consumers subscribe to", keys.Topic)
		}
	}
	return &target{c.Region, c.InstanceID, keys.Group, keys.Topic}, nil
}

// Address returns "huawei-rocketmq:region/instance/group/topic".
func (t *target) Address() string {
	return Type + ":" + strings.Join([]string{t.region, t.instance, t.group, t.topic}, "/")
}

// Identity is the address: it names no endpoint.
func (t *target) Identity() string { return t.Address() }

// Group is the consumer group.
func (t *target) Group() string { return t.group }

// Overlaps is true for the same group and topic of an instance, whose id is
// its own whatever region stands beside it.
func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.instance == o.instance && t.group == o.group && t.topic == o.topic
}

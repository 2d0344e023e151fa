package huaweirocketmq

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/internal/api"
)

// target is one group's offsets on all queues of one topic.
type target struct {
	region, instance, group, topic string
}

var _ providers.Target = (*target)(nil)

// plainName matches the names of groups and topics.
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
			return nil, &providers.KeyError{Key: k.name, Reason: fmt.Sprintf("invalid %s name %q", k.name, k.value),
				Remedy: "use letters, digits, %, |, - and _"}
		}
	}
	for _, prefix := range []string{"%RETRY%", "%DLQ%"} {
		if strings.HasPrefix(keys.Topic, prefix) {
			return nil, &providers.KeyError{Key: "topic", Reason: keys.Topic + " holds messages that could not be consumed, and a reset does not move them",
				Remedy: "use the topic that the consumers subscribe to"}
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

// part returns a queue as a part of the contract.
func (t *target) part(q api.Queue) providers.Part {
	return providers.Part{Topic: t.topic, Broker: q.Broker, Number: q.Number}
}

// Overlaps reports whether both targets are the same group and topic of an instance.
// An instance's id is unique among all regions.
func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.instance == o.instance && t.group == o.group && t.topic == o.topic
}

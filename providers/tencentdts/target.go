package tencentdts

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/partset"
)

// target is one group's positions on the topic of a subscription. A subscription
// has exactly one topic, so the topic's name is no part of what the target is.
type target struct {
	config
	group      string // its full name
	topic      string // as the document names it; "" = whatever topic the subscription has
	partitions partset.Set
}

var _ providers.Target = (*target)(nil)

func newTarget(c config, decode func(into any) error) (*target, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	var keys struct {
		Group      string `json:"group"`
		Topic      string `json:"topic"`
		Partitions []int  `json:"partitions"`
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	partitions, err := partset.Of("partitions", keys.Partitions)
	if err != nil {
		return nil, err
	}
	group, err := fullName(c.SubscribeID, keys.Group)
	if err != nil {
		return nil, err
	}
	return &target{c, group, keys.Topic, partitions}, nil
}

const fullPrefix = "consumer-grp-"

// fullName returns a group's name as Kafka knows it, the only form that a reset
// is documented to accept. People also use the name that they gave the group.
func fullName(subscription, name string) (string, error) {
	own := fullPrefix + subscription + "-"
	switch short := strings.TrimPrefix(name, own); {
	case short == "":
		return "", &providers.KeyError{Key: "group", Reason: "group is required"}
	case strings.HasPrefix(short, fullPrefix):
		return "", &providers.KeyError{Key: "group", Reason: fmt.Sprintf("group %q does not belong to the subscription %s", name, subscription),
			Remedy: "write " + own + "NAME, or just NAME"}
	default:
		return own + short, nil
	}
}

// Address returns "tencent-dts:region/subscription/group:partitions".
func (t *target) Address() string {
	address := Type + ":" + t.Region + "/" + t.SubscribeID + "/" + t.group
	if t.partitions != nil {
		address += ":" + t.partitions.String()
	}
	return address
}

// Identity is the address, which holds no endpoint.
func (t *target) Identity() string { return t.Address() }

// Group is the consumer group.
func (t *target) Group() string { return t.group }

// SameGroup is true for the same group of the same subscription.
func (t *target) SameGroup(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.Region == o.Region && t.SubscribeID == o.SubscribeID && t.group == o.group
}

// Overlaps is true for the same group if both select a common partition.
func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.SameGroup(o) && t.partitions.Meets(o.partitions)
}

package tencentdts

import (
	"errors"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/partset"
)

// target is one group's positions on the topic of a subscription.
type target struct {
	config
	group      string // its full name
	topic      string
	partitions partset.Set
}

var _ providers.Target = (*target)(nil)

func newTarget(c config, decode func(into any) error) (*target, error) {
	var keys struct {
		Group      string `json:"group"`
		Topic      string `json:"topic"`
		Partitions []int  `json:"partitions"`
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	partitions, err := partset.Of(keys.Partitions)
	if err != nil {
		return nil, fmt.Errorf("partitions: %w", err)
	}
	group, err := fullName(c.SubscribeID, keys.Group)
	if err != nil {
		return nil, err
	}
	if keys.Topic == "" {
		return nil, errors.New("topic is required")
	}
	return &target{c, group, keys.Topic, partitions}, nil
}

// fullName returns a group's name as Kafka knows it, the only form that a reset
// is documented to accept. People also use the name that they gave the group.
func fullName(subscription, name string) (string, error) {
	const prefix = "consumer-grp-"
	own := prefix + subscription + "-"
	switch short := strings.TrimPrefix(name, own); {
	case short == "":
		return "", errors.New("group is required")
	case strings.HasPrefix(short, prefix):
		return "", fmt.Errorf("group: %q does not belong to the subscription %s: write %sNAME, or just NAME", name, subscription, own)
	default:
		return own + short, nil
	}
}

// Address returns "tencent-dts:region/subscription/group/topic:partitions".
func (t *target) Address() string {
	address := Type + ":" + t.Region + "/" + t.SubscribeID + "/" + t.group + "/" + t.topic
	if t.partitions != nil {
		address += ":" + t.partitions.String()
	}
	return address
}

// Identity is the address, which holds no endpoint.
func (t *target) Identity() string { return t.Address() }

// Group is the consumer group.
func (t *target) Group() string { return t.group }

// Overlaps is true for the same group and topic if both select a common partition.
func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.config == o.config && t.group == o.group && t.topic == o.topic && t.partitions.Meets(o.partitions)
}

package aliyunsls

import (
	"errors"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/partset"
)

// target is one consumer group's checkpoints on the shards of its logstore.
type target struct {
	place    place
	logstore string
	group    string
	shards   partset.Set
}

var _ providers.Target = (*target)(nil)

func newTarget(p place, decode func(into any) error) (*target, error) {
	var keys struct {
		Logstore      string `json:"logstore"`
		ConsumerGroup string `json:"consumerGroup"`
		Shards        []int  `json:"shards"`
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	shards, err := partset.Of(keys.Shards)
	switch {
	case keys.Logstore == "":
		return nil, errors.New("logstore: it is not named")
	case !isName(keys.Logstore):
		return nil, fmt.Errorf("logstore: %q is no name of one: it holds letters, digits, - and _", keys.Logstore)
	case keys.ConsumerGroup == "":
		return nil, errors.New("consumerGroup: it is not named")
	case !isName(keys.ConsumerGroup):
		return nil, fmt.Errorf("consumerGroup: %q is no name of one: it holds letters, digits, - and _", keys.ConsumerGroup)
	case err != nil:
		return nil, fmt.Errorf("shards: %w", err)
	}
	return &target{place: p, logstore: keys.Logstore, group: keys.ConsumerGroup, shards: shards}, nil
}

// isName reports whether the service gives such names. The SDK writes them
// into paths as they are.
func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

// Address returns "aliyun-sls:region/project/group/logstore:shards".
func (t *target) Address() string {
	address := Type + ":" + t.place.name() + "/" + t.place.project + "/" + t.group + "/" + t.logstore
	if t.shards != nil {
		address += ":" + t.shards.String()
	}
	return address
}

// Identity leaves the region out: a project's name is unique among all regions,
// and a plan may reach it by an endpoint that names none.
func (t *target) Identity() string {
	return Type + ":" + strings.TrimPrefix(t.Address(), Type+":"+t.place.name()+"/")
}

// Group is the consumer group.
func (t *target) Group() string { return t.group }

// Overlaps is true for the same group of the same logstore where a shard is
// named by both.
func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.place.name() == o.place.name() && t.place.project == o.place.project && t.logstore == o.logstore && t.group == o.group && t.shards.Meets(o.shards)
}

// part is a shard as the contract names it.
func part(shard int) providers.Part { return providers.Part{Topic: "shard", Number: shard} }

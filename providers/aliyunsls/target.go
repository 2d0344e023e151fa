package aliyunsls

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/partset"
)

// target is one consumer group's checkpoints on the shards of its logstore.
type target struct {
	project  project
	logstore string
	group    string
	shards   partset.Set
}

var _ providers.Target = (*target)(nil)

func newTarget(p project, decode func(into any) error) (*target, error) {
	var keys struct {
		Logstore      string `json:"logstore"`
		ConsumerGroup string `json:"consumerGroup"`
		Shards        []int  `json:"shards"`
	}
	if err := decode(&keys); err != nil {
		return nil, err
	}
	shards, err := partset.Of("shards", keys.Shards)
	switch {
	case keys.Logstore == "":
		return nil, &providers.KeyError{Key: "logstore", Reason: "logstore is required"}
	case !isName(keys.Logstore):
		return nil, badName("logstore", keys.Logstore, "use letters, digits, - and _")
	case keys.ConsumerGroup == "":
		return nil, &providers.KeyError{Key: "consumerGroup", Reason: "consumerGroup is required"}
	case !isGroupName(keys.ConsumerGroup):
		return nil, badName("consumerGroup", keys.ConsumerGroup, "use letters, digits, -, _ and dots")
	case err != nil:
		return nil, err
	}
	return &target{project: p, logstore: keys.Logstore, group: keys.ConsumerGroup, shards: shards}, nil
}

func badName(key, name, remedy string) error {
	return &providers.KeyError{Key: key, Reason: fmt.Sprintf("invalid %s name %q", key, name), Remedy: remedy}
}

// isName reports whether a name has only the characters that the service allows in
// names of logstores. The SDK writes names into paths without escaping them.
func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

// isGroupName reports whether a name is one of a logstore, or has dots, too: the manual
// does not restrict the names of groups, and a path can have them.
func isGroupName(s string) bool {
	return isName(strings.ReplaceAll(s, ".", "_")) && strings.Trim(s, ".") != ""
}

// Address returns "aliyun-sls:region/project/group/logstore:shards", with the endpoint's
// host in place of a region that is not known.
func (t *target) Address() string {
	return Type + ":" + cmp.Or(t.project.region, t.project.host) + "/" + t.names()
}

// Identity is the address, without the endpoint's host.
func (t *target) Identity() string {
	if t.project.region == "" {
		return Type + ":" + t.names()
	}
	return t.Address()
}

func (t *target) names() string {
	names := t.project.name + "/" + t.group + "/" + t.logstore
	if t.shards != nil {
		names += ":" + t.shards.String()
	}
	return names
}

// Group is the consumer group.
func (t *target) Group() string { return t.group }

// SameGroup is true for the same group of the same logstore.
func (t *target) SameGroup(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.project.same(o.project) && t.logstore == o.logstore && t.group == o.group
}

// Overlaps is true for the same group if both targets have a shard in common.
func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.SameGroup(o) && t.shards.Meets(o.shards)
}

// part returns a shard as a part of the contract.
func part(shard int) providers.Part { return providers.Part{Topic: "shard", Number: shard} }

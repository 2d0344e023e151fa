// Package huaweirocketmq resets consumer groups on Huawei Cloud's Distributed
// Message Service for RocketMQ, by its API
// (https://support.huaweicloud.com/api-hrm/ResetConsumeOffset.html).
//
// The service takes a time and nothing else, for all queues of a topic at
// once, and carries it out through the group's consumers: they must be
// online. Its answer tells per queue where the time leads. That is no proof:
// the committed offset keeps its old value until the consumers take the order
// up, seconds later, and a second order sent before then may be lost. Reading
// back is therefore left time, and a reset is sent once.
//
// The vendor's SDK writes and signs the requests. Its answers are read here,
// for it holds offsets in 32 bits, and refuses a shape that its own manual
// shows. It is given the project's id, without which it would ask IAM for one.
//
// Retry and dead letter topics are refused: a reset of a topic leaves what
// waits there untouched.
package huaweirocketmq

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// Type is the provider's name in a document.
const Type = "huawei-rocketmq"

// New returns the provider.
func New() providers.Provider { return provider{} }

type provider struct{}

var _ providers.Provider = provider{}

func (provider) Type() string { return Type }

func (provider) Capabilities() providers.Capabilities {
	const byTime = "huawei-rocketmq takes no offset, only a time for all queues of a topic: write timestamp, earliest or latest"
	return providers.Capabilities{
		Moves: map[providers.Kind]providers.Grain{
			providers.Time: providers.WholeTarget, providers.Earliest: providers.WholeTarget, providers.Latest: providers.WholeTarget},
		Reads:      providers.Exact,
		Bounds:     providers.Exact,
		Activity:   providers.Exact,
		Counts:     providers.UpperBound, // a subscription by tag or by property passes records over
		Needs:      providers.Active,
		Undo:       providers.Inferred,
		Settle:     30 * time.Second, // its clients suspend for 10 s, poll for 15 s and commit every 5 s
		NeedsGroup: true,

		Notes: map[string]string{
			"offset":      byTime,
			"offsets":     byTime,
			"shift":       byTime,
			"checkpoints": "huawei-rocketmq has no cursors, and takes only a time for all queues of a topic: write timestamp, earliest or latest",
			"current":     "huawei-rocketmq cannot pin offsets, it takes only a time: leave the step out, its consumers commit by themselves",
			"group":       "huawei-rocketmq cannot copy another group's offsets, it takes only a time: write the timestamp up to which that group has read",
			"unset":       "huawei-rocketmq cannot remove a commit: write earliest or latest",
			"default":     "huawei-rocketmq has no rule of its own that a reset could follow: write timestamp, earliest or latest",
			"lock":        "huawei-rocketmq cannot be put back at recorded offsets, it takes only a time: write the timestamp of the record at which the group stood",
			"undo":        "It takes a time and no offset: reset the group to the timestamp of the record at which it stood. What other queues hold of that time is then read again or skipped.",
			"partitions":  "huawei-rocketmq resets all queues of a topic together: leave partitions out",
			"retry":       "huawei-rocketmq leaves retried, delayed and dead letters where they are: a reset moves the topic that consumers subscribe to",
			"allowNew":    "a group must exist, and its consumers be online, before huawei-rocketmq resets it: correct the name, or start its consumers first",
			"idle.pause":  "huawei-rocketmq needs its consumers online during a reset: leave idle.pause out",
		},
	}
}

// config is what a document says under a provider of this type.
type config struct {
	Region     string `json:"region"`
	ProjectID  string `json:"projectId"`
	InstanceID string `json:"instanceId"`
	Engine     string `json:"engine"` // of the reset's path: two words for one engine
}

// plainID are the characters of ids and of regions, which become a host's name.
var plainID = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func newConfig(c providers.Config) (config, error) {
	keys := config{Engine: "reliability"}
	if err := c.Decode(&keys); err != nil {
		return config{}, err
	}
	for _, k := range []struct{ name, value string }{{"region", keys.Region}, {"projectId", keys.ProjectID}, {"instanceId", keys.InstanceID}} {
		if !plainID.MatchString(k.value) {
			return config{}, fmt.Errorf("%s: %q is not one: it consists of letters, digits, hyphens and underscores", k.name, k.value)
		}
	}
	if keys.Engine != "reliability" && keys.Engine != "rocketmq" {
		return config{}, errors.New("engine: it is reliability or rocketmq")
	}
	return keys, nil
}

func (provider) Target(c providers.Config, decode func(into any) error) (providers.Target, error) {
	keys, err := newConfig(c)
	if err != nil {
		return nil, err
	}
	return newTarget(keys, decode)
}

func (provider) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	keys, err := newConfig(c)
	if err != nil {
		return nil, err
	}
	signer, err := credentials(c.Credentials, env)
	if err != nil {
		return nil, err
	}
	at, err := keys.endpoint(c.Endpoint)
	if err != nil {
		return nil, err
	}
	return &connection{config: keys, address: at, key: signer, http: httpcall.New(c, env, httpcall.Options{Provider: Type, RequestID: requestID}), now: env.Now}, nil
}

// connection is a client of one instance.
type connection struct {
	config
	address string // where the service is reached
	key     key
	http    *httpcall.Client
	now     func() time.Time
}

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Lister     = (*connection)(nil)
)

// Groups returns the names of all groups of the instance.
func (c *connection) Groups(ctx context.Context) ([]string, error) { return c.groupNames(ctx) }

func (c *connection) Close() error {
	c.http.Close()
	return nil
}

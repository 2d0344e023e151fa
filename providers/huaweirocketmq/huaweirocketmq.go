// Package huaweirocketmq resets consumer groups on Huawei Cloud's Distributed
// Message Service for RocketMQ, through its API
// (https://support.huaweicloud.com/api-hrm/ResetConsumeOffset.html).
//
// The service accepts only a time, for all queues of a topic at once, and applies it
// through the group's consumers: they must be online. Its answer reports where the
// time leads on each queue. That proves nothing: the committed offset keeps its old
// value until the consumers take over the reset, seconds later, and a second reset
// sent before then may be lost. So the capabilities leave time to read back, and a
// reset is sent once.
//
// Retry and dead letter topics are refused: a reset of a topic leaves their records
// unchanged.
package huaweirocketmq

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/internal/api"
)

// Type is the provider's name in a document.
const Type = "huawei-rocketmq"

// New returns the provider.
func New() providers.Provider { return provider{} }

type provider struct{}

var _ providers.Provider = provider{}

func (provider) Type() string { return Type }

func (provider) Capabilities() providers.Capabilities {
	return providers.Capabilities{
		Moves: map[providers.Kind]providers.Grain{
			providers.Time: providers.WholeTarget, providers.Earliest: providers.WholeTarget, providers.Latest: providers.WholeTarget},
		Reads:        providers.Exact,
		Bounds:       providers.Exact,
		Activity:     providers.Exact,
		Counts:       providers.UpperBound, // a subscription by tag or by property skips records
		Needs:        providers.Active,
		Undo:         providers.Inferred,
		Settle:       30 * time.Second, // its clients suspend for 10 s, poll for 15 s and commit every 5 s
		NeedsGroup:   true,
		Approximates: map[providers.Kind]bool{providers.Group: true},
		Selects:      []providers.Selector{{Key: "groups", One: "group", Permission: "dms:group:list"}},
		Credentials:  places(),

		Notes: map[string]providers.Note{
			"offset":  byTime,
			"offsets": byTime,
			"shift": {Fact: "huawei-rocketmq resets by time, and cannot report when the message at an offset was stored",
				Remedy: "use the timestamp of that message, which Message Query in the console shows"},
			"checkpoints": {Fact: "huawei-rocketmq has no cursors and accepts only a time for all queues of a topic",
				Remedy: "use timestamp, earliest or latest"},
			"current": {Fact: "huawei-rocketmq cannot pin offsets, it accepts only a time",
				Remedy: "remove the step, its consumers commit by themselves"},
			"group": {Fact: "huawei-rocketmq cannot copy another group's offsets, it accepts only a time",
				Remedy: "set approximate: true to go to the time of the last message that the group has consumed"},
			"unset":   {Fact: "huawei-rocketmq cannot remove a commit", Remedy: "use earliest or latest"},
			"default": {Fact: "huawei-rocketmq has no default target", Remedy: "use timestamp, earliest or latest"},
			"lock": {Fact: "huawei-rocketmq cannot restore recorded offsets, it accepts only a time",
				Remedy: "use the timestamp of the record at the group's previous position"},
			"undo": {Fact: "huawei-rocketmq accepts a time, not an offset",
				Remedy: "reset the group to the timestamp of the record at its previous position. Records of that time on other queues are replayed or skipped."},
			"partitions": {Fact: "huawei-rocketmq resets all queues of a topic together", Remedy: "remove partitions"},
			"retry":      {Fact: "huawei-rocketmq does not move retry, delayed or dead letter messages: a reset moves the topic that consumers subscribe to"},
			"allowNew": {Fact: "huawei-rocketmq resets only groups that exist and whose consumers are online",
				Remedy: "correct the name, or start the consumers first"},
			"idle.pause": {Fact: "huawei-rocketmq needs its consumers online during a reset", Remedy: "remove idle.pause"},
		},
	}
}

var byTime = providers.Note{Fact: "huawei-rocketmq accepts no offset, only a time for all queues of a topic",
	Remedy: "use timestamp, earliest or latest"}

// config holds the keys of a provider of this type in a document.
type config struct {
	Region     string `json:"region"`
	ProjectID  string `json:"projectId"`
	InstanceID string `json:"instanceId"`
	Engine     string `json:"engine"` // of a reset's path: two names for one engine
}

// plainID matches ids and regions; a region becomes part of a host name.
var plainID = pattern.New(`^[A-Za-z0-9_-]+$`)

func newConfig(c providers.Config) (config, error) {
	keys := config{Engine: "reliability"}
	if err := c.Decode(&keys); err != nil {
		return config{}, err
	}
	for _, k := range []struct{ name, value string }{{"region", keys.Region}, {"projectId", keys.ProjectID}, {"instanceId", keys.InstanceID}} {
		if !plainID.MatchString(k.value) {
			return config{}, &providers.KeyError{InProvider: true, Key: k.name, Reason: fmt.Sprintf("invalid %s %q", k.name, k.value),
				Remedy: "use letters, digits, - and _"}
		}
	}
	if lower := strings.ToLower(keys.Region); lower != keys.Region { // hosts ignore the case, and a target would have two names
		return config{}, &providers.KeyError{InProvider: true, Key: "region", Reason: fmt.Sprintf("invalid region %q", keys.Region),
			Remedy: "write " + lower}
	}
	if keys.Engine != "reliability" && keys.Engine != "rocketmq" {
		return config{}, &providers.KeyError{InProvider: true, Key: "engine", Reason: "invalid engine", Remedy: "use reliability or rocketmq"}
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
	at, err := keys.endpoint(c.Endpoint)
	if err != nil {
		return nil, err
	}
	key, err := credentials(c.Credentials, keys.Region, env)
	if err != nil {
		return nil, err
	}
	if err := key.permitted(at, env); err != nil {
		return nil, err
	}
	words := explainer{endpoint: at, region: keys.Region, instance: keys.InstanceID, key: key.from}
	client := api.New(c, env, api.Options{
		Provider: Type, Endpoint: at, ProjectID: keys.ProjectID, InstanceID: keys.InstanceID, Engine: keys.Engine,
		Credentials: key.Credentials, Explain: words.explain,
	})
	return &connection{api: client, now: env.Now}, nil
}

// endpoint returns the service's URL.
func (c config) endpoint(given string) (string, error) {
	if given != "" {
		if u, err := url.Parse(given); err != nil || strings.Trim(u.Path, "/") != "" {
			return "", &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid,
				Message: fmt.Sprintf("invalid endpoint %q: use a URL without a path", given)}
		}
		return given, nil
	}
	return "https://dms." + c.Region + "." + domain(c.Region), nil
}

// domain returns the domain of a region's endpoints.
func domain(region string) string {
	if region == "eu-west-101" {
		return "myhuaweicloud.eu"
	}
	return "myhuaweicloud.com"
}

// connection reaches one instance.
type connection struct {
	api *api.Client
	now func() time.Time
}

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Lister     = (*connection)(nil)
)

// Names returns the names of all groups of the instance.
func (c *connection) Names(ctx context.Context, _ string, _ map[string]string) ([]string, error) {
	return c.api.ListInstanceConsumerGroups(ctx)
}

func (c *connection) Close() error {
	c.api.Close()
	return nil
}

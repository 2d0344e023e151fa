// Package aliyunkafka resets the committed offsets of consumer groups on
// Alibaba Cloud Message Queue for Kafka (alikafka, version 2019-09-16). It uses
// only the management API; the brokers need not be reachable.
//
//	https://help.aliyun.com/zh/apsaramq-for-kafka/cloud-message-queue-for-kafka/developer-reference/api-alikafka-2019-09-16-overview
//	https://help.aliyun.com/zh/apsaramq-for-kafka/cloud-message-queue-for-kafka/developer-reference/api-alikafka-2019-09-16-updateconsumeroffset
//
// A reset is UpdateConsumerOffset: explicit offsets of partitions, one call per
// topic, or one time for a whole topic or a whole group. GetConsumerProgress
// reports a group's commits and state, GetTopicStatus the bounds of the logs,
// GetConsumerList and GetTopicList the names that exist.
//
// The provider refuses to reset single partitions to a time: the API has no
// lookup of an offset by time. QueryMessage is not a substitute. It returns whole
// records, at most ten, in an undocumented order, and needs another permission.
package aliyunkafka

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka/internal/api"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// Type is the provider's name in a document.
const Type = "aliyun-kafka"

// New returns the provider.
func New() providers.Provider { return provider{} }

type provider struct{}

var _ providers.Provider = provider{}

func (provider) Type() string { return Type }

func (provider) Capabilities() providers.Capabilities {
	return providers.Capabilities{
		Moves:       map[providers.Kind]providers.Grain{providers.Offset: providers.PerPart, providers.Time: providers.WholeTarget},
		Resolves:    map[providers.Kind]bool{providers.Earliest: true, providers.Latest: true, providers.Group: true},
		Reads:       providers.Exact,
		Bounds:      providers.Exact,
		Activity:    providers.Exact,      // as the broker reports it; unknown on instances too old to pass it on
		Counts:      providers.UpperBound, // transaction markers and compacted records take offsets without being delivered
		Needs:       providers.Idle,
		Undo:        providers.Exact,
		Settle:      5 * time.Second, // the manual does not document how fresh GetConsumerProgress is
		NeedsGroup:  true,
		Selects:     []providers.Selector{{Key: "groups", One: "group", Permission: "alikafka:ListGroup"}},
		Credentials: aliyun.Places(),

		Notes: map[string]providers.Note{
			"partitions": onlyOffsets,
			"unset": {Fact: "aliyun-kafka cannot remove a commit",
				Remedy: "use earliest, latest, a timestamp or an offset, or unset the group through type kafka, at the instance's brokers"},
			"undo": {Fact: "aliyun-kafka restores offsets; it cannot remove a commit from a partition that had none, and it cannot restore a " +
				"commit's metadata, which the API neither reports nor writes"},
			"checkpoints": {Fact: "aliyun-kafka has offsets, not cursors", Remedy: "use offsets: {0: 100} or another form"},
			"default":     {Fact: "aliyun-kafka has no default target", Remedy: "use earliest, latest, a timestamp or an offset"},
			"allowNew": {Fact: "aliyun-kafka resets only groups that exist",
				Remedy: "correct the name, or create the group in the console or through type kafka first"},
			"idle.pause": {Fact: "aliyun-kafka cannot pause a group's consumers", Remedy: "stop them, or set idle: {wait: 5m}"},
		},
	}
}

var onlyOffsets = providers.Note{Fact: "aliyun-kafka moves whole topics to a time and cannot resolve a time for single partitions",
	Remedy: "remove partitions, use offsets, or reset them through type kafka, at the instance's brokers"}

// config holds the keys of a provider of this type in a document.
type config struct {
	Region     string `json:"region"`
	InstanceID string `json:"instanceId"`
}

// newConfig reads a provider's keys. The region becomes a part of a host's name.
func newConfig(c providers.Config) (config, error) {
	var keys config
	if err := c.Decode(&keys); err != nil {
		return config{}, err
	}
	if !httpcall.IsLabel(keys.Region) {
		return config{}, &providers.KeyError{InProvider: true, Key: "region", Reason: fmt.Sprintf("invalid region %q", keys.Region),
			Remedy: "use a region such as cn-hangzhou"}
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
	found, err := aliyun.Find(Type, c.Credentials, env)
	if err != nil {
		return nil, err
	}
	at, err := keys.endpoint(c.Endpoint)
	if err != nil {
		return nil, err
	}
	if err := httpcall.Permitted(Type, at, env); err != nil {
		return nil, err
	}
	client := api.New(c, env, api.Options{
		Provider: Type, Endpoint: at, Region: keys.Region, InstanceID: keys.InstanceID, Keys: found, Classify: classify,
	})
	return &connection{api: client}, nil
}

// endpoint returns the service's URL.
func (c config) endpoint(given string) (*url.URL, error) {
	if given == "" {
		return &url.URL{Scheme: "https", Host: "alikafka." + c.Region + ".aliyuncs.com"}, nil
	}
	at, err := url.Parse(given)
	if err != nil {
		return nil, &providers.Error{Provider: Type, Op: "read endpoint", Kind: providers.ErrInvalid, Err: err}
	}
	return at, nil
}

// connection reaches one instance.
type connection struct{ api *api.Client }

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Lister     = (*connection)(nil)
)

// Names returns the names of all groups of the instance.
func (c *connection) Names(ctx context.Context, _ string, _ map[string]string) ([]string, error) {
	return c.api.GetConsumerList(ctx)
}

func (c *connection) Close() error {
	c.api.Close()
	return nil
}

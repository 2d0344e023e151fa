// Package aliyunsls resets the checkpoints of consumer groups of Alibaba Cloud
// Log Service (SLS), through its API.
//
// The action is [UpdateCheckPoint]; ListLogStores, ListConsumerGroup, GetCheckPoint,
// ListShards, GetCursor and GetCursorTime only read.
//
// A part is a shard, including the readonly shards that a split or a merge leaves
// behind: they hold records until these expire. A position is a cursor, the base64
// of a number that grows by one with each log group.
//
// A reset is one UpdateCheckPoint per shard, forced and without a consumer's name.
// It creates no group. An active consumer does not notice it and commits over it
// within a minute: see activity, which infers what it can about consumers. A
// heartbeat would register a consumer, so none is ever sent.
//
// [UpdateCheckPoint]: https://help.aliyun.com/zh/sls/developer-reference/api-sls-2020-12-30-consumergroupupdatecheckpoint
package aliyunsls

import (
	"context"
	"net/url"
	"slices"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls/internal/api"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// Type is the provider's name in a document.
const Type = "aliyun-sls"

// New returns the provider.
func New() providers.Provider { return provider{} }

type provider struct{}

var _ providers.Provider = provider{}

func (provider) Type() string { return Type }

func (provider) Capabilities() providers.Capabilities {
	return providers.Capabilities{
		Moves:      map[providers.Kind]providers.Grain{providers.Cursor: providers.PerPart},
		Resolves:   map[providers.Kind]bool{providers.Earliest: true, providers.Latest: true, providers.Time: true, providers.Group: true},
		Reads:      providers.Exact,
		Bounds:     providers.Exact,
		Activity:   providers.Inferred, // from the consumers and times of the last commits
		Counts:     providers.UpperBound,
		Order:      cursorOrder,
		Unit:       "log group",
		Needs:      providers.Idle,
		Undo:       providers.Exact,
		NeedsGroup: true,
		Selects: []providers.Selector{
			{Key: "logstores", One: logstoreKey, Permission: "log:ListLogStores"},
			{Key: "consumerGroups", One: "consumerGroup", Permission: "log:ListConsumerGroup"},
		},
		Credentials: aliyun.Places(),

		Notes: map[string]providers.Note{
			"timestamp": {Fact: "aliyun-sls finds records by the time it received them, in whole seconds: a finer time is rounded down, so that up to one " +
				"more second is replayed and nothing is skipped"},
			"offset":     noOffset,
			"offsets":    noOffset,
			"unset":      {Fact: "aliyun-sls cannot remove a checkpoint", Remedy: "use earliest or latest, where a new consumer would start"},
			"default":    {Fact: "aliyun-sls has no default target", Remedy: "use earliest, latest, a timestamp or checkpoints"},
			"partitions": {Fact: "aliyun-sls has shards, not partitions", Remedy: "use shards: [0, 1]"},
			"groups": {Fact: "aliyun-sls groups belong to a logstore",
				Remedy: "use consumerGroups: [names or globs], with logstore or logstores"},
			"allowNew": {Fact: "aliyun-sls resets only groups that exist",
				Remedy: "correct the name, or let the group's consumers create it first"},
			"idle.pause": {Fact: "aliyun-sls cannot pause a group's consumers", Remedy: "stop them, or set idle: {wait: 5m}"},
			"undo": {Fact: "aliyun-sls restores every checkpoint exactly; a shard that had none keeps its new one, " +
				"because a checkpoint cannot be removed"},
		},
	}
}

// logstoreKey is the target's key for a logstore.
const logstoreKey = "logstore"

var noOffset = providers.Note{Fact: "aliyun-sls has cursors, not offsets",
	Remedy: "use checkpoints: {0: \"MTUy…==\"}, earliest, latest or a timestamp"}

func (provider) Target(c providers.Config, decode func(into any) error) (providers.Target, error) {
	p, err := newProject(c)
	if err != nil {
		return nil, err
	}
	return newTarget(p, decode)
}

func (provider) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	p, err := newProject(c)
	if err != nil {
		return nil, err
	}
	keys, err := aliyun.Find(Type, c.Credentials, env)
	if err != nil {
		return nil, err
	}
	if err := httpcall.Permitted(Type, &url.URL{Scheme: p.scheme, Host: api.Host(p.name, p.host)}, env); err != nil {
		return nil, err
	}
	client := api.New(c, env, api.Options{
		Provider: Type, Scheme: p.scheme, Host: p.host, Region: p.region, SignV4: p.signsV4(), Project: p.name, Keys: keys, Classify: classify,
	})
	return &connection{api: client}, nil
}

// connection reaches one project.
type connection struct{ api *api.Client }

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Lister     = (*connection)(nil)
	_ providers.Sizer      = (*connection)(nil)
)

// Names returns the logstores of the project, or the consumer groups of a logstore.
func (c *connection) Names(ctx context.Context, key string, within map[string]string) ([]string, error) {
	var names []string
	var err error
	if key == logstoreKey {
		names, err = c.api.ListLogStores(ctx)
	} else {
		var groups []api.Group
		groups, err = c.api.ListConsumerGroup(ctx, within[logstoreKey])
		for _, g := range groups {
			names = append(names, g.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), err
}

func (c *connection) Close() error {
	c.api.Close()
	return nil
}

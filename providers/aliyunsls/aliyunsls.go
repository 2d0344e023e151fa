// Package aliyunsls resets the checkpoints of consumer groups of Alibaba Cloud
// Log Service (SLS), by its own API:
// https://help.aliyun.com/zh/sls/developer-reference/api-sls-2020-12-30-consumergroupupdatecheckpoint
// and its neighbours ListLogStores, ListConsumerGroup, GetCheckPoint,
// ListShards, GetCursor and GetCursorTime.
//
// A part is a shard, the readonly ones that a split or a merge has left behind
// included: they hold records until these expire. A position is a cursor, the
// base64 of a number that grows by one with each log group.
//
// A reset is one UpdateCheckPoint a shard, forced and in the name of no
// consumer. It creates no group. A consumer that is alive never learns of it
// and commits over it within a minute: see activity, which tells what can be
// told of consumers without a heartbeat. A heartbeat would register one, so
// none is ever sent.
package aliyunsls

import (
	"context"
	"maps"
	"slices"
	"time"

	sls "github.com/aliyun/aliyun-log-go-sdk"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/fanout"
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
		Activity:   providers.Inferred, // from who committed last, and when
		Counts:     providers.UpperBound,
		Needs:      providers.Idle,
		Undo:       providers.Exact,
		NeedsGroup: true,

		Notes: map[string]string{
			"timestamp":  "aliyun-sls finds records by when it received them, in whole seconds: a finer time is rounded down, so that up to a second more is read again and nothing is skipped",
			"offset":     "aliyun-sls has cursors and no offsets: write checkpoints: {0: \"MTUy…==\"}, earliest, latest or a timestamp",
			"offsets":    "aliyun-sls has cursors and no offsets: write checkpoints: {0: \"MTUy…==\"}, earliest, latest or a timestamp",
			"shift":      "aliyun-sls counts log groups of many records each, so that a number of records cannot be shifted by: write a timestamp or checkpoints",
			"unset":      "aliyun-sls has no call that removes a checkpoint: write earliest or latest, which is where a new consumer would begin",
			"default":    "aliyun-sls has no rule of its own that a reset could follow: write earliest, latest, a timestamp or checkpoints",
			"partitions": "aliyun-sls has shards and no partitions: write shards: [0, 1]",
			"groups":     "aliyun-sls groups belong to one logstore: write a step for each, with its logstore and its consumerGroup",
			"allowNew":   "aliyun-sls resets only groups that exist: correct the name, or let the group's consumers make it first",
			"idle.pause": "aliyun-sls cannot pause a group's consumers: stop them, or write idle: {wait: 5m}",
			"undo":       "aliyun-sls puts every checkpoint back exactly where one stood; a shard that had none keeps the one it was given, for a checkpoint cannot be removed",
		},
	}
}

// config is what a document says under a provider of this type.
type config struct {
	Region  string `json:"region"`
	Project string `json:"project"`
}

func (provider) Target(c providers.Config, decode func(into any) error) (providers.Target, error) {
	p, err := newPlace(c)
	if err != nil {
		return nil, err
	}
	return newTarget(p, decode)
}

func (provider) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	p, err := newPlace(c)
	if err != nil {
		return nil, err
	}
	keys, err := credentials(c.Credentials, env)
	if err != nil {
		return nil, err
	}
	w := httpcall.New(c, env, httpcall.Options{
		Provider:  Type,
		Rate:      100, // of reads of one shard: https://www.alibabacloud.com/help/en/sls/basic-resources
		RequestID: requestID,
	})
	return &connection{place: p, keys: keys, http: w, now: env.Now}, nil
}

// connection is a client of one project.
type connection struct {
	place place
	keys  sls.CredentialsProvider
	http  *httpcall.Client
	now   func() time.Time
}

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Lister     = (*connection)(nil)
	_ providers.Sizer      = (*connection)(nil)
)

// Groups returns the names of the consumer groups of all logstores of the
// project, each once.
func (c *connection) Groups(ctx context.Context) ([]string, error) {
	logstores, err := c.logstores(ctx)
	if err != nil {
		return nil, err
	}
	groups := make([][]group, len(logstores))
	errs := make([]error, len(logstores))
	fanout.Each(len(logstores), func(i int) { groups[i], errs[i] = c.groups(ctx, logstores[i]) })
	names := map[string]bool{}
	for i := range logstores {
		if errs[i] != nil {
			return nil, errs[i]
		}
		for _, g := range groups[i] {
			names[g.name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

func (c *connection) Close() error {
	c.http.Close()
	return nil
}

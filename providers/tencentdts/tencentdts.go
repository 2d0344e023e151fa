// Package tencentdts resets consumer groups of Tencent Cloud DTS data
// subscriptions, through the service's API of version 2021-12-06
// (https://cloud.tencent.com/document/api/571/102934 and its neighbours).
//
// A read fetches what all targets of a subscription share, once: the groups
// with their positions and states by DescribeConsumerGroups, the topic by
// DescribeSubscribeDetail, and the ends of the log and each requested time by
// DescribeOffsetByTime, which also finds a time near an offset. A reset is one
// ResetConsumerGroupOffset per distinct position, with the partitions that go there.
// The account needs permission for these four actions and no other.
//
// The service answers a reset of a group that is neither Dead nor Empty with
// success, and ignores it. So its answer proves nothing: only the state read
// before and the positions read after do.
//
// ResetSubscribe, which resets the subscription and drops its records, is never
// called.
package tencentdts

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
	"github.com/resetplan/resetplan/providers/tencentdts/internal/api"
)

// Type is the provider's name in a document.
const Type = "tencent-dts"

// New returns the provider.
func New() providers.Provider { return provider{metadata: "http://metadata.tencentyun.com"} }

type provider struct {
	metadata string // of the service that gives a virtual machine its role's keys
	sts      string // of the service that issues temporary keys; "" = the vendor's for the site and the region
}

var _ providers.Provider = provider{}

func (provider) Type() string { return Type }

func (provider) Capabilities() providers.Capabilities {
	return providers.Capabilities{
		Moves: map[providers.Kind]providers.Grain{providers.Earliest: providers.PerPart, providers.Latest: providers.PerPart,
			providers.Time: providers.PerPart},
		Resolves:     map[providers.Kind]bool{providers.Time: true}, // to where the service's own reset leads
		Approximates: map[providers.Kind]bool{providers.Offset: true, providers.Group: true},
		Reads:        providers.Exact,
		Bounds:       providers.Inferred, // offsets of checkpoints: records after the last one may not be counted
		Activity:     providers.Exact,
		Counts:       providers.UpperBound, // checkpoints are records, too
		Needs:        providers.Idle,
		Undo:         providers.Inferred, // by a time that leads near it
		Settle:       5 * time.Second,
		NeedsGroup:   true,
		Selects:      []providers.Selector{{Key: "groups", One: "group", Permission: "dts:DescribeConsumerGroups"}},
		Credentials: []string{"TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN", "TENCENTCLOUD_ROLE_ARN", "TKE_ROLE_ARN",
			"~/.tencentcloud/credentials", "~/.tccli/default.credential", "TENCENTCLOUD_CAM_ROLE_NAME"},
		Notes: map[string]providers.Note{
			"timestamp":   {Fact: afterTime},
			"offset":      noOffset,
			"offsets":     noOffset,
			"shift":       noOffset,
			"current":     {Fact: "tencent-dts cannot pin a position", Remedy: "leave its partition out, or use earliest, latest or a timestamp"},
			"group":       noOffset,
			"lock":        noOffset,
			"checkpoints": {Fact: "tencent-dts has no cursors", Remedy: "use earliest, latest or a timestamp"},
			"unset":       {Fact: "tencent-dts cannot remove a commit", Remedy: "use earliest, latest or a timestamp"},
			"default":     {Fact: "tencent-dts has no default target", Remedy: "use earliest, latest or a timestamp"},
			"undo": {Fact: "To go back, set approximate: true in the step: it leads to the last checkpoint before each position. Or add a step with " +
				"to: {timestamp: …} before the records that were read last; they are delivered again."},
			"allowNew": {Fact: "tencent-dts does not create groups by a reset",
				Remedy: "create it first, in the console or by CreateConsumerGroup"},
			"idle.pause": {Fact: "tencent-dts cannot pause a group's consumers", Remedy: "stop them, or set idle: {wait: 5m}"},
		},
	}
}

var noOffset = providers.Note{Fact: "tencent-dts accepts times, not offsets",
	Remedy: "set approximate: true in the step to go to the last checkpoint before them, or use earliest, latest or a timestamp"}

// afterTime is also reported with each reading of a time.
const afterTime = "tencent-dts resets to the last checkpoint before the time (it writes one about every 10 seconds) " +
	"and accepts times in whole seconds: some records from before the time are delivered again."

// config holds the keys of a provider of this type in a document.
type config struct {
	Region      string `json:"region"`
	SubscribeID string `json:"subscribeId"`
	Site        string `json:"site"` // "" = china
}

func (provider) Target(c providers.Config, decode func(into any) error) (providers.Target, error) {
	var keys config
	if err := c.Decode(&keys); err != nil {
		return nil, err
	}
	return newTarget(keys, decode)
}

func (p provider) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	var keys config
	if err := c.Decode(&keys); err != nil {
		return nil, err
	}
	at, err := endpoint(c.Endpoint, keys)
	if err != nil {
		return nil, err
	}
	found, err := credentials(c.Credentials, env)
	if err != nil {
		return nil, err
	}
	if err := httpcall.Permitted(Type, at, env); err != nil {
		return nil, err
	}
	metadata, sts, err := p.issuers(keys)
	if err != nil {
		return nil, err
	}
	client := api.New(c, env, api.Options{Provider: Type, Endpoint: at, Region: keys.Region, Keys: found, STS: sts, Metadata: metadata,
		Classify: classify})
	return &connection{config: keys, api: client, now: env.Now, lookUps: map[int64]lookUp{}}, nil
}

// connection reaches one subscription.
type connection struct {
	config
	api *api.Client
	now func() time.Time

	mu      sync.Mutex
	lookUps map[int64]lookUp // by the second
}

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Lister     = (*connection)(nil)
)

// Names returns the names of the subscription's groups as people gave them.
func (c *connection) Names(ctx context.Context, _ string, _ map[string]string) ([]string, error) {
	groups, err := c.groups(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for full := range groups {
		names = append(names, strings.TrimPrefix(full, fullPrefix+c.SubscribeID+"-"))
	}
	slices.Sort(names)
	return names, nil
}

func (c *connection) Close() error {
	c.api.Close()
	return nil
}

// Package tencentdts resets consumer groups of Tencent Cloud DTS data
// subscriptions, through the service's API of version 2021-12-06
// (https://cloud.tencent.com/document/api/571/102934 and its neighbours).
//
// A read fetches what all targets of a subscription share, once: the groups
// with their positions and states by DescribeConsumerGroups, the topic by
// DescribeSubscribeDetail, and the ends of the log and each requested time by
// DescribeOffsetByTime. A reset is one ResetConsumerGroupOffset per distinct
// position, with the partitions that go there. The account needs permission for
// these four actions and no other.
//
// The service answers a reset of a group that is neither Dead nor Empty with
// success, and ignores it. So its answer proves nothing: only the state read
// before and the positions read after do.
//
// ResetSubscribe, which resets the subscription and drops its records, is never
// called.
package tencentdts

import (
	"fmt"
	"net/url"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/tencentdts/internal/api"
)

// Type is the provider's name in a document.
const Type = "tencent-dts"

// New returns the provider.
func New() providers.Provider { return provider{} }

type provider struct{}

var _ providers.Provider = provider{}

func (provider) Type() string { return Type }

func (provider) Capabilities() providers.Capabilities {
	return providers.Capabilities{
		Moves: map[providers.Kind]providers.Grain{providers.Earliest: providers.PerPart, providers.Latest: providers.PerPart,
			providers.Time: providers.PerPart},
		Resolves:    map[providers.Kind]bool{providers.Time: true}, // to where the service's own reset leads
		Reads:       providers.Exact,
		Bounds:      providers.Inferred, // offsets of checkpoints: records after the last one may not be counted
		Activity:    providers.Exact,
		Counts:      providers.UpperBound, // checkpoints are records, too
		Needs:       providers.Idle,
		Undo:        providers.No,
		Settle:      5 * time.Second,
		NeedsGroup:  true,
		Credentials: []string{"TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN", "~/.tencentcloud/credentials"},
		Notes: map[string]string{
			"timestamp":   afterTime,
			"offset":      noOffset,
			"offsets":     noOffset,
			"shift":       noOffset,
			"current":     noOffset,
			"group":       noOffset,
			"lock":        noOffset,
			"checkpoints": "tencent-dts has no cursors: use earliest, latest or a timestamp",
			"unset":       "tencent-dts cannot remove a commit: use earliest, latest or a timestamp",
			"default":     "tencent-dts has no default target: use earliest, latest or a timestamp",
			"undo":        "To go back, add a step with to: {timestamp: …} before the records that were read last; they are delivered again.",
			"allowNew":    "tencent-dts does not create groups by a reset: create it first, in the console or by CreateConsumerGroup",
			"idle.pause":  "tencent-dts cannot pause a group's consumers: stop them, or set idle: {wait: 5m}",
		},
	}
}

// Sentences that several notes share.
const (
	noOffset  = "tencent-dts cannot reset to an offset: use earliest, latest or a timestamp"
	afterTime = "tencent-dts resets to the last checkpoint before the time (it writes one about every 10 seconds) " +
		"and accepts times in whole seconds: some records from before the time are delivered again."
)

// config holds the keys of a provider of this type in a document.
type config struct {
	Region      string `json:"region"`
	SubscribeID string `json:"subscribeId"`
}

func (provider) Target(c providers.Config, decode func(into any) error) (providers.Target, error) {
	var keys config
	if err := c.Decode(&keys); err != nil {
		return nil, err
	}
	return newTarget(keys, decode)
}

func (provider) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	var keys config
	if err := c.Decode(&keys); err != nil {
		return nil, err
	}
	at, err := endpoint(c.Endpoint)
	if err != nil {
		return nil, err
	}
	found, err := credentials(c.Credentials, env)
	if err != nil {
		return nil, err
	}
	client := api.New(c, env, api.Options{Provider: Type, Endpoint: at, Region: keys.Region, Credential: found, Classify: classify})
	return &connection{config: keys, api: client, now: env.Now}, nil
}

// endpoint returns the service's URL. Accounts of tencentcloud.com, the
// international site, give that site's endpoint.
func endpoint(given string) (*url.URL, error) {
	if given == "" {
		return &url.URL{Scheme: "https", Host: "dts.tencentcloudapi.com"}, nil
	}
	at, err := url.Parse(given)
	if err != nil || at.Host == "" || at.Path != "" && at.Path != "/" {
		return nil, &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid,
			Message: fmt.Sprintf("endpoint: expected a scheme and a host, such as https://dts.intl.tencentcloudapi.com, got %q", given)}
	}
	return at, nil
}

// connection reaches one subscription.
type connection struct {
	config
	api *api.Client
	now func() time.Time
}

var _ providers.Connection = (*connection)(nil)

func (c *connection) Close() error {
	c.api.Close()
	return nil
}

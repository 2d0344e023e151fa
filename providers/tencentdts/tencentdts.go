// Package tencentdts resets consumer groups of Tencent Cloud DTS data
// subscriptions, by the service's API of version 2021-12-06
// (https://cloud.tencent.com/document/api/571/102934 and the pages beside it).
//
// A read asks for what all targets of a subscription share, once: the groups
// with their positions and states by DescribeConsumerGroups, the topic by
// DescribeSubscribeDetail, and the log's ends, with each time asked for, by
// DescribeOffsetByTime. A reset is one ResetConsumerGroupOffset for each place
// asked for, with the partitions that go there. The account needs the
// permission for these four actions and no other.
//
// The service answers a reset with success and does nothing while the group is
// neither Dead nor Empty. So its answer proves nothing here: what counts is
// the state read before and the positions read after.
//
// ResetSubscribe, which resets the subscription with all its records, is never
// called.
package tencentdts

import (
	"net/url"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
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
		Moves:      map[providers.Kind]providers.Grain{providers.Earliest: providers.PerPart, providers.Latest: providers.PerPart, providers.Time: providers.PerPart},
		Resolves:   map[providers.Kind]bool{providers.Time: true}, // where its own reset leads
		Reads:      providers.Exact,
		Bounds:     providers.Inferred, // places by time: records after the last checkpoint may be left out of them
		Activity:   providers.Exact,
		Counts:     providers.UpperBound, // checkpoints are records, too
		Needs:      providers.Idle,
		Undo:       providers.No,
		Settle:     5 * time.Second,
		NeedsGroup: true,

		Notes: map[string]string{
			"timestamp":   afterTime,
			"offset":      noOffset,
			"offsets":     noOffset,
			"shift":       noOffset,
			"current":     noOffset,
			"group":       noOffset,
			"lock":        noOffset,
			"checkpoints": "tencent-dts has no cursors: write earliest, latest or a timestamp",
			"unset":       "tencent-dts cannot remove a commit: write earliest, latest or a timestamp",
			"default":     "tencent-dts has no rule of its own that a reset could follow: write earliest, latest or a timestamp",
			"undo":        "Go back by a step of its own: to: {timestamp: …} before the records that were read last, which are delivered again.",
			"allowNew":    "tencent-dts makes groups in its console, or by CreateConsumerGroup: make it there first",
			"idle.pause":  "tencent-dts cannot pause a group's consumers: stop them, or write idle: {wait: 5m}",
		},
	}
}

// Sentences that are told in more than one place.
const (
	noOffset  = "tencent-dts cannot be given an offset: write earliest, latest or a timestamp"
	afterTime = "tencent-dts goes to the last checkpoint before the time, of which it writes one about every 10 seconds, and takes the time in whole seconds: some records from before it are delivered again."
)

// config is what a document says under a provider of this type.
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
	signer, err := credentials(c.Credentials, env)
	if err != nil {
		return nil, err
	}
	return &connection{
		config: keys, endpoint: at, credential: signer, now: env.Now,
		http: httpcall.New(c, env, httpcall.Options{Provider: Type, Rate: perSecond, RequestID: requestID}),
	}, nil
}

// perSecond is the documented limit of each action.
const perSecond = 20

// connection reaches one subscription.
type connection struct {
	config
	endpoint   *url.URL
	credential common.CredentialIface
	http       *httpcall.Client
	now        func() time.Time
}

var _ providers.Connection = (*connection)(nil)

func (c *connection) Close() error {
	c.http.Close()
	return nil
}

// Package aliyunkafka resets the committed offsets of consumer groups on
// Alibaba Cloud Message Queue for Kafka (alikafka, version 2019-09-16), by its
// management API alone: the brokers themselves need not be reachable.
//
//	https://help.aliyun.com/zh/apsaramq-for-kafka/cloud-message-queue-for-kafka/developer-reference/api-alikafka-2019-09-16-overview
//	https://help.aliyun.com/zh/apsaramq-for-kafka/cloud-message-queue-for-kafka/developer-reference/api-alikafka-2019-09-16-updateconsumeroffset
//
// A reset is UpdateConsumerOffset: explicit offsets of partitions, a call a
// topic, or one time for a whole topic or a whole group. Where a group stands
// and whether it is at work tells GetConsumerProgress, the logs' boundaries
// GetTopicStatus, and what there is at all GetConsumerList and GetTopicList.
//
// It refuses to reset single partitions to a time. The API has no lookup of an
// offset by time: QueryMessage hands out records, contents and all, ten at
// most and in an order that is documented nowhere, and asks for another
// permission.
package aliyunkafka

import (
	"context"
	"net/url"
	"time"

	"github.com/resetplan/resetplan/providers"
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
		Moves:      map[providers.Kind]providers.Grain{providers.Offset: providers.PerPart, providers.Time: providers.WholeTarget},
		Resolves:   map[providers.Kind]bool{providers.Earliest: true, providers.Latest: true, providers.Group: true},
		Reads:      providers.Exact,
		Bounds:     providers.Exact,
		Activity:   providers.Exact,      // the broker's own word; unknown where an instance is too old to pass it on
		Counts:     providers.UpperBound, // transaction markers and compaction take offsets without records
		Needs:      providers.Idle,
		Undo:       providers.Exact,
		Settle:     5 * time.Second, // how fresh GetConsumerProgress is stands nowhere
		NeedsGroup: true,

		Notes: map[string]string{
			"partitions":  onlyOffsets,
			"unset":       "aliyun-kafka cannot remove a commit: write earliest, latest, a timestamp or an offset, or unset the group through type kafka, at the instance's brokers",
			"undo":        "aliyun-kafka puts offsets back, but not a partition that had no commit, and not the metadata beside one: the API neither shows nor writes it",
			"checkpoints": "aliyun-kafka has offsets and no cursors: write offsets: {0: 100} or another form",
			"default":     "aliyun-kafka has no rule of its own that a reset could follow: write earliest, latest, a timestamp or an offset",
			"allowNew":    "aliyun-kafka resets only groups that exist: correct the name, or make the group in the console or with type kafka first",
			"idle.pause":  "aliyun-kafka cannot pause a group's consumers: stop them, or write idle: {wait: 5m}",
		},
	}
}

const onlyOffsets = "aliyun-kafka moves whole topics to a time and cannot look up what that means for single partitions: leave partitions out, write offsets, or reset them through type kafka, at the instance's brokers"

// config is what a document says under a provider of this type.
type config struct {
	Region     string `json:"region"`
	InstanceID string `json:"instanceId"`
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
	signer, err := credentials(c.Credentials, env)
	if err != nil {
		return nil, err
	}
	at, err := keys.endpoint(c.Endpoint)
	if err != nil {
		return nil, err
	}
	return &connection{config: keys, at: at, signer: signer, http: httpcall.New(c, env, httpcall.Options{Provider: Type, RequestID: requestID})}, nil
}

// connection asks one instance.
type connection struct {
	config
	at     *url.URL // where the service is reached
	signer signer
	http   *httpcall.Client
}

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Lister     = (*connection)(nil)
)

// Groups returns the names of all groups of the instance.
func (c *connection) Groups(ctx context.Context) ([]string, error) { return c.consumerList(ctx) }

func (c *connection) Close() error {
	c.http.Close()
	return nil
}

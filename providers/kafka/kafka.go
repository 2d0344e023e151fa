// Package kafka resets the committed offsets of consumer groups on Apache
// Kafka, by its own protocol (https://kafka.apache.org/protocol).
//
// A read of any number of groups and partitions needs a number of requests that
// grows with brokers, with distinct times and with thousands of groups, never with
// partitions: the groups' types and states by ListGroups (KIP-518, KIP-848), their commits by one
// OffsetFetch per coordinator (KIP-709), the boundaries of the logs by ListOffsets.
// DescribeGroups alone cannot show that a group is idle: it reports every KIP-848
// group as Dead.
//
// Nothing joins a group. Only Size reads records, without a group, and only if no
// index has their timestamps.
//
// A reset is one OffsetCommit as an administrator, without joining, and one
// OffsetDelete for commits to remove (KIP-496). Both are sent once: the
// client's own retries, which repeat a commit whose answer was lost, are off.
//
// The broker accepts negative offsets, offsets past the end and unknown group
// names. Nothing here checks that: package plan does, for every service.
//
// The protocol has no raw JSON to hide: franz-go's kmsg types are its messages. So the
// wall runs between files: target.go, read.go, selection.go, assemble.go, activity.go,
// reset.go and script.go read plain values, and the other files speak the protocol.
// A package between them would only copy the structs of kmsg.
package kafka

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// Type is the provider's name in a document.
const Type = "kafka"

// New returns the provider.
func New() providers.Provider { return provider{} }

type provider struct{}

var _ providers.Provider = provider{}

func (provider) Type() string { return Type }

func (provider) Capabilities() providers.Capabilities {
	return providers.Capabilities{
		Moves:    map[providers.Kind]providers.Grain{providers.Offset: providers.PerPart, providers.Unset: providers.PerPart},
		Resolves: map[providers.Kind]bool{providers.Earliest: true, providers.Latest: true, providers.Time: true, providers.Group: true},
		Reads:    providers.Exact,
		Bounds:   providers.Exact,
		Activity: providers.Exact,
		Counts:   providers.UpperBound, // transaction markers and compaction use offsets without records
		Needs:    providers.Idle,
		Undo:     providers.Exact,

		ReadsOwnWrites: true,
		Selects:        []providers.Selector{{Key: "groups", One: "group", Permission: "DESCRIBE on the cluster or on each group"}},
		Credentials: []string{"KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_TOKEN", "KAFKA_SASL_CLIENT_ID", "KAFKA_SASL_CLIENT_SECRET",
			"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "~/.aws/config", "~/.aws/credentials",
			"KRB5_CLIENT_KTNAME", "KRB5CCNAME"},

		Notes: map[string]providers.Note{
			"checkpoints": {Fact: "kafka has offsets, not cursors", Remedy: "use offsets: {0: 100} or another form"},
			"default": {Fact: "kafka has no default target",
				Remedy: "use earliest, latest, a timestamp or an offset; unset leaves the choice to the consumer"},
			"idle.pause": {Fact: "kafka cannot pause a group's consumers", Remedy: "stop them, or set idle: {wait: 5m}"},
		},
	}
}

// config holds the keys of a provider of this type in a document.
type config struct {
	BootstrapServers []string `json:"bootstrapServers"`
	ClientProperties string   `json:"clientProperties"`
	TLS              *tlsKeys `json:"tls"`
	SASL             *sasl    `json:"sasl"`
}

func (provider) Target(c providers.Config, decode func(into any) error) (providers.Target, error) {
	var keys config
	if err := c.Decode(&keys); err != nil {
		return nil, err
	}
	if err := keys.consistent(c.Credentials); err != nil {
		return nil, err
	}
	servers, err := keys.servers(c)
	if err != nil {
		return nil, err
	}
	return newTarget(servers, decode)
}

func (provider) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	var keys config
	if err := c.Decode(&keys); err != nil {
		return nil, err
	}
	options := []kgo.Opt{
		kgo.ClientID("resetplan"),
		kgo.MaxVersions(versions()),
		kgo.RetryTimeoutFn(retryTimeout(c.Timeout)),
		kgo.RequestTimeoutOverhead(max(c.Timeout, 100*time.Millisecond)), // the least that the client accepts; each call has its own timeout
		kgo.BrokerMaxReadBytes(32 << 20),
		kgo.FetchMaxBytes(16 << 20),
		kgo.WithHooks(&requestLog{env.Log}),
	}
	way, err := keys.access(c, env)
	if err != nil {
		return nil, err
	}
	secure, err := way.options(c, env)
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(append(options, secure...)...)
	if err != nil {
		return nil, &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid, Err: err}
	}
	return &connection{client: client, options: append(options, secure...), timeout: c.Timeout, now: env.Now,
		cluster: cluster{turn: make(chan struct{}, 1)}}, nil
}

// retryTimeout bounds the client's own retries. Those at a group's coordinator end
// early: failover continues them, and reports the brokers' last error if it fails.
func retryTimeout(all time.Duration) func(key int16) time.Duration {
	return func(key int16) time.Duration {
		if key == kmsg.OffsetFetch.Int16() || key == kmsg.FindCoordinator.Int16() {
			return all / 8
		}
		return all
	}
}

// versions are the newest that the client speaks, except for the request that
// opens each connection: every broker since 2.4 answers its version 3 at once,
// and a newer one, from a broker that does not know it, with a second round
// trip.
func versions() *kversion.Versions {
	v := kversion.Stable()
	v.SetMaxKeyVersion(kmsg.ApiVersions.Int16(), 3)
	return v
}

// connection is a client of one cluster.
type connection struct {
	client       *kgo.Client
	options      []kgo.Opt
	timeout      time.Duration
	now          func() time.Time
	cluster      cluster
	retained     retained
	coordinators sync.Map    // group -> the broker, int32, that answered for it last
	topicIDs     sync.Map    // topic -> identity, as it was last read without an error
	identified   atomic.Bool // topics were read with the cluster's id, and no reading has used them yet
	matched      recent
	together     together
}

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Lister     = (*connection)(nil)
	_ providers.Sizer      = (*connection)(nil)
)

// Names returns the names of all groups that the caller may describe, share
// groups included: a glob that matches one is refused explicitly.
func (c *connection) Names(ctx context.Context, _ string, _ map[string]string) ([]string, error) {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	if len(c.client.DiscoveredBrokers()) == 0 {
		_, _ = c.clusterID(ctx, nil) // it names the brokers to ask; without them the client looks for them itself
	}
	listed := c.list(ctx)
	for pause := failoverPause; errors.Is(listed.err, providers.ErrUnavailable) && retry.Sleep(ctx, pause) == nil; pause *= 2 {
		c.refresh(ctx)
		again := c.list(ctx)
		if ctx.Err() != nil {
			break // the earlier error is more helpful than "deadline exceeded"
		}
		listed = again
	}
	if listed.err != nil {
		return nil, listed.err
	}
	c.matched.mu.Lock()
	c.matched.l, c.matched.at = listed, c.now()
	c.matched.mu.Unlock()
	return listed.names(), nil
}

func (c *connection) Close() error {
	c.client.Close()
	return nil
}

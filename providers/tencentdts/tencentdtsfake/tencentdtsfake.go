// Package tencentdtsfake is the data subscription service of Tencent Cloud DTS
// for tests, the sandbox and the demo: its API as an http.Handler, in front of a
// Kafka broker that holds the records and the groups' positions, so that any
// Kafka client sees what a reset has done.
//
// It checks signatures as the vendor does (TC3-HMAC-SHA256, five minutes of
// skew), answers refusals under HTTP 200, and accepts a reset of a group that
// is active without doing anything. It does not depend on resetplan.
package tencentdtsfake

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The credentials that it accepts. The temporary key requires its token, and the
// permanent one must come without.
const (
	AccessKey       = "sandbox-ak"
	Secret          = "sandbox-sk"
	TemporaryKey    = "sandbox-tmp-ak"
	TemporarySecret = "sandbox-tmp-sk"
	Token           = "sandbox-token"
)

// Options are the fake's dependencies.
type Options struct {
	Bootstrap string // the Kafka broker
	Now       func() time.Time
	// Lenient accepts PartitionNos that are written as strings, as in one example
	// of the manual.
	Lenient bool
}

// A Fake is the service. Its creator serves it.
type Fake struct {
	*inject.Front
	options Options
	client  *kgo.Client
	admin   *kadm.Client
	log     checkpoints

	mu      sync.Mutex
	groups  []group // in the order of their creation
	revoked bool
	partial int // resets that fail after their first partition
	behind  bool
	rival   bool // the next reset is committed over
	live    []*kgo.Client
	issued  map[string]issued // temporary keys by their ids
}

// A group is what the service itself stores of a consumer group. The broker stores
// the rest.
type group struct {
	name    string // as its creator calls it
	created time.Time
}

// New returns the service in front of a broker. It opens no connection yet.
func New(o Options) (*Fake, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(o.Bootstrap), kgo.MetadataMinAge(50*time.Millisecond))
	if err != nil {
		return nil, fmt.Errorf("tencent-dts sandbox: %w", err)
	}
	f := &Fake{options: o, client: client, admin: kadm.NewClient(client), groups: []group{{SeedGroup, o.Now().Add(-seedAge)}}}
	f.Front = inject.Before(http.HandlerFunc(f.serve), inject.Vendor{
		Action: action,
		Throttled: refusing("RequestLimitExceeded",
			"Your current request times equals to `21` in one second, which exceeds the frequency "+
				"limit `20` for a second. Please reduce the frequency of calls."),
		Failed: refusing("InternalError.InternalErrorError", "InternalError"),
	})
	return f, nil
}

// Close stops the consumers that it runs, and closes its own connections.
func (f *Fake) Close() {
	f.Leave()
	f.client.Close()
}

// AddGroup creates one more group, as people do in the console.
func (f *Fake) AddGroup(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.groups = append(f.groups, group{name, f.options.Now()})
}

// Revoke removes all permissions from the account.
func (f *Fake) Revoke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revoked = true
}

// Faults are the names that Inject accepts, with what each does.
func Faults() map[string]string {
	all := inject.Faults()
	all["live"] = "a consumer of the group " + SeedGroup + " is active, so that resets are accepted and ignored"
	all["behind"] = "the newest checkpoint is before the group and the end of the log, and every later time leads to it"
	all["rival"] = "another client commits offset 500 over the first reset"
	all["several"] = "there are also the groups audit-2, at offset 100, and billing, which has never committed"
	all["partial"] = "the first reset moves one partition and is answered with a failure"
	return all
}

// Inject makes the service fail in a named way from now on.
func (f *Fake) Inject(name string) error {
	switch name {
	case "live":
		return f.Join(SeedGroup)
	case "behind":
		f.mu.Lock()
		defer f.mu.Unlock()
		f.behind = true
		return nil
	case "several":
		return f.addGroups()
	case "rival":
		f.mu.Lock()
		defer f.mu.Unlock()
		f.rival = true
		return nil
	case "partial":
		f.mu.Lock()
		defer f.mu.Unlock()
		f.partial = 1
		return nil
	}
	return f.Front.Inject(name)
}

// Join runs a consumer of a group and returns once it is a member. It
// commits nothing.
func (f *Fake) Join(name string) error {
	consumer, err := kgo.NewClient(kgo.SeedBrokers(f.options.Bootstrap), kgo.ConsumerGroup(FullName(name)), kgo.ConsumeTopics(SeedTopic),
		kgo.ClientID("sandbox-consumer"), kgo.DisableAutoCommit())
	if err != nil {
		return fmt.Errorf("tencent-dts sandbox: %w", err)
	}
	f.mu.Lock()
	f.live = append(f.live, consumer)
	f.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		switch now, err := f.admin.DescribeGroups(ctx, FullName(name)); {
		case err != nil:
			return fmt.Errorf("tencent-dts sandbox: the consumer of group %s did not become a member: %w", name, err)
		case now[FullName(name)].State == "Stable":
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Leave stops the consumers that Join runs.
func (f *Fake) Leave() {
	f.mu.Lock()
	live := f.live
	f.live = nil
	f.mu.Unlock()
	for _, consumer := range live {
		consumer.Close()
	}
}

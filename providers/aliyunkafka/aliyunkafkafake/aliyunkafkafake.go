// Package aliyunkafkafake is Alibaba Cloud Message Queue for Kafka for tests,
// the sandbox and the demo: the service's own API of 2019-09-16 over HTTP, in
// front of a Kafka broker that holds the logs and the commits, so that a
// Kafka client sees what the API has reset.
//
// It checks the signatures as the service does, old and new, and refuses with
// the service's codes. What is documented nowhere is marked where it stands.
//
// Nothing in it knows of resetplan: any client of the service can be pointed
// at it.
package aliyunkafkafake

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What the fake serves, and to whom.
const (
	Region    = "cn-hangzhou"
	Instance  = "alikafka_post-cn-sandbox"
	AccessKey = "sandbox-ak"
	Secret    = "sandbox-sk"
	Token     = "sandbox-token" // the one security token that has not expired
)

// Options say what stands behind a Fake.
type Options struct {
	Bootstrap string           // the broker that holds its topics and groups, host:port
	Now       func() time.Time // the service's clock
}

// A Fake is the service. Its front counts requests and makes them fail.
type Fake struct {
	*inject.Front
	now    func() time.Time
	client *kgo.Client
	broker *kadm.Client

	mu       sync.Mutex
	switched map[string]bool
	denied   bool
	nonces   map[string]bool
	requests int
}

var _ http.Handler = (*Fake)(nil)

// New returns the service before a broker. It contacts the broker when it is
// asked something.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		return nil, errors.New("aliyun-kafka sandbox: it has no clock")
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(o.Bootstrap), kgo.ClientID("alikafka"), kgo.MetadataMinAge(50*time.Millisecond))
	if err != nil {
		return nil, fmt.Errorf("aliyun-kafka sandbox: %w", err)
	}
	f := &Fake{now: o.Now, client: client, broker: kadm.NewClient(client), switched: map[string]bool{}, nonces: map[string]bool{}}
	f.Front = inject.Before(http.HandlerFunc(f.serve), inject.Vendor{
		Action:    action,
		Throttled: func(w http.ResponseWriter, _ *http.Request) { f.refuse(w, throttled) },
		Failed:    func(w http.ResponseWriter, _ *http.Request) { f.refuse(w, failed) },
	})
	return f, nil
}

// Close drops the connections to the broker.
func (f *Fake) Close() { f.client.Close() }

// The ways in which the service is known or guessed to differ, each a fault
// of its own.
const (
	live        = "live"
	stateless   = "stateless"
	integerCode = "integer-code"
	anyTopic    = "any-topic"
	minusOne    = "minus-one"
	quotedAll   = "numbers-as-strings"
)

// Faults are the names that Inject takes, with what each does.
func Faults() map[string]string {
	out := inject.Faults()
	maps.Copy(out, map[string]string{
		live:        "every group has a live consumer, which commits over a reset as soon as it is done",
		stateless:   "a group's progress tells nothing of its state and members, as older instances do",
		integerCode: "errors carry an integer code, on which some of the vendor's own SDKs panic",
		anyTopic:    "a reset that leaves its topic out means all topics, as an empty one does",
		minusOne:    "partitions without a commit are listed with the offset -1",
		quotedAll:   "all numbers of an answer are strings",
	})
	return out
}

// Inject makes the service fail or differ in a named way from now on.
func (f *Fake) Inject(name string) error {
	if _, own := inject.Faults()[name]; own {
		return f.Front.Inject(name)
	}
	if _, known := Faults()[name]; !known {
		return fmt.Errorf("aliyun-kafka sandbox: there is no fault %q", name)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.switched[name] = true
	return nil
}

// Permit says whether the key may do anything at all, as its policies do.
func (f *Fake) Permit(all bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.denied = !all
}

func (f *Fake) permits() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.denied
}

func (f *Fake) is(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.switched[name]
}

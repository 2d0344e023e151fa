// Package aliyunkafkafake emulates Alibaba Cloud Message Queue for Kafka for tests,
// the sandbox and the demo: the service's API of 2019-09-16 over HTTP, in front of a
// Kafka broker that holds the logs and the commits, so that a Kafka client sees what
// the API has reset.
//
// It checks old and new signatures as the service does, and refuses with the
// service's codes. Comments mark behaviour that is not documented.
//
// It does not depend on resetplan: any client of the service can use it.
package aliyunkafkafake

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The instance that the fake serves, and its credentials.
const (
	Region    = "cn-hangzhou"
	Instance  = "alikafka_post-cn-sandbox"
	AccessKey = "sandbox-ak"
	Secret    = "sandbox-sk"
	Token     = "sandbox-token" // the one security token that has not expired
)

// Options say which broker and which clock a Fake uses.
type Options struct {
	Bootstrap string           // the broker that holds its topics and groups, host:port
	Now       func() time.Time // the service's clock
}

// A Fake is the service. Its front counts requests and injects faults.
type Fake struct {
	*inject.Front
	now    func() time.Time
	client *kgo.Client
	broker *kadm.Client

	bootstrap string

	mu       sync.Mutex
	switched map[string]bool // faults of this service that are on
	allowed  []string        // the key's RAM actions, if they are limited
	limited  bool
	nonces   map[string]bool
	issued   temporary
	requests int
}

var _ http.Handler = (*Fake)(nil)

// New returns the service in front of a broker. It contacts the broker at the first
// request.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		return nil, errors.New("aliyun-kafka sandbox: Now is not set")
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(o.Bootstrap), kgo.ClientID("alikafka"), kgo.MetadataMinAge(50*time.Millisecond))
	if err != nil {
		return nil, fmt.Errorf("aliyun-kafka sandbox: %w", err)
	}
	f := &Fake{now: o.Now, bootstrap: o.Bootstrap, client: client, broker: kadm.NewClient(client), switched: map[string]bool{},
		nonces: map[string]bool{}}
	f.Front = inject.Before(http.HandlerFunc(f.serve), inject.Vendor{
		Action:    action,
		Throttled: func(w http.ResponseWriter, _ *http.Request) { f.refuse(w, throttled) },
		Failed:    func(w http.ResponseWriter, _ *http.Request) { f.refuse(w, failed) },
	})
	return f, nil
}

// Close drops the connections to the broker.
func (f *Fake) Close() { f.client.Close() }

// Faults of this service: behaviour that differs between instances, or is assumed to.
const (
	live        = "live"
	stateless   = "stateless"
	integerCode = "integer-code"
	anyTopic    = "any-topic"
	minusOne    = "minus-one"
	quotedAll   = "numbers-as-strings"
	timeless    = "timeless"
)

// Faults are the names that Inject accepts, with what each does.
func Faults() map[string]string {
	out := inject.Faults()
	maps.Copy(out, map[string]string{
		live:        "every group has an active consumer, which commits over a reset immediately",
		stateless:   "a group's progress has no state and no members, as on older instances",
		integerCode: "errors have an integer code, on which some of the vendor's SDKs panic",
		anyTopic:    "a reset without a topic means all topics, like one with an empty topic",
		minusOne:    "partitions without a commit are listed with the offset -1",
		quotedAll:   "all numbers in answers are strings",
		timeless:    "a group's progress has no times of consumed records, as on serverless instances",
	})
	return out
}

// Inject makes the service fail or differ in a named way from now on.
func (f *Fake) Inject(name string) error {
	if _, own := inject.Faults()[name]; own {
		return f.Front.Inject(name)
	}
	if _, known := Faults()[name]; !known {
		return fmt.Errorf("aliyun-kafka sandbox: unknown fault %q", name)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.switched[name] = true
	return nil
}

// Deny removes all permissions of the key.
func (f *Fake) Deny() { f.Permit() }

// Permit limits the key to RAM actions, such as "alikafka:ListGroup".
func (f *Fake) Permit(actions ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.allowed, f.limited = actions, true
}

// permissions are the RAM actions of the service's actions.
var permissions = map[string]string{
	"GetConsumerProgress": "alikafka:ListGroup", "GetConsumerList": "alikafka:ListGroup", "GetTopicStatus": "alikafka:ListTopic",
	"GetTopicList": "alikafka:ListTopic", "UpdateConsumerOffset": "alikafka:UpdateGroup",
}

// lacks returns the permission that the key needs for an action and does not have, or
// "".
func (f *Fake) lacks(action string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if need := permissions[action]; f.limited && !slices.Contains(f.allowed, need) {
		return need
	}
	return ""
}

func (f *Fake) is(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.switched[name]
}

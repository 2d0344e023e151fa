// Package huaweirocketmqfake emulates Huawei Cloud's DMS for RocketMQ as an
// http.Handler: the gateway that checks signatures, the API in both of its path
// families, and behind it an engine whose consumers apply resets.
//
// The engine behaves like Apache RocketMQ when the broker notifies online consumers of
// a reset: the answer reports the target offset of each queue, the committed offset
// stays for a while, then it jumps and the consumer reads on from there. Nothing here
// depends on the client under test.
//
// The clock drives all of it: no goroutine runs, and state is computed on request.
package huaweirocketmqfake

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers/internal/inject"
)

// The seed, and the accepted keys.
const (
	AccessKey = "sandbox-ak"
	Secret    = "sandbox-sk"

	Region   = "cn-north-4"
	Project  = "sandbox-project"
	Instance = "sandbox-rocketmq"
	Topic    = "topic_01"
	Group    = "group_01"
	Retry    = "%RETRY%" + Group // the group's retry topic, which resets do not move
)

// AtOnce is an Options.TakeUp without delay.
const AtOnce time.Duration = -1

// Options configure a Fake.
type Options struct {
	Now func() time.Time
	// TakeUp is how long the consumers need to take over a reset; 0 = 2 s. Real
	// consumers need about 10 s.
	TakeUp time.Duration
	// CommitEvery is the consumers' commit interval; 0 = 5 s.
	CommitEvery time.Duration
	// Pace is how many records of a queue they read per commit; 0 = 50.
	Pace int64
	// BrokerObject makes ShowTopicStatus answer with an object instead of an array for
	// a topic on one broker, as in the manual's example.
	BrokerObject bool
}

// A Fake is one instance of the service.
type Fake struct {
	*inject.Front
	options Options

	mu         sync.Mutex
	keys       map[string]key // by access key
	tokens     map[string]time.Time
	topics     map[string]*topic
	groups     map[string]*group
	serverSide bool
	noForward  bool
	answers    int // counted for request ids
}

var _ http.Handler = (*Fake)(nil)

// New returns the service with its seed: a topic with 500 records per queue over the
// last 48 hours, and an online group that has read them all.
func New(o Options) (*Fake, error) {
	if o.Now == nil {
		return nil, errors.New("huawei-rocketmq sandbox: it needs a clock")
	}
	if o.TakeUp == 0 {
		o.TakeUp = 2 * time.Second
	}
	if o.CommitEvery == 0 {
		o.CommitEvery = 5 * time.Second
	}
	if o.Pace == 0 {
		o.Pace = 50
	}
	f := &Fake{options: o, keys: map[string]key{AccessKey: {secret: Secret}}, tokens: map[string]time.Time{},
		topics: map[string]*topic{}, groups: map[string]*group{}}
	f.Front = inject.Before(f.gateway())
	f.seed()
	return f, nil
}

func (f *Fake) seed() {
	const records, span = 500, 48 * time.Hour
	var times []time.Time
	for n := range records {
		times = append(times, f.options.Now().Add(-span+time.Duration(n)*span/records))
	}
	both := []string{"broker-0", "broker-1"}
	f.CreateTopic(Topic, Layout{Brokers: both, Queues: 4, Times: times})
	f.CreateTopic(Retry, Layout{Brokers: both, Queues: 1, Times: times[:3]})
	f.CreateGroup(Group)
	f.Commit(Group, Topic, records)
	f.Commit(Group, Retry, 3)
	f.Join(Group, "10.0.0.7@1#4711")
}

// Faults are the names that Inject accepts, with what each does.
func Faults() map[string]string {
	own := map[string]string{
		"offline":     "the consumers of the group " + Group + " are offline",
		"server-side": "the broker moves offsets itself, immediately, also of groups that are offline or have no commits",
		"no-forward":  "a reset forward is accepted, and nothing moves",
	}
	maps.Copy(own, inject.Faults())
	return own
}

// Inject makes the service fail in a named way from now on.
func (f *Fake) Inject(name string) error {
	switch name {
	case "offline":
		f.Leave(Group)
	case "server-side":
		f.locked(func() { f.serverSide = true })
	case "no-forward":
		f.locked(func() { f.noForward = true })
	default:
		if err := f.Front.Inject(name); err != nil {
			return fmt.Errorf("huawei-rocketmq sandbox: %w", err)
		}
	}
	return nil
}

// Close does nothing: the service has no goroutines.
func (f *Fake) Close() {}

func (f *Fake) locked(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

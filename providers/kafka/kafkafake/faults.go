package kafkafake

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Faults are the names that Inject takes, with what each does.
func Faults() map[string]string {
	return map[string]string{
		"throttle": "the first three commits are answered with a quota error, and nothing is written",
		"late":     "every commit takes three seconds",
		"drop":     "the first commit takes effect and its answer is lost with the connection",
		"error":    "every commit is answered with an error of the coordinator, and nothing is written",
		"partial":  "the first commit is refused on one partition and carried out on the others",
		"live":     "a consumer of the group " + SeedGroup + " is alive",
	}
}

// Inject makes the broker fail in a named way from now on.
func (f *Fake) Inject(name string) error {
	switch name {
	case "throttle":
		f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.ThrottlingQuotaExceeded, Count: 3})
	case "error":
		f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.CoordinatorNotAvailable, Count: -1})
	case "partial":
		f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Partitions: []int32{1}, Err: kerr.KafkaStorageError, Count: 1})
	case "late":
		f.proxy.set(func(p *proxy) { p.delay = 3 * time.Second })
	case "drop":
		f.proxy.set(func(p *proxy) { p.drops = 1 })
	case "live":
		return f.Join(SeedGroup, SeedTopic)
	default:
		return fmt.Errorf("kafka sandbox: there is no fault %q", name)
	}
	return nil
}

// Join keeps a consumer alive in a group and returns once it is a member.
func (f *Fake) Join(group, topic string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(f.Address()), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.ClientID("sandbox-consumer"), kgo.DisableAutoCommit())
	if err != nil {
		return fmt.Errorf("kafka sandbox: %w", err)
	}
	f.live = client
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := f.WaitGroupStable(ctx, group, 1); err != nil {
		return fmt.Errorf("kafka sandbox: the consumer of group %s does not come alive: %w", group, err)
	}
	return nil
}

// Leave ends the consumer that Join keeps alive.
func (f *Fake) Leave() {
	if f.live != nil {
		f.live.Close()
		f.live = nil
	}
}

// A proxy stands between the broker and its listeners and holds or cuts the
// answers to commits.
type proxy struct {
	mu    sync.Mutex
	delay time.Duration
	drops int
}

func newProxy() *proxy { return &proxy{} }

func (p *proxy) set(how func(*proxy)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how(p)
}

func (p *proxy) listen(network, address string) (net.Listener, error) {
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address
	}
	l, err := net.Listen(network, address)
	return &listener{l, p}, err
}

type listener struct {
	net.Listener
	proxy *proxy
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, proxy: l.proxy}, nil
}

// A conn watches for commits: a request begins with its length and its key.
// The broker reads the length and the rest apart.
type conn struct {
	net.Conn
	proxy  *proxy
	mu     sync.Mutex
	commit bool // the request read last is a commit
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n >= 8 { // a length alone has four bytes; what follows begins with key and version
		c.mu.Lock()
		c.commit = b[0] == 0 && kmsg.Key(b[1]) == kmsg.OffsetCommit
		c.mu.Unlock()
	}
	return n, err
}

func (c *conn) Write(b []byte) (int, error) {
	c.mu.Lock()
	commit := c.commit
	c.commit = false
	c.mu.Unlock()
	if !commit {
		return c.Conn.Write(b)
	}
	c.proxy.mu.Lock()
	delay, drop := c.proxy.delay, c.proxy.drops > 0
	if drop {
		c.proxy.drops--
	}
	c.proxy.mu.Unlock()
	if drop {
		return 0, c.Close()
	}
	time.Sleep(delay)
	return c.Conn.Write(b)
}

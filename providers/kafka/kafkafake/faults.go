package kafkafake

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Faults are the names that Inject accepts, with what each does.
func Faults() map[string]string {
	return map[string]string{
		"throttle": "the first three commits are answered with a quota error, and nothing is written",
		"late":     "every commit takes three seconds",
		"drop":     "the first commit takes effect and its answer is lost with the connection",
		"error":    "every commit is answered with an error of the coordinator, and nothing is written",
		"partial":  "the first commit is refused on one partition and applied on the others",
		"hidden":   "no group is listed, as for credentials that may not describe any",
		"live":     "a consumer of the group " + SeedGroup + " is active",
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
	case "hidden":
		f.mu.Lock()
		defer f.mu.Unlock()
		f.hidden = true
	case "live":
		return f.Join(SeedGroup, SeedTopic)
	default:
		return fmt.Errorf("kafka sandbox: there is no fault %q", name)
	}
	return nil
}

// Join runs one more consumer in a group and returns once it is a
// member. It reads nothing and commits nothing.
func (f *Fake) Join(group, topic string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(f.Address()), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
		kgo.ClientID("sandbox-consumer"), kgo.DisableAutoCommit())
	if err != nil {
		return fmt.Errorf("kafka sandbox: %w", err)
	}
	f.mu.Lock()
	f.live = append(f.live, client)
	f.joined[group]++
	members := f.joined[group]
	f.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := f.WaitGroupStable(ctx, group, members); err != nil {
		return fmt.Errorf("kafka sandbox: the consumer of group %s did not become a member: %w", group, err)
	}
	return nil
}

// Leave stops the consumers that Join runs.
func (f *Fake) Leave() {
	f.mu.Lock()
	live := f.live
	f.live, f.joined = nil, map[string]int{}
	f.mu.Unlock()
	for _, client := range live {
		client.Close()
	}
}

// A proxy runs between the broker and its listeners and delays or drops the
// answers to commits.
type proxy struct {
	mu    sync.Mutex
	delay time.Duration
	drops int
}

func (p *proxy) set(how func(*proxy)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how(p)
}

// next returns what is to be done with the answer to a commit.
func (p *proxy) next() (delay time.Duration, drop bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drops > 0 {
		p.drops--
		return 0, true
	}
	return p.delay, false
}

func (p *proxy) listen(network, address string) (net.Listener, error) {
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
	return &conn{Conn: c, proxy: l.proxy, commits: map[int32]bool{}}, nil
}

// A conn watches for commits. A client may send the next request before it
// has the answer to the last, so an answer is known by its correlation id.
// Over TLS nothing can be seen, and nothing is held or cut.
type conn struct {
	net.Conn
	proxy *proxy

	mu      sync.Mutex
	head    []byte         // of the request being read: length, key, version, correlation id
	left    int            // bytes of that request still to come after its head
	commits map[int32]bool // commits without an answer
}

const headLength = 4 + 2 + 2 + 4

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watch(b[:n])
	return n, err
}

// watch follows the stream of requests, in whatever pieces it comes.
func (c *conn) watch(b []byte) {
	for len(b) > 0 {
		if c.left > 0 {
			n := min(c.left, len(b))
			b, c.left = b[n:], c.left-n
			continue
		}
		n := min(headLength-len(c.head), len(b))
		c.head, b = append(c.head, b[:n]...), b[n:]
		if len(c.head) < headLength {
			continue
		}
		if kmsg.Key(binary.BigEndian.Uint16(c.head[4:])) == kmsg.OffsetCommit {
			c.commits[int32(binary.BigEndian.Uint32(c.head[8:]))] = true
		}
		c.left = int(binary.BigEndian.Uint32(c.head)) - (headLength - 4)
		c.head = c.head[:0]
	}
}

// Write is called once an answer.
func (c *conn) Write(b []byte) (int, error) {
	if len(b) < 8 {
		return c.Conn.Write(b)
	}
	id := int32(binary.BigEndian.Uint32(b[4:]))
	c.mu.Lock()
	commit := c.commits[id]
	delete(c.commits, id)
	c.mu.Unlock()
	if !commit {
		return c.Conn.Write(b)
	}
	delay, drop := c.proxy.next()
	if drop {
		return 0, c.Close()
	}
	time.Sleep(delay)
	return c.Conn.Write(b)
}

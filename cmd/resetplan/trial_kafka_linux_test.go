//go:build linux && amd64

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/aliyunkafka/aliyunkafkafake"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A cluster is one embedded Kafka for many trials, each with a group of its own.
type cluster struct {
	*kafkafake.Fake
	admin *kadm.Client

	mu      sync.Mutex
	groups  int
	ledgers map[string]*ledger // by group
	own     map[string]bool    // groups for which the test itself commits now
	refused map[string]bool    // groups whose commits are refused
	former  map[string]int64   // by group: a commit of this offset is the return at the end of a replay
	skipped int                // the number of following commits that are answered with an error and not made
	active  func(string) bool  // a group has active consumers, so that a broker refuses commits of others; may be nil
}

// newCluster starts a cluster that has the topics and groups of the sandbox.
func newCluster(t testing.TB) *cluster {
	t.Helper()
	c := newBroker(t)
	dts, err := tencentdtsfake.New(tencentdtsfake.Options{Bootstrap: c.Address(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer dts.Close()
	if err := dts.Seed(context.Background()); err != nil {
		t.Fatal(err)
	}
	return c
}

func newBroker(t testing.TB, options ...kfake.Opt) *cluster {
	t.Helper()
	f, err := kafkafake.Start("127.0.0.1:0", options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	ctx := context.Background()
	if err := kafkafake.Seed(ctx, f.Address(), time.Now()); err != nil {
		t.Fatal(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(f.Address()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	c := &cluster{Fake: f, admin: kadm.NewClient(client), ledgers: map[string]*ledger{}, own: map[string]bool{}, refused: map[string]bool{},
		former: map[string]int64{}}
	f.ControlKey(int16(kmsg.OffsetCommit), c.commit)
	return c
}

// commit records a commit that is about to be made, or refuses it.
func (c *cluster) commit(r kmsg.Request) (kmsg.Response, error, bool) {
	c.KeepControl()
	req := r.(*kmsg.OffsetCommitRequest)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own[req.Group] {
		return nil, nil, false
	}
	refuse, code := c.refused[req.Group], kerr.TopicAuthorizationFailed.Code
	if c.active != nil && c.active(req.Group) {
		refuse, code = true, kerr.UnknownMemberID.Code
	}
	if c.skipped > 0 {
		c.skipped--
		return nil, nil, false
	}
	answer := req.ResponseKind().(*kmsg.OffsetCommitResponse)
	for _, t := range req.Topics {
		at := kmsg.NewOffsetCommitResponseTopic()
		at.Topic, at.TopicID = t.Topic, t.TopicID
		for _, p := range t.Partitions {
			one := kmsg.NewOffsetCommitResponseTopicPartition()
			one.Partition, one.ErrorCode = p.Partition, code
			at.Partitions = append(at.Partitions, one)
			if l := c.ledgers[req.Group]; l != nil && !refuse {
				key := strconv.Itoa(int(p.Partition))
				if at, replays := c.former[req.Group]; replays && p.Offset == at {
					key = returnKey + key
				}
				l.add(effect{key, strconv.FormatInt(p.Offset, 10)})
			}
		}
		answer.Topics = append(answer.Topics, at)
	}
	return answer, nil, refuse
}

// returnKey is how the key of an effect begins that returns a part to its former position at the end of a replay.
const returnKey = "return "

// group creates a group with committed positions, and returns its name.
func (c *cluster) group(t testing.TB, l *ledger, named func(string) string, topic string, parts int, at int64) string {
	t.Helper()
	c.mu.Lock()
	c.groups++
	name := fmt.Sprintf("group-%d", c.groups)
	c.mu.Unlock()
	c.commitTo(t, named(name), topic, parts, at)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ledgers[named(name)] = l
	return name
}

// commitTo commits as consumers do; that is not an effect of the program.
func (c *cluster) commitTo(t testing.TB, group, topic string, parts int, at int64) {
	t.Helper()
	mine := func(yes bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.own[group] = yes
	}
	mine(true)
	defer mine(false)
	var offsets kadm.Offsets
	for p := range int32(parts) {
		offsets.AddOffset(topic, p, at, -1)
	}
	if err := c.admin.CommitAllOffsets(context.Background(), group, offsets); err != nil {
		t.Error(err)
	}
}

func (c *cluster) refuse(group string, yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused[group] = yes
}

func (c *cluster) committed(group, topic string, parts int) func() map[string]string {
	return func() map[string]string {
		got, err := c.admin.FetchOffsets(context.Background(), group)
		out := map[string]string{}
		for p := range parts {
			out[strconv.Itoa(p)] = "nothing"
			if at, ok := got.Lookup(topic, int32(p)); ok && err == nil {
				out[strconv.Itoa(p)] = strconv.FormatInt(at.At, 10)
			}
		}
		return out
	}
}

func itself(name string) string { return name }

func partsOf(n int) []string {
	var out []string
	for p := range n {
		out = append(out, strconv.Itoa(p))
	}
	return out
}

// portOf returns the port of host:port.
func portOf(t testing.TB, address string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// serve serves the service's handler behind a front until the end of the test.
func (s *service) serve(t testing.TB, h http.Handler, throttle func(write bool)) (url string) {
	t.Helper()
	s.front, url = httpFront(t, h, throttle)
	s.port = portOf(t, s.front.Addr().String())
	return url
}

// armed makes a fake throttle the next request that reads, or the next one that writes.
func armed(reads, writes func()) func(write bool) {
	return func(write bool) {
		if write {
			writes()
			return
		}
		reads()
	}
}

// offsets is a service whose resets are commits in the cluster.
func (c *cluster) offsets(group, topic string, parts int, before, after int64) service {
	back := strconv.FormatInt(before, 10)
	s := service{
		parts: partsOf(parts), at: c.committed(group, topic, parts), asked: func(e effect) bool { return e.to != back },
		before: everywhere(partsOf(parts), back), after: everywhere(partsOf(parts), strconv.FormatInt(after, 10)),
	}
	return s
}

func (c *cluster) kafka(t testing.TB, l *ledger, before, after int64) service {
	group := c.group(t, l, itself, kafkafake.SeedTopic, 3, before)
	s := c.offsets(group, kafkafake.SeedTopic, 3, before, after)
	s.group, s.name, s.provider = group, "kafka", fmt.Sprintf("bootstrapServers: [%q]", c.Address())
	s.step = fmt.Sprintf("    target: {group: %s, topic: orders}\n    to: {offset: %d}\n", group, after)
	s.port = portOf(t, c.Address())
	s.readers = func(to int64) { c.commitTo(t, group, kafkafake.SeedTopic, 3, to) }
	return s
}

// kafkaAtEnd is a group that has read everything, and whose consumers read everything again as soon as they can.
func (c *cluster) kafkaAtEnd(t testing.TB, l *ledger) service {
	s := c.kafka(t, l, 500, 200)
	s.after = nil
	s.later = func() {
		if len(l.all()) > 0 {
			s.readers(500)
		}
	}
	return s
}

func (c *cluster) aliyun(t testing.TB, l *ledger, now func() time.Time) service {
	f, err := aliyunkafkafake.New(aliyunkafkafake.Options{Bootstrap: c.Address(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	group := c.group(t, l, itself, kafkafake.SeedTopic, 3, 300)
	s := c.offsets(group, kafkafake.SeedTopic, 3, 300, 140)
	url := s.serve(t, f, armed(func() { f.Arm("throttle", 0, 1) }, func() { f.Arm("throttle", 1, 1) }))
	s.name, s.provider = "aliyun-kafka", fmt.Sprintf("region: cn-hangzhou, instanceId: alikafka_post-cn-sandbox, endpoint: %q", url)
	s.step = fmt.Sprintf("    target: {group: %s, topic: orders}\n    to: {offset: 140}\n", group)
	s.settles = 6 * time.Second
	return s
}

func (c *cluster) tencent(t testing.TB, l *ledger, now func() time.Time) service {
	f, err := tencentdtsfake.New(tencentdtsfake.Options{Bootstrap: c.Address(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	group := c.group(t, l, tencentdtsfake.FullName, tencentdtsfake.SeedTopic, 4, 400)
	f.AddGroup(group)
	s := c.offsets(tencentdtsfake.FullName(group), tencentdtsfake.SeedTopic, 4, 400, 0)
	s.after = nil // set by time
	url := s.serve(t, f, armed(func() { f.Arm("throttle", 0, 1) }, func() { f.Arm("throttle", 1, 1) }))
	s.name, s.provider = "tencent-dts", fmt.Sprintf("region: ap-guangzhou, subscribeId: subs-sandbox0001, endpoint: %q", url)
	asked := now().Add(-40 * time.Hour).UTC().Format(time.RFC3339)
	s.step = fmt.Sprintf("    target: {group: %s, topic: %s}\n    to: {timestamp: %q}\n", group, tencentdtsfake.SeedTopic, asked)
	s.settles = 6 * time.Second
	return s
}

// failing adds a step on the cluster that is refused until lift is called.
func (c *cluster) failing(t testing.TB, s *service) {
	group := c.group(t, nil, itself, kafkafake.SeedTopic, 3, 300)
	c.refuse(group, true)
	s.second = fmt.Sprintf("type: kafka, bootstrapServers: [%q]\n    target: {group: %s, topic: orders}\n    to: {offset: 250}\n", c.Address(), group)
	s.otherPort = portOf(t, c.Address())
	s.lift = func() { c.refuse(group, false) }
	s.secondAt = func() (got, want []string) {
		for _, p := range partsOf(3) {
			got, want = append(got, c.committed(group, kafkafake.SeedTopic, 3)()[p]), append(want, "250")
		}
		return got, want
	}
}

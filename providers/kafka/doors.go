package kafka

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A broker carries out the requests of one connection one after another, and
// looks up a time in about twenty microseconds a partition: a long question
// holds up all that was asked after it. The connection by which the client
// entered the cluster is idle by then. Where it leads to the broker that is
// to be asked, it is a second door to it.

// long is of how many parts a question by time is worth the door.
const long = 200

// entrances notes which of the addresses in the document a connection leads
// to, by their place there.
type entrances struct {
	mu   sync.Mutex
	open map[address]int
}

type address struct {
	host string
	port int32
}

var _ kgo.HookBrokerConnect = (*entrances)(nil)

// OnBrokerConnect is told of each connection that was made. The client calls
// a broker "seed_0" that it knows by its address alone.
func (e *entrances) OnBrokerConnect(to kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	text, isSeed := strings.CutPrefix(kgo.NodeName(to.NodeID), "seed_")
	if n, bad := strconv.Atoi(text); isSeed && bad == nil && err == nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.open[address{to.Host, to.Port}] = n
	}
}

// doors returns the connections by which the client entered, by the id of the
// broker they lead to.
func (c *connection) doors(brokers []kmsg.MetadataResponseBroker) map[int32]*kgo.Broker {
	out := map[int32]*kgo.Broker{}
	seeds := c.client.SeedBrokers()
	c.entrances.mu.Lock()
	defer c.entrances.mu.Unlock()
	for _, b := range brokers {
		if n, ok := c.entrances.open[address{b.Host, b.Port}]; ok && n < len(seeds) {
			out[b.NodeID] = seeds[n]
		}
	}
	return out
}

// answerAside asks the long questions by time through the doors. What is not
// answered without an error stays open for the ordinary way, which knows how
// to find another leader. Where all is nil, the leaders are not known here.
func (c *connection) answerAside(ctx context.Context, all *catalogue, q *question) {
	if len(q.open) < long || all == nil {
		return
	}
	led := map[int32][]providers.Part{}
	for _, p := range q.open {
		leader := all.topics[p.Topic].leaders[int32(p.Number)]
		led[leader] = append(led[leader], p)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for leader, parts := range led {
		if door := all.doors[leader]; door != nil && len(parts) >= long {
			wg.Go(func() {
				resp, err := door.RetriableRequest(ctx, q.request(parts))
				if err != nil {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				q.take(resp.(*kmsg.ListOffsetsResponse))
			})
		}
	}
	wg.Wait()
	q.open = slices.DeleteFunc(q.open, func(p providers.Part) bool { return q.answers[p].told && q.answers[p].err == nil })
}

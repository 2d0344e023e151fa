package kafka

import (
	"context"
	"net"
	"slices"
	"strconv"
	"sync"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A broker carries out the requests of one connection one after another, and
// looks up a time in about twenty microseconds a partition: a long question
// holds up all that was asked after it. The connection by which the client
// entered the cluster is idle by then. Where it leads to the broker that is
// to be asked, it is a second door to it.

// long is of how many parts a question is worth a door of its own.
const long = 200

// doors returns the idle connections, by the id of the broker they lead to.
func (c *connection) doors(brokers []kmsg.MetadataResponseBroker) map[int32]*kgo.Broker {
	out := map[int32]*kgo.Broker{}
	for i, seed := range c.client.SeedBrokers() {
		host, port, err := net.SplitHostPort(c.servers[i])
		if err != nil {
			continue // an address without a port names the default one, and loses the shortcut alone
		}
		for _, b := range brokers {
			if b.Host == host && strconv.Itoa(int(b.Port)) == port {
				out[b.NodeID] = seed
			}
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

package huaweirocketmq

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// offset is a number as a place in a log. The engine has negative ones where
// it has none.
func offset(n httpcall.StrictNumber) providers.Position {
	if !n.Known || n.N < 0 {
		return providers.Position{}
	}
	return providers.AtOffset(n.N)
}

// A count is a number that nothing depends on: where it cannot be read, as in
// the manual's own example ("3,"), it is not known.
type count struct{ httpcall.Number }

func (c *count) UnmarshalJSON(raw []byte) error {
	_ = c.Number.UnmarshalJSON(raw) // which leaves it unknown
	return nil
}

// A queue is one log, as far as an answer tells of it.
type queue struct {
	ID        httpcall.StrictNumber `json:"id"`
	Low       httpcall.StrictNumber `json:"min_offset"`
	High      httpcall.StrictNumber `json:"max_offset"`
	End       httpcall.StrictNumber `json:"broker_offset"` // the high boundary, in the group's details
	Committed httpcall.StrictNumber `json:"consumer_offset"`
	Last      httpcall.StrictNumber `json:"last_message_time"` // of the record read last, in the group's details; ms
}

// queues are a topic's logs.
type queues map[providers.Part]queue

// brokers is a list of brokers with their queues. The manual's table has an
// array of them, its example a single one.
type brokers []struct {
	Name   string  `json:"broker_name"`
	Queues []queue `json:"queues"`
}

func (b *brokers) UnmarshalJSON(raw []byte) error {
	if strings.HasPrefix(string(raw), "{") {
		raw = []byte("[" + string(raw) + "]")
	}
	type plain brokers
	return json.Unmarshal(raw, (*plain)(b))
}

// queues lays them out by part, or says which cannot be told from the others.
func (b brokers) queues(topic string) (queues, error) {
	out := queues{}
	for _, broker := range b {
		for _, q := range broker.Queues {
			if broker.Name == "" || !q.ID.Known {
				return nil, fmt.Errorf("a queue of %s has no broker or no number", topic)
			}
			out[providers.Part{Topic: topic, Broker: broker.Name, Number: int(q.ID.N)}] = q
		}
	}
	return out, nil
}

// A group is what the service keeps of one, and who consumes for it.
type group struct {
	Name      string
	Broadcast *bool
	Online    *bool `json:"group_online"`
	consumers
}

// consumers are a group's live clients.
type consumers struct {
	Connected *bool `json:"online"` // whether there are any

	Consistent *bool    `json:"subscription_consistency"`
	Clients    []client `json:"clients"`
}

func is(b *bool) bool  { return b != nil && *b }
func not(b *bool) bool { return b != nil && !*b }

type client struct {
	ID      string `json:"client_id"`
	Address string `json:"client_addr"`
}

func committed(q queue) providers.Position {
	if at := offset(q.Committed); !at.IsZero() {
		return at
	}
	return providers.At(providers.Unset)
}

// requestID finds the id in an answer: the service puts it into a header, its
// gateway into the body of an error, too.
func requestID(h http.Header, body []byte) string {
	if id := h.Get("X-Request-Id"); id != "" {
		return id
	}
	return understand(body).RequestID
}

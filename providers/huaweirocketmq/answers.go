package huaweirocketmq

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// A number is a whole number of an answer, exact to 64 bits, written as a
// number or as text. What is absent or null is not known; it is not 0.
type number struct {
	n     int64
	known bool
}

func (v *number) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "null" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("%.40s is not a whole number", raw)
	}
	v.n, v.known = n, true
	return nil
}

// offset is a number as a place in a log. The engine has negative ones where
// it has none.
func (v number) offset() providers.Position {
	if !v.known || v.n < 0 {
		return providers.Position{}
	}
	return providers.AtOffset(v.n)
}

// A count is a number that nothing depends on: where it cannot be read, as in
// the manual's own example ("3,"), it is not known.
type count struct{ number }

func (v *count) UnmarshalJSON(raw []byte) error {
	if v.number.UnmarshalJSON(raw) != nil {
		v.number = number{}
	}
	return nil
}

// A queue is one log, as far as an answer tells of it.
type queue struct {
	ID        number `json:"id"`
	Low       number `json:"min_offset"`
	High      number `json:"max_offset"`
	End       number `json:"broker_offset"` // the high boundary, in the group's details
	Committed number `json:"consumer_offset"`
	Last      number `json:"last_message_time"` // of the record read last, in the group's details; ms
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
			if broker.Name == "" || !q.ID.known {
				return nil, fmt.Errorf("a queue of %s has no broker or no number", topic)
			}
			out[providers.Part{Topic: topic, Broker: broker.Name, Number: int(q.ID.n)}] = q
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
	if at := q.Committed.offset(); !at.IsZero() {
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

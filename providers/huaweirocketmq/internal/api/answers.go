package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

type named struct{ Name string }

// A topicName is a topic in a list: a name, or an object with one.
type topicName string

func (n *topicName) UnmarshalJSON(raw []byte) error {
	if strings.HasPrefix(string(raw), "{") {
		var object struct{ Name, Topic string }
		err := json.Unmarshal(raw, &object)
		*n = topicName(cmp.Or(object.Name, object.Topic))
		return err
	}
	return json.Unmarshal(raw, (*string)(n))
}

// A count is a number on which nothing depends: if it cannot be read, as in the
// manual's own example ("3,"), it is unknown.
type count struct{ httpcall.Number }

func (c *count) UnmarshalJSON(raw []byte) error {
	_ = c.Number.UnmarshalJSON(raw) // leaves it unknown on errors
	return nil
}

// A Queue identifies one log of a topic.
type Queue struct {
	Broker string
	Number int
}

// A Status is what an answer reports about a queue. What is not reported is nil; the
// engine reports negative offsets if it has none.
type Status struct {
	Low, High *int64    // of the topic
	End       *int64    // the high offset, next to a group's commit
	Committed *int64    // by a group
	LastRead  time.Time // when the last record that a group read was stored; zero = not reported
}

type brokersAnswer struct{ Brokers brokers }

// brokers is a list of brokers with their queues. In the manual's table it is an
// array, in its example a single object.
type brokers []struct {
	Name   string `json:"broker_name"`
	Queues []struct {
		ID        httpcall.StrictNumber `json:"id"`
		Low       httpcall.StrictNumber `json:"min_offset"`
		High      httpcall.StrictNumber `json:"max_offset"`
		End       httpcall.StrictNumber `json:"broker_offset"`
		Committed httpcall.StrictNumber `json:"consumer_offset"`
		Last      httpcall.StrictNumber `json:"last_message_time"` // in milliseconds
	} `json:"queues"`
}

func (b *brokers) UnmarshalJSON(raw []byte) error {
	if strings.HasPrefix(string(raw), "{") {
		raw = []byte("[" + string(raw) + "]")
	}
	type plain brokers
	return json.Unmarshal(raw, (*plain)(b))
}

// plain returns the queues, or what the answer lacks.
func (b brokers) plain(topic string) (out map[Queue]Status, missing string) {
	out = map[Queue]Status{}
	for _, broker := range b {
		for _, q := range broker.Queues {
			if broker.Name == "" || !q.ID.Known {
				return nil, fmt.Sprintf("a queue of %s has no broker or no number", topic)
			}
			s := Status{Low: q.Low.Pointer(), High: q.High.Pointer(), End: q.End.Pointer(), Committed: q.Committed.Pointer()}
			if q.Last.Known && q.Last.N > 0 {
				s.LastRead = time.UnixMilli(q.Last.N).UTC()
			}
			out[Queue{broker.Name, int(q.ID.N)}] = s
		}
	}
	return out, ""
}

// A Group is a consumer group. What is not reported is nil.
type Group struct {
	Broadcast *bool
	Online    *bool
}

type groupAnswer struct {
	Name      string
	Broadcast *bool
	Online    *bool `json:"group_online"`
}

// Consumers are a group's connected clients. What is not reported is nil.
type Consumers struct {
	Online     *bool // whether there are any
	Consistent *bool // whether all have the same subscriptions
	Clients    []Consumer
}

// A Consumer is a connected client.
type Consumer struct{ ID, Address string }

type consumersAnswer struct {
	Total      count
	Online     *bool    `json:"online"`
	Consistent *bool    `json:"subscription_consistency"`
	Clients    []client `json:"clients"`
}

type client struct {
	ID      string `json:"client_id"`
	Address string `json:"client_addr"`
}

type resetAnswer struct {
	Queues []struct {
		Broker string                `json:"broker_name"`
		ID     httpcall.StrictNumber `json:"queue_id"`
		Offset httpcall.StrictNumber `json:"timestamp_offset"`
	}
}

// plain returns the offsets by queue, or what the answer lacks.
func (a resetAnswer) plain() (out map[Queue]*int64, missing string) {
	if len(a.Queues) == 0 {
		return nil, "it lists no queue that was reset"
	}
	out = map[Queue]*int64{}
	for _, q := range a.Queues {
		if q.Broker == "" || !q.ID.Known {
			return nil, "a queue has no broker or no number"
		}
		out[Queue{q.Broker, int(q.ID.N)}] = q.Offset.Pointer()
	}
	return out, ""
}

// requestID returns the service's id of a request. The service sends it in a header,
// its gateway also in the body of an error.
func requestID(h http.Header, body []byte) string {
	if id := h.Get("X-Request-Id"); id != "" {
		return id
	}
	return parseError(body).requestID
}

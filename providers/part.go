package providers

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// A Part is one log with its own position: a partition, a queue of a broker,
// a shard. Its text is "orders/0", "topic_01/broker-0/3" or "shard/2"; the
// zero Part, "", is the whole target.
type Part struct {
	Topic  string // or "shard"
	Broker string // "" if parts are not named by broker
	Number int
}

// String returns the one spelling of a part.
func (p Part) String() string {
	switch {
	case p == Part{}:
		return ""
	case p.Broker == "":
		return p.Topic + "/" + strconv.Itoa(p.Number)
	}
	return p.Topic + "/" + p.Broker + "/" + strconv.Itoa(p.Number)
}

// Compare orders parts by topic, broker and number.
func (p Part) Compare(q Part) int {
	if p.Topic != q.Topic {
		return cmp.Compare(p.Topic, q.Topic)
	}
	if p.Broker != q.Broker {
		return cmp.Compare(p.Broker, q.Broker)
	}
	return cmp.Compare(p.Number, q.Number)
}

// ParsePart reads what String wrote.
func ParsePart(s string) (Part, error) {
	if s == "" {
		return Part{}, nil
	}
	at := strings.LastIndexByte(s, '/')
	if at <= 0 {
		return Part{}, fmt.Errorf("part %q: not topic/number, topic/broker/number or shard/number", s)
	}
	n, err := strconv.Atoi(s[at+1:])
	if err != nil || n < 0 {
		return Part{}, fmt.Errorf("part %q: %q is not a number", s, s[at+1:])
	}
	topic, broker, _ := strings.Cut(s[:at], "/")
	if topic == "" {
		return Part{}, fmt.Errorf("part %q: it names no topic", s)
	}
	return Part{Topic: topic, Broker: broker, Number: n}, nil
}

// AppendText appends String.
func (p Part) AppendText(b []byte) ([]byte, error) {
	if p == (Part{}) {
		return b, nil
	}
	b = append(append(b, p.Topic...), '/')
	if p.Broker != "" {
		b = append(append(b, p.Broker...), '/')
	}
	return strconv.AppendInt(b, int64(p.Number), 10), nil
}

// MarshalText writes String.
func (p Part) MarshalText() ([]byte, error) { return p.AppendText(nil) }

// UnmarshalText reads what MarshalText wrote.
func (p *Part) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePart(string(b))
	return err
}

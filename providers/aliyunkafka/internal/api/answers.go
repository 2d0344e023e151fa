package aliyunkafka

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// A word is a scalar of an answer, whether it comes as a string, a number or
// a boolean. Null and a key that is absent are "".
type word string

func (w *word) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(w))
	case '{', '[':
		return fmt.Errorf("%s stands where a number or a word belongs", b[:1])
	case 'n':
		return nil
	}
	*w = word(b)
	return nil
}

// A list is what the service wraps into an object of one key, whose name is
// now the element's and now the list's own. Bare is one without the object.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("{")) {
		return json.Unmarshal(b, (*[]T)(l))
	}
	var wrapped map[string][]T
	if err := json.Unmarshal(b, &wrapped); err != nil {
		return err
	}
	for _, elements := range wrapped {
		*l = append(*l, elements...)
	}
	return nil
}

// progressAnswer is GetConsumerProgress. The SDK's own type drops the state
// and the members.
type progressAnswer struct {
	ConsumerProgress *struct {
		State     string
		TopicList *list[struct {
			Topic      string
			OffsetList list[struct {
				Partition, ConsumerOffset    httpcall.Number
				ClientID, ClientIP, MemberID string
			}]
		}]
	}
}

// progress is where a group stands.
type progress struct {
	state   string                                // in the service's spelling; "" = it does not tell
	commits map[string]map[int]providers.Position // by topic and partition
	members []providers.Member
}

// progress reads the answer, or says what it lacks.
func (a *progressAnswer) progress() (*progress, string) {
	if a.ConsumerProgress == nil || a.ConsumerProgress.TopicList == nil {
		return nil, "it lacks the group's progress"
	}
	p := &progress{state: a.ConsumerProgress.State, commits: map[string]map[int]providers.Position{}}
	for _, t := range *a.ConsumerProgress.TopicList {
		p.commits[t.Topic] = map[int]providers.Position{}
		for _, o := range t.OffsetList {
			if t.Topic == "" || !o.Partition.Known {
				return nil, "it lacks the name of a topic or a partition"
			}
			p.commits[t.Topic][int(o.Partition.N)] = commit(o.ConsumerOffset)
			if m := (providers.Member{ID: o.MemberID, Client: o.ClientID, Host: strings.TrimPrefix(o.ClientIP, "/")}); m != (providers.Member{}) && !slices.Contains(p.members, m) {
				p.members = append(p.members, m)
			}
		}
	}
	return p, ""
}

// commit is the position of a commit. A negative one stands for none.
func commit(n httpcall.Number) providers.Position {
	if n.Known && n.N < 0 {
		return providers.At(providers.Unset)
	}
	return offset(n)
}

func offset(n httpcall.Number) providers.Position {
	if !n.Known {
		return providers.Position{}
	}
	return providers.AtOffset(n.N)
}

// statusAnswer is GetTopicStatus.
type statusAnswer struct {
	TopicStatus *struct {
		OffsetTable *list[struct{ Partition, MinOffset, MaxOffset httpcall.Number }]
	}
}

// bounds are the ends of one partition's log.
type bounds struct{ low, high providers.Position }

// bounds reads the answer by partition, or says what it lacks.
func (a *statusAnswer) bounds() (map[int]bounds, string) {
	if a.TopicStatus == nil || a.TopicStatus.OffsetTable == nil {
		return nil, "it lacks the topic's offsets"
	}
	out := map[int]bounds{}
	for _, o := range *a.TopicStatus.OffsetTable {
		if !o.Partition.Known {
			return nil, "it lacks the number of a partition"
		}
		out[int(o.Partition.N)] = bounds{offset(o.MinOffset), offset(o.MaxOffset)}
	}
	return out, ""
}

// consumersAnswer is GetConsumerList.
type consumersAnswer struct {
	Total        httpcall.Number
	ConsumerList *list[struct{ ConsumerID string }]
}

// topicsAnswer is GetTopicList.
type topicsAnswer struct {
	Total     httpcall.Number
	TopicList *list[struct{ Topic string }]
}

// A listing is one page of names.
type listing struct {
	names []string
	total int64
	told  bool // the list and its total
}

func (a *consumersAnswer) listing() listing {
	l := listing{total: a.Total.N, told: a.Total.Known && a.ConsumerList != nil}
	if l.told {
		for _, c := range *a.ConsumerList {
			l.names = append(l.names, c.ConsumerID)
		}
	}
	return l
}

func (a *topicsAnswer) listing() listing {
	l := listing{total: a.Total.N, told: a.Total.Known && a.TopicList != nil}
	if l.told {
		for _, t := range *a.TopicList {
			l.names = append(l.names, t.Topic)
		}
	}
	return l
}

// committed is where the group stands on a part. What the service leaves out
// was never committed.
func (p *progress) committed(part providers.Part) providers.Position {
	at, listed := p.commits[part.Topic][part.Number]
	if !listed {
		return providers.At(providers.Unset)
	}
	return at
}

// requestID finds the id of a request in its answer.
func requestID(h http.Header, body []byte) string {
	var a struct {
		RequestID word `json:"RequestId"`
	}
	if json.Unmarshal(body, &a) == nil && a.RequestID != "" {
		return string(a.RequestID)
	}
	return h.Get("x-acs-request-id")
}

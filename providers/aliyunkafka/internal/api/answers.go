package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// scalar is the text of a value that the service writes as a string, a number or
// a boolean. Null and an absent key are "".
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(s))
	case '{', '[':
		return fmt.Errorf("expected a string or a number, got %s", b[:1])
	case 'n':
		return nil
	}
	*s = scalar(b)
	return nil
}

// wrappers are the keys under which the service is known to put the elements of a
// list.
var wrappers = []string{"TopicList", "TopicVO", "OffsetList", "OffsetTable", "ConsumerList", "ConsumerVO"}

// list is an array that the service wraps in an object. A bare array is accepted,
// too. Keys other than the wrapper are ignored. If no wrapper is known, the list is
// the only array in the object, or the only one whose elements have the keys of the
// list; several such arrays are an error, because an unknown list must not be read as
// an empty one.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("{")) {
		return json.Unmarshal(b, (*[]T)(l))
	}
	var wrapped map[string]json.RawMessage
	if err := json.Unmarshal(b, &wrapped); err != nil {
		return err
	}
	var known, arrays []json.RawMessage
	wrong := "" // a wrapper without a list
	for name, inner := range wrapped {
		if !bytes.HasPrefix(inner, []byte("[")) {
			if slices.Contains(wrappers, name) && string(inner) != "null" {
				wrong = name
			}
			continue
		}
		arrays = append(arrays, inner)
		if slices.Contains(wrappers, name) {
			known = append(known, inner)
		}
	}
	if len(known) == 0 && len(arrays) > 1 {
		if arrays = slices.DeleteFunc(arrays, func(inner json.RawMessage) bool { return !fits[T](inner) }); len(arrays) != 1 {
			return fmt.Errorf("%d lists under unknown keys", len(arrays))
		}
	}
	if len(known) == 0 {
		known = arrays
	}
	if len(known) == 0 && wrong != "" {
		return fmt.Errorf("%s is not a list", wrong)
	}
	for _, inner := range known {
		var elements []T
		if err := json.Unmarshal(inner, &elements); err != nil {
			return err
		}
		*l = append(*l, elements...)
	}
	return nil
}

// fits reports whether an array has elements, and each has a key of T.
func fits[T any](array json.RawMessage) bool {
	var elements []T
	return json.Unmarshal(array, &elements) == nil && len(elements) > 0 &&
		!slices.ContainsFunc(elements, func(e T) bool { return reflect.ValueOf(&e).Elem().IsZero() })
}

// progressAnswer is GetConsumerProgress. The SDK's own type drops the state and
// the members.
type progressAnswer struct {
	ConsumerProgress *struct {
		State     string
		TopicList *list[struct {
			Topic      string
			OffsetList list[struct {
				Partition, ConsumerOffset    httpcall.Number
				LastTimestamp                httpcall.Number
				ClientID, ClientIP, MemberID string
			}]
		}]
	}
}

// Progress is what the service reports about a group.
type Progress struct {
	State string // in the service's spelling; "" = not reported
	// Commits are by topic and partition. Partitions without a commit may be left out.
	Commits map[string]map[int]Commit
	Members []Member
}

// A Commit is a group's position on a partition.
type Commit struct {
	Offset   *int64    // negative = no commit; nil = unreadable
	ReadUpTo time.Time // when the last consumed record was written; zero = not reported
}

// A Member is a consumer that owns a partition.
type Member struct{ ID, ClientID, Host string }

// plain returns the progress, or what the answer lacks.
func (a *progressAnswer) plain() (p Progress, missing string) {
	if a.ConsumerProgress == nil || a.ConsumerProgress.TopicList == nil {
		return Progress{}, "it has no progress of the group"
	}
	p = Progress{State: a.ConsumerProgress.State, Commits: map[string]map[int]Commit{}}
	for _, t := range *a.ConsumerProgress.TopicList {
		p.Commits[t.Topic] = map[int]Commit{}
		for _, o := range t.OffsetList {
			if t.Topic == "" || !o.Partition.Known {
				return Progress{}, "a topic has no name or a partition no number"
			}
			c := Commit{Offset: o.ConsumerOffset.Pointer()}
			if o.LastTimestamp.N > 0 { // -1 on instances and topics that do not report it
				c.ReadUpTo = time.UnixMilli(o.LastTimestamp.N).UTC()
			}
			p.Commits[t.Topic][int(o.Partition.N)] = c
			m := Member{ID: o.MemberID, ClientID: o.ClientID, Host: strings.TrimPrefix(o.ClientIP, "/")}
			if m != (Member{}) && !slices.Contains(p.Members, m) {
				p.Members = append(p.Members, m)
			}
		}
	}
	return p, ""
}

// statusAnswer is GetTopicStatus.
type statusAnswer struct {
	TopicStatus *struct {
		OffsetTable *list[struct{ Partition, MinOffset, MaxOffset httpcall.Number }]
	}
}

// Bounds are the low and high offset of a partition; nil = not reported.
type Bounds struct{ Low, High *int64 }

// plain returns the bounds by partition, or what the answer lacks.
func (a *statusAnswer) plain() (out map[int]Bounds, missing string) {
	if a.TopicStatus == nil || a.TopicStatus.OffsetTable == nil {
		return nil, "it has no offsets of the topic"
	}
	out = map[int]Bounds{}
	for _, o := range *a.TopicStatus.OffsetTable {
		if !o.Partition.Known {
			return nil, "a partition has no number"
		}
		out[int(o.Partition.N)] = Bounds{o.MinOffset.Pointer(), o.MaxOffset.Pointer()}
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
	names    []string
	total    int64 // on all pages
	complete bool  // the answer has the list and its total
}

func (a *consumersAnswer) listing() listing {
	l := listing{total: a.Total.N, complete: a.Total.Known && a.ConsumerList != nil}
	if l.complete {
		for _, c := range *a.ConsumerList {
			l.names = append(l.names, c.ConsumerID)
		}
	}
	return l
}

func (a *topicsAnswer) listing() listing {
	l := listing{total: a.Total.N, complete: a.Total.Known && a.TopicList != nil}
	if l.complete {
		for _, t := range *a.TopicList {
			l.names = append(l.names, t.Topic)
		}
	}
	return l
}

// requestID returns the service's id of a request.
func requestID(h http.Header, body []byte) string {
	var a struct {
		RequestID scalar `json:"RequestId"`
	}
	if json.Unmarshal(body, &a) == nil && a.RequestID != "" {
		return string(a.RequestID)
	}
	if x := inXML(body); x.RequestID != "" {
		return x.RequestID
	}
	return h.Get("x-acs-request-id")
}

package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	sls "github.com/aliyun/aliyun-log-go-sdk"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// logstoresAnswer is a page of ListLogStores.
type logstoresAnswer struct {
	Total     httpcall.StrictNumber `json:"total"`
	Logstores []string              `json:"logstores"`
}

// A Shard is a shard of a logstore, in any state.
type Shard struct {
	Number int
	// Created distinguishes the shard from one of the same number in a logstore
	// that was deleted and re-created; "" = not reported.
	Created string
}

type shardsAnswer []struct {
	Number  httpcall.StrictNumber `json:"shardID"`
	Created httpcall.StrictNumber `json:"createTime"`
}

// plain returns the shards, or what the answer lacks.
func (a shardsAnswer) plain() (out []Shard, missing string) {
	for _, item := range a {
		if !item.Number.Known {
			return nil, "a shard has no shardID"
		}
		s := Shard{Number: int(item.Number.N)}
		if item.Created.Known {
			s.Created = strconv.FormatInt(item.Created.N, 10)
		}
		out = append(out, s)
	}
	return out, ""
}

// A Group is a consumer group.
type Group struct {
	Name    string
	Timeout time.Duration // after which a consumer without a heartbeat is removed; 0 = not reported
}

// groupsAnswer is a list of groups, or an object with it.
type groupsAnswer struct {
	Count  httpcall.StrictNumber `json:"count"`
	Groups *[]groupAnswer        `json:"consumerGroups"`
}

type groupAnswer struct {
	Name    string                `json:"name"`
	Timeout httpcall.StrictNumber `json:"timeout"`
}

var _ json.Unmarshaler = (*groupsAnswer)(nil)

// UnmarshalJSON reads both forms.
func (a *groupsAnswer) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		a.Groups = new([]groupAnswer)
		return json.Unmarshal(raw, a.Groups)
	}
	type object groupsAnswer // without this method
	return json.Unmarshal(raw, (*object)(a))
}

// plain returns the groups, or what the answer lacks.
func (a groupsAnswer) plain() (out []Group, missing string) {
	var groups []groupAnswer
	if a.Groups != nil {
		groups = *a.Groups
	}
	switch {
	case a.Groups == nil && (!a.Count.Known || a.Count.N != 0):
		return nil, "it has no consumerGroups"
	case a.Count.Known && a.Count.N != int64(len(groups)):
		return nil, fmt.Sprintf("it has %d of %d consumer groups", len(groups), a.Count.N)
	}
	for _, item := range groups {
		if item.Name == "" {
			return nil, "a consumer group has no name"
		}
		g := Group{Name: item.Name}
		if item.Timeout.Known {
			g.Timeout = time.Duration(item.Timeout.N) * time.Second
		}
		out = append(out, g)
	}
	return out, ""
}

// Checkpoints are a group's checkpoints, with the service's own time of the
// reading.
type Checkpoints struct {
	ByShard map[int]Checkpoint // shards without a commit are left out
	At      time.Time
}

// A Checkpoint is a group's committed position on a shard.
type Checkpoint struct {
	Cursor   string
	Consumer string    // that committed it; "" = none, as after a reset
	Updated  time.Time // zero = not reported
}

type checkpointsAnswer []struct {
	Shard    httpcall.StrictNumber `json:"shard"`
	Cursor   string                `json:"checkpoint"`
	Updated  httpcall.StrictNumber `json:"updateTime"`
	Consumer string                `json:"consumer"`
}

// plain returns the checkpoints by shard, or what the answer lacks.
func (a checkpointsAnswer) plain() (out map[int]Checkpoint, missing string) {
	out = map[int]Checkpoint{}
	for _, item := range a {
		if !item.Shard.Known {
			return nil, "a checkpoint has no shard"
		}
		if item.Cursor == "" {
			continue
		}
		p := Checkpoint{Cursor: item.Cursor, Consumer: item.Consumer}
		if item.Updated.N > 0 {
			p.Updated = moment(item.Updated.N)
		}
		out[int(item.Shard.N)] = p
	}
	return out, ""
}

// moment reads a time in seconds, as the manual describes it, or in microseconds,
// as its examples have it; also in milliseconds, so that a recent commit never looks
// old. The size decides: for times from 1973 to 5138 the three ranges do not
// overlap.
func moment(n int64) time.Time {
	switch {
	case n < 100_000_000_000:
		return time.Unix(n, 0)
	case n < 100_000_000_000_000:
		return time.UnixMilli(n)
	}
	return time.UnixMicro(n)
}

// requestID returns the service's id of a request, which is in a header.
func requestID(h http.Header, _ []byte) string { return h.Get(sls.RequestIDHeader) }

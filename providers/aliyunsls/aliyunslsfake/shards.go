package aliyunslsfake

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

func (f *Fake) listShards(l *logstore, _ *http.Request, _ []byte) (any, *refusal) {
	answer := []map[string]any{}
	numbers := slices.Sorted(maps.Keys(l.shards))
	for i, n := range numbers {
		s := l.shards[n]
		status := "readwrite"
		if s.readonly {
			status = "readonly"
		}
		answer = append(answer, map[string]any{
			"shardID": n, "status": status, "createTime": s.created.Unix(),
			"inclusiveBeginKey": key(i, len(numbers)), "exclusiveEndKey": key(i+1, len(numbers)),
		})
	}
	return answer, nil
}

// key is a boundary between the ranges of MD5 that shards hold.
func key(i, of int) string {
	if i == of {
		return "ffffffffffffffffffffffffffffffff"
	}
	return fmt.Sprintf("%016x0000000000000000", uint64(i)*(^uint64(0)/uint64(of)))
}

func (f *Fake) shard(l *logstore, r *http.Request) (*shard, *refusal) {
	n, err := strconv.Atoi(r.PathValue("shard"))
	if s := l.shards[n]; err == nil && s != nil {
		return s, nil
	}
	return nil, &refusal{http.StatusNotFound, "ShardNotExist", "shard " + r.PathValue("shard") + " dose not exist."}
}

// cursor answers both questions that are asked of a shard by GET.
func (f *Fake) cursor(l *logstore, r *http.Request, _ []byte) (any, *refusal) {
	s, refused := f.shard(l, r)
	if refused != nil {
		return nil, refused
	}
	switch r.URL.Query().Get("type") {
	case "cursor":
		return f.cursorAt(s, r.URL.Query().Get("from"))
	case "cursor_time":
		return f.cursorTime(s, r.URL.Query().Get("cursor"))
	}
	return nil, invalid("ParameterInvalid", "type is invalid")
}

// cursorAt is GetCursor: a time counts in whole seconds and is that of receipt.
func (f *Fake) cursorAt(s *shard, from string) (any, *refusal) {
	var n int64
	switch from {
	case "begin":
		n = s.begin()
	case "end":
		n = s.end()
	default:
		seconds, err := strconv.ParseInt(from, 10, 64)
		if err != nil || seconds < 0 {
			return nil, invalid("ParameterInvalid", "from is invalid")
		}
		n = s.at(time.Unix(seconds, 0))
	}
	return map[string]any{"cursor": cursorOf(n)}, nil
}

// cursorTime is GetCursorTime. At the end, where nothing is, it is now.
func (f *Fake) cursorTime(s *shard, cursor string) (any, *refusal) {
	n, ok := numberOf(cursor)
	if !ok || n < s.begin() || n > s.end() {
		return nil, invalid("InvalidCursor", "Cursor is invalid.")
	}
	at := f.now()
	if n < s.end() {
		at = s.received[n-s.base]
	}
	return map[string]any{"cursor_time": at.Unix()}, nil
}

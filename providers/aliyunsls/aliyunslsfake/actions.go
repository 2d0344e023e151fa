package aliyunslsfake

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (f *Fake) listLogstores(w http.ResponseWriter, r *http.Request) {
	p, refused := f.project(r)
	if refused != nil {
		f.fail(w, refused)
		return
	}
	names := slices.Sorted(maps.Keys(p.logstores))
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.Contains(n, r.URL.Query().Get("logstoreName")) })
	total := len(names)
	from, size := number(r, "offset", 0), min(number(r, "size", 200), 500)
	if from < 0 || size < 0 {
		f.fail(w, invalid("ParameterInvalid", "offset or size is invalid"))
		return
	}
	names = names[min(from, total):min(from+size, total)]
	f.write(w, http.StatusOK, map[string]any{"count": len(names), "total": total, "logstores": names})
}

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

// cursor answers both actions that GET a shard.
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

// cursorAt is GetCursor: times are in whole seconds and mean when records were received.
func (f *Fake) cursorAt(s *shard, from string) (any, *refusal) {
	var n int64
	switch from {
	case "begin":
		n = s.start()
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

// cursorTime is GetCursorTime. At the end, where there is no log group, it is now.
func (f *Fake) cursorTime(s *shard, cursor string) (any, *refusal) {
	n, ok := numberOf(cursor)
	if !ok || n < s.start() || n > s.end() {
		return nil, invalid("InvalidCursor", "Cursor is invalid.")
	}
	at := f.now()
	if n < s.end() {
		at = s.received[n-s.base]
	}
	return map[string]any{"cursor_time": at.Unix()}, nil
}

func (f *Fake) listGroups(l *logstore, _ *http.Request, _ []byte) (any, *refusal) {
	answer := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(l.groups)) {
		g := l.groups[name]
		answer = append(answer, map[string]any{"name": name, "timeout": g.timeout, "order": g.order})
	}
	if f.objects {
		return map[string]any{"count": strconv.Itoa(len(answer)), "consumerGroups": answer}, nil
	}
	return answer, nil
}

func (f *Fake) createGroup(l *logstore, _ *http.Request, body []byte) (any, *refusal) {
	var q struct {
		Name    string `json:"consumerGroup"`
		Timeout int    `json:"timeout"`
		Order   bool   `json:"order"`
	}
	if json.Unmarshal(body, &q) != nil || q.Name == "" || q.Timeout <= 0 {
		return nil, invalid("PostBodyInvalid", "The body is not a valid consumer group.")
	}
	if l.groups[q.Name] != nil {
		return nil, invalid("ConsumerGroupAlreadyExist", "consumer group already exist.")
	}
	l.groups[q.Name] = newGroup(q.Timeout)
	l.groups[q.Name].order = q.Order
	return nil, nil
}

func (f *Fake) group(l *logstore, r *http.Request) (*group, *refusal) {
	if g := l.groups[r.PathValue("consumerGroup")]; g != nil {
		return g, nil
	}
	return nil, &refusal{http.StatusNotFound, "ConsumerGroupNotExist", "consumer group not exist."}
}

func (f *Fake) deleteGroup(l *logstore, r *http.Request, _ []byte) (any, *refusal) {
	_, refused := f.group(l, r)
	delete(l.groups, r.PathValue("consumerGroup"))
	return nil, refused
}

// checkpoints is GetCheckPoint. Shards without a commit are left out.
func (f *Fake) checkpoints(l *logstore, r *http.Request, _ []byte) (any, *refusal) {
	g, refused := f.group(l, r)
	if refused != nil {
		return nil, refused
	}
	answer := []map[string]any{}
	only := r.URL.Query().Get("shard")
	for _, n := range slices.Sorted(maps.Keys(g.points)) {
		if only == "" || only == strconv.Itoa(n) {
			p := g.points[n]
			answer = append(answer, map[string]any{"shard": n, "checkpoint": p.cursor, "updateTime": f.stamp(p.updated), "consumer": p.consumer})
		}
	}
	return answer, nil
}

func (f *Fake) writeGroup(l *logstore, r *http.Request, body []byte) (any, *refusal) {
	g, refused := f.group(l, r)
	if refused != nil {
		return nil, refused
	}
	switch r.URL.Query().Get("type") {
	case "checkpoint":
		return nil, f.updateCheckpoint(l, g, r, body)
	case "heartbeat":
		return f.heartbeat(l, g, r, body)
	}
	return nil, invalid("ParameterInvalid", "type is invalid")
}

// updateCheckpoint accepts any base64, as the vendor does. Without force, the consumer
// must be active and own the shard.
func (f *Fake) updateCheckpoint(l *logstore, g *group, r *http.Request, body []byte) *refusal {
	var q struct {
		Shard      *int    `json:"shard"`
		Checkpoint *string `json:"checkpoint"`
	}
	if json.Unmarshal(body, &q) != nil || q.Shard == nil || q.Checkpoint == nil {
		return invalid("PostBodyInvalid", "The body is not a valid checkpoint.")
	}
	consumer := r.URL.Query().Get("consumer")
	forced := strings.EqualFold(r.URL.Query().Get("forceSuccess"), "true")
	_, wrong := base64.StdEncoding.DecodeString(*q.Checkpoint)
	switch {
	case wrong != nil:
		return invalid("InvalidShardCheckPoint", "shard checkpoint not encoded by base64.")
	case l.shards[*q.Shard] == nil:
		return &refusal{http.StatusNotFound, "ShardNotExist", "shard not exist."}
	case consumer == "" && !forced:
		return invalid("ParameterInvalid", "consumer is empty: forceSuccess must be true")
	case !forced && !f.active(g, consumer):
		return &refusal{http.StatusNotFound, "ConsumerNotExist", "consumer not exist in the consumer group"}
	case !forced && !slices.Contains(f.held(l, g, consumer), *q.Shard):
		return invalid("ConsumerNotMatch", "the shard is held by another consumer")
	}
	g.points[*q.Shard] = point{cursor: *q.Checkpoint, consumer: consumer, updated: f.now()}
	return nil
}

// heartbeat registers a consumer and returns its shards.
func (f *Fake) heartbeat(l *logstore, g *group, r *http.Request, body []byte) (any, *refusal) {
	var holds []int
	consumer := r.URL.Query().Get("consumer")
	if json.Unmarshal(body, &holds) != nil || consumer == "" {
		return nil, invalid("ParameterInvalid", "a heartbeat requires a consumer and its shards")
	}
	g.beats[consumer] = f.now()
	return f.held(l, g, consumer), nil
}

func (f *Fake) active(g *group, consumer string) bool {
	beat, known := g.beats[consumer]
	return known && f.now().Sub(beat) <= time.Duration(g.timeout)*time.Second
}

// held returns a consumer's share of the shards.
func (f *Fake) held(l *logstore, g *group, consumer string) []int {
	active := slices.DeleteFunc(slices.Sorted(maps.Keys(g.beats)), func(c string) bool { return !f.active(g, c) })
	held := []int{}
	for i, n := range slices.Sorted(maps.Keys(l.shards)) {
		if len(active) > 0 && active[i%len(active)] == consumer {
			held = append(held, n)
		}
	}
	return held
}

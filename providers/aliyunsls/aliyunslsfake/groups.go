package aliyunslsfake

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (f *Fake) listGroups(l *logstore, _ *http.Request, _ []byte) (any, *refusal) {
	answer := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(l.groups)) {
		g := l.groups[name]
		answer = append(answer, map[string]any{"name": name, "timeout": g.timeout, "order": g.order})
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

// checkpoints is GetCheckPoint. A shard that was never committed is not named.
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

// updateCheckpoint takes any base64, as the vendor does. Without force, a
// consumer must be alive and hold the shard.
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
	case !forced && !f.alive(g, consumer):
		return &refusal{http.StatusNotFound, "ConsumerNotExist", "consumer not exist in the consumer group"}
	case !forced && !slices.Contains(f.held(l, g, consumer), *q.Shard):
		return invalid("ConsumerNotMatch", "the shard is held by another consumer")
	}
	g.points[*q.Shard] = point{cursor: *q.Checkpoint, consumer: consumer, updated: f.now()}
	return nil
}

// heartbeat registers a consumer and tells which shards it is to hold.
func (f *Fake) heartbeat(l *logstore, g *group, r *http.Request, body []byte) (any, *refusal) {
	var holds []int
	consumer := r.URL.Query().Get("consumer")
	if json.Unmarshal(body, &holds) != nil || consumer == "" {
		return nil, invalid("ParameterInvalid", "a heartbeat names its consumer and the shards that it holds")
	}
	g.beats[consumer] = f.now()
	return f.held(l, g, consumer), nil
}

func (f *Fake) alive(g *group, consumer string) bool {
	beat, known := g.beats[consumer]
	return known && f.now().Sub(beat) <= time.Duration(g.timeout)*time.Second
}

// held shares the shards out among the living consumers.
func (f *Fake) held(l *logstore, g *group, consumer string) []int {
	living := slices.DeleteFunc(slices.Sorted(maps.Keys(g.beats)), func(c string) bool { return !f.alive(g, c) })
	held := []int{}
	for i, n := range slices.Sorted(maps.Keys(l.shards)) {
		if len(living) > 0 && living[i%len(living)] == consumer {
			held = append(held, n)
		}
	}
	return held
}

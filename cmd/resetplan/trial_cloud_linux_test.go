//go:build linux && amd64

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
)

// watched records in a ledger what a service has done; effects returns the effects of an answered request.
func watched(next http.Handler, l *ledger, effects func(r *http.Request, body []byte, status int, answer []byte) []effect) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the program was killed
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		kept := httptest.NewRecorder()
		next.ServeHTTP(kept, r)
		for _, e := range effects(r, body, kept.Code, kept.Body.Bytes()) {
			l.add(e)
		}
		maps.Copy(w.Header(), kept.Header())
		w.WriteHeader(kept.Code)
		_, _ = w.Write(kept.Body.Bytes())
	})
}

func slsService(t testing.TB, l *ledger, now func() time.Time) service {
	f, err := aliyunslsfake.New(aliyunslsfake.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	at := func() map[string]string {
		out := map[string]string{}
		for n, p := range f.Checkpoints(aliyunslsfake.Group) {
			out[strconv.Itoa(n)] = p.Cursor
		}
		return out
	}
	s := service{name: "aliyun-sls", parts: partsOf(3), at: at, before: at(), settles: 3 * time.Minute}
	s.asked = func(e effect) bool { return e.to != s.before[e.key] }
	url := s.serve(t, watched(f, l, slsEffects), armed(func() { f.Arm("throttle", 0, 1) }, func() { f.Arm("throttle", 1, 1) }))
	s.provider = fmt.Sprintf("region: cn-hangzhou, project: sandbox, endpoint: %q", url)
	asked := now().Add(-30 * time.Hour).UTC().Format(time.RFC3339)
	s.step = fmt.Sprintf("    target: {logstore: access-log, consumerGroup: access-log-etl}\n    to: {timestamp: %q}\n", asked)
	return s
}

func slsEffects(r *http.Request, body []byte, status int, _ []byte) []effect {
	var q struct {
		Shard      int    `json:"shard"`
		Checkpoint string `json:"checkpoint"`
	}
	if r.Method != http.MethodPost || r.URL.Query().Get("type") != "checkpoint" || status != http.StatusOK || json.Unmarshal(body, &q) != nil {
		return nil
	}
	return []effect{{strconv.Itoa(q.Shard), q.Checkpoint}}
}

// huaweiService has consumers that perform a reset a little later and then read pace records of a queue every 5 s.
func huaweiService(t testing.TB, l *ledger, now func() time.Time, pace int64) service {
	f, err := huaweirocketmqfake.New(huaweirocketmqfake.Options{Now: now, TakeUp: 150 * time.Millisecond, Pace: pace})
	if err != nil {
		t.Fatal(err)
	}
	asked := now().Add(-24 * time.Hour).UTC().Truncate(time.Second)
	milli := strconv.FormatInt(asked.UnixMilli(), 10)
	s := service{name: "huawei-rocketmq", parts: []string{"topic"}, settles: 60 * time.Second, flags: []string{"--settle", "300ms"}}
	s.asked = func(e effect) bool { return e.to == milli }
	url := s.serve(t, watched(f, l, huaweiEffects), armed(func() { f.Arm("throttle", 0, 1) }, func() { f.Arm("throttle", 1, 1) }))
	s.provider = fmt.Sprintf("region: cn-north-4, projectId: sandbox-project, instanceId: sandbox-rocketmq, endpoint: %q", url)
	s.step = fmt.Sprintf("    target: {group: group_01, topic: topic_01}\n    to: {timestamp: %q}\n    approximate: true\n", asked.Format(time.RFC3339))
	return s
}

func huaweiEffects(r *http.Request, body []byte, status int, _ []byte) []effect {
	var q struct {
		Timestamp json.RawMessage `json:"timestamp"`
	}
	if !strings.HasSuffix(r.URL.Path, "/reset-message-offset") || status != http.StatusOK || json.Unmarshal(body, &q) != nil {
		return nil
	}
	return []effect{{"topic", strings.Trim(string(q.Timestamp), `"`)}}
}

// enosService has a pipeline that runs, and a step that pauses it.
func enosService(t testing.TB, l *ledger, now func() time.Time) service {
	f, err := enospipelinefake.New(enospipelinefake.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	s := service{
		name: "enos-pipeline", parts: []string{"pipeline"}, settles: time.Second, asked: func(effect) bool { return true },
		paused: func() bool { return f.StatusOf(enospipelinefake.Running) != enospipelinefake.Started },
	}
	url := s.serve(t, watched(f, l, enosEffects), armed(func() { f.Arm("throttle", 0, 1) }, func() { f.Arm("throttle", 1, 1) }))
	s.provider = fmt.Sprintf("orgId: o15sandbox, endpoint: %q", url)
	s.step = "    target: {pipelineId: sandbox-running}\n    to: default\n    idle: {pause: true}\n    start: {executionMode: 0}\n"
	return s
}

func enosEffects(r *http.Request, _ []byte, status int, answer []byte) []effect {
	var a struct {
		Code int `json:"code"`
	}
	if r.Method != http.MethodPost || status != http.StatusOK || json.Unmarshal(answer, &a) != nil || a.Code != 0 {
		return nil
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/offset"):
		return []effect{{"pipeline", "default"}}
	case r.URL.Query().Has("action"):
		return []effect{{"run", r.URL.Query().Get("action")}}
	}
	return nil
}

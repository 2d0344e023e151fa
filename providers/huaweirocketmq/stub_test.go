package huaweirocketmq

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
)

// answering runs a service with fixed answers by action: a body, or a status before
// it. The default answers are of an online group at offset 40 of one queue from 10 to
// 50.
func answering(t *testing.T, answers map[string]string) string {
	t.Helper()
	all := usual()
	maps.Copy(all, answers)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, action, _ := strings.Cut(r.URL.Path, "/instances/"+fake.Instance+"/")
		body := all[action]
		if status, err := strconv.Atoi(body[:min(3, len(body))]); err == nil {
			w.WriteHeader(status)
			body = body[3:]
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// usual are the default answers by action.
func usual() map[string]string {
	return map[string]string{
		"groups/group_01":         `{"name":"group_01","broadcast":false,"group_online":true}`,
		"groups/group_01/clients": `{"online":true,"total":1,"clients":[{"client_id":"c-1","client_addr":"10.0.0.7:40712"}]}`,
		"groups/group_01/topics":  `{"brokers":[{"broker_name":"broker-0","queues":[{"id":0,"broker_offset":50,"consumer_offset":40}]}]}`,
		"topics/topic_01/status":  `{"brokers":[{"broker_name":"broker-0","queues":[{"id":0,"min_offset":10,"max_offset":50}]}]}`,
		"groups":                  `{"total":1,"groups":[{"name":"group_01"}]}`,
		"topics":                  `{"total":1,"topics":[{"name":"topic_01"}]}`,
	}
}

// listen runs a service that records a reset's request.
func listen(t *testing.T, answer string) (url string, seen func() (path, body string, n int)) {
	t.Helper()
	var path, body string
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var raw json.RawMessage
		_ = json.NewDecoder(r.Body).Decode(&raw)
		path, body = r.Method+" "+r.URL.Path, string(raw)
		n++
		w.Header().Set("X-Request-Id", "r-1")
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(s.Close)
	return s.URL, func() (string, string, int) { return path, body, n }
}

package aliyunsls_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answering runs a service with fixed answers, by the last part of the path and the
// query's type.
func answering(t *testing.T, over map[string]string) string {
	t.Helper()
	answers := map[string]string{
		"shards":             `[{"shardID": 0, "status": "readwrite", "createTime": 1524155379}]`,
		"consumergroups":     `[{"name": "access-log-etl", "timeout": 60, "order": false}]`,
		"access-log-etl":     `[{"shard": 0, "checkpoint": "Mg==", "updateTime": 1524224984800922, "consumer": "etl-1"}]`,
		"0 cursor begin":     `{"cursor": "MQ=="}`,
		"0 cursor end":       `{"cursor": "OQ=="}`,
		"0 cursor 100":       `{"cursor": "MQ=="}`,
		"0 cursor_time MQ==": `{"cursor_time": 1554260243}`,
	}
	for question, answer := range over {
		answers[question] = answer
	}
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		question := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] + " " + q.Get("type") + " " + q.Get("from") + q.Get("cursor")
		answer, known := answers[strings.TrimSpace(question)]
		if !known {
			t.Errorf("unexpected request %q", question)
		}
		_, _ = w.Write([]byte(answer))
	})
}

// serve runs a service for one test.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

package aliyunsls_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// usual are the answers of a service with one shard, one group and its checkpoint,
// by the last part of the path and the query.
var usual = map[string]string{
	"shards":             `[{"shardID": 0, "status": "readwrite", "createTime": 1524155379}]`,
	"consumergroups":     `[{"name": "access-log-etl", "timeout": 60, "order": false}]`,
	"access-log-etl":     `[{"shard": 0, "checkpoint": "Mg==", "updateTime": 1524224984800922, "consumer": "etl-1"}]`,
	"0 cursor begin":     `{"cursor": "MQ=="}`,
	"0 cursor end":       `{"cursor": "OQ=="}`,
	"0 cursor 100":       `{"cursor": "MQ=="}`,
	"0 cursor_time MQ==": `{"cursor_time": 1554260243}`,
}

// question returns the key of a request's answer.
func question(r *http.Request) string {
	q := r.URL.Query()
	return strings.TrimSpace(r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] + " " + q.Get("type") + " " + q.Get("from") + q.Get("cursor"))
}

// answering runs a service with the usual answers, some of them replaced.
func answering(t *testing.T, over map[string]string) string {
	t.Helper()
	answers := maps.Clone(usual)
	maps.Copy(answers, over)
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer, known := answers[question(r)]
		if !known {
			t.Errorf("unexpected request %q", question(r))
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

// proxied returns an HTTP client that reaches a service by any host.
func proxied(t *testing.T, service string) *http.Client {
	t.Helper()
	at, err := url.Parse(service)
	check(t, err)
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(at)}}
}

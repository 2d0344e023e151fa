package aliyunkafka_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
)

// A stub answers each action with one text and records the requests' parameters.
type stub struct {
	url string

	mu       sync.Mutex
	requests []url.Values
}

// answering runs a stub. An action without a text gets an empty answer.
func answering(t *testing.T, status int, texts map[string]string) *stub {
	t.Helper()
	s := &stub{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.URL.Query())
		s.mu.Unlock()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, texts[r.URL.Query().Get("Action")])
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// progressed runs a stub whose group has this progress, on a topic with the
// partitions 0 and 1, each from 5 to 50.
func progressed(t *testing.T, progress string) *stub {
	return answering(t, http.StatusOK, map[string]string{
		"GetConsumerProgress": `{"Success": true, "Code": 200, "ConsumerProgress": ` + progress + `}`,
		"GetTopicStatus":      topicStatus,
		"GetConsumerList":     `{"Success": true, "Code": 200, "Total": 1, "ConsumerList": {"ConsumerVO": [{"ConsumerId": "` + kafkafake.SeedGroup + `"}]}}`,
	})
}

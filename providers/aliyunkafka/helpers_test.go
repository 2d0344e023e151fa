package aliyunkafka_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
)

// connect returns a connection to a service at an address, with the keys that
// are set in the environment.
func connect(t *testing.T, at string, set map[string]string, how ...func(*providers.Config)) providers.Connection {
	t.Helper()
	c := providers.Config{Name: "ali", Decode: decoder(config()), Endpoint: at, Timeout: 10 * time.Second, RateLimit: 1000}
	for _, change := range how {
		change(&c)
	}
	conn, err := aliyunkafka.New().Connect(c, env(set))
	check(t, err)
	t.Cleanup(func() { check(t, conn.Close()) })
	return conn
}

func decoder(v any) func(any) error {
	return func(into any) error {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		return d.Decode(into)
	}
}

func target(t *testing.T, keys map[string]any) providers.Target {
	t.Helper()
	goal, err := aliyunkafka.New().Target(providers.Config{Decode: decoder(config())}, decoder(keys))
	check(t, err)
	return goal
}

// seeded is the target that the seed has, on its topic.
func seeded(t *testing.T) providers.Target {
	return target(t, map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic})
}

func read(t *testing.T, c providers.Connection, goal providers.Target, resolve ...providers.Position) providers.Snapshot {
	t.Helper()
	return c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Resolve: resolve}})[0]
}

func part(topic string, number int) providers.Part {
	return providers.Part{Topic: topic, Number: number}
}

// to is a move of the seed's group on partition 0 of its topic.
func to(t *testing.T, offset int64) providers.Move {
	return providers.Move{Target: seeded(t), To: []providers.PartMove{{Part: part(kafkafake.SeedTopic, 0), Position: providers.AtOffset(offset)}}}
}

// A stub answers each action with one text and keeps what it was asked.
type stub struct {
	url string

	mu    sync.Mutex
	asked []url.Values
}

// answering runs a stub. An action without a text is answered with nothing
// there.
func answering(t *testing.T, status int, texts map[string]string) *stub {
	t.Helper()
	s := &stub{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Query())
		s.mu.Unlock()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, texts[r.URL.Query().Get("Action")])
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// progressed is a stub whose group has this for its progress, on a topic with
// the partitions 0 and 1 from 5 to 50.
func progressed(t *testing.T, progress string) *stub {
	return answering(t, http.StatusOK, map[string]string{
		"GetConsumerProgress": `{"Success": true, "Code": 200, "ConsumerProgress": ` + progress + `}`,
		"GetTopicStatus":      topicStatus,
		"GetConsumerList":     `{"Success": true, "Code": 200, "Total": 1, "ConsumerList": {"ConsumerVO": [{"ConsumerId": "` + kafkafake.SeedGroup + `"}]}}`,
	})
}

const topicStatus = `{"Success": true, "Code": 200, "TopicStatus": {"OffsetTable": {"OffsetTable": [{"Partition": 0, "MinOffset": 5, "MaxOffset": 50}, {"Partition": 1, "MinOffset": 5, "MaxOffset": 50}]}}}`

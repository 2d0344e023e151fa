package huaweirocketmq

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

func TestAScriptMakesExactlyTheMove(t *testing.T) {
	provider := map[string]any{"region": "cn-north-4", "projectId": "p", "instanceId": "i", "engine": "rocketmq"}
	for want, to := range map[string]providers.Position{
		"1700000000123": providers.AtTime(time.UnixMilli(1700000000123)),
		"0":             providers.At(providers.Earliest),
		"1700000000000": providers.At(providers.Latest), // of the shell's clock
	} {
		for _, profile := range shelltest.Names() {
			s, err := shelltest.Write(New(), providers.Config{Credentials: providers.Credentials{Profile: profile},
				Endpoint: "https://dms.example.com"}, provider,
				map[string]any{"group": "g%RETRY|x", "topic": "t|%"}, providers.PartMove{Position: to})
			if err != nil {
				t.Fatal(err)
			}
			call := func(action string, more ...string) []string {
				return append([]string{"hcloud", "RocketMQ", action, "--cli-region=cn-north-4", "--cli-endpoint=dms.example.com", "--cli-profile=" + profile,
					"--project_id=p", "--instance_id=i", "--group=g%RETRY|x", "--topic=t|%"}, more...)
			}
			all := [][]string{call("ResetConsumeOffset", "--engine=rocketmq", "--timestamp="+want), call("ShowConsumerListOrDetails")}
			if got := shelltest.Run(t, s); !reflect.DeepEqual(got, all) {
				t.Errorf("%s: got %q", to, got)
			}
		}
	}
	if _, err := shelltest.Write(New(), providers.Config{}, provider, map[string]any{"group": "g", "topic": "t"},
		providers.PartMove{Position: providers.AtTime(time.UnixMilli(-1))}); err == nil {
		t.Error("a time that means the end to the engine is accepted")
	}
}

// The commands, sent as the manual describes their actions, move what a reset moves.
func TestTheCommandsMoveWhatAResetMoves(t *testing.T) {
	target := map[string]any{"group": fake.Group, "topics": []string{"orders_1", "orders_2", fake.Topic}}
	m := providers.Move{Target: aim(t, target), To: []providers.PartMove{{Position: providers.AtTime(now.Add(-90 * time.Minute))}}}
	byReset, c := many(t)
	if _, err := c.Reset(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	script, err := New().(providers.Scripter).Script(configOf(""), m)
	if err != nil {
		t.Fatal(err)
	}
	byCommands, _ := many(t)
	byCommands.AcceptToken("token-of-the-client", now.Add(time.Hour))
	for _, call := range shelltest.Run(t, script) {
		follow(t, byCommands, call)
	}
	for _, topic := range []string{"orders_1", "orders_2", fake.Topic, "fresh"} {
		if want, got := byReset.Committed(fake.Group, topic), byCommands.Committed(fake.Group, topic); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is at %v, want %v", topic, got, want)
		}
	}
	if byCommands.Writes() != 3 {
		t.Errorf("%d writes", byCommands.Writes())
	}
}

// follow sends one call of KooCLI to a service.
func follow(t *testing.T, f *fake.Fake, call []string) {
	t.Helper()
	p := map[string]string{}
	for _, option := range call[3:] {
		name, value, _ := strings.Cut(strings.TrimPrefix(option, "--"), "=")
		p[name] = value
	}
	method, path, body := http.MethodGet, "/v2/"+p["project_id"]+"/instances/"+p["instance_id"]+"/groups/"+p["group"]+"/topics?topic="+p["topic"], ""
	if call[2] == "ResetConsumeOffset" {
		method, path = http.MethodPost, "/v2/"+p["engine"]+"/"+p["project_id"]+"/instances/"+p["instance_id"]+"/groups/"+p["group"]+"/reset-message-offset"
		raw, err := json.Marshal(map[string]string{"topic": p["topic"], "timestamp": p["timestamp"]})
		if err != nil {
			t.Fatal(err)
		}
		body = string(raw)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", "token-of-the-client")
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	if w.Code != http.StatusOK || call[0] != "hcloud" || call[1] != "RocketMQ" {
		t.Errorf("%q: %d %s", call, w.Code, w.Body)
	}
}

// The topics that a group subscribes to are known only to the service.
func TestAScriptNeedsTheTopics(t *testing.T) {
	m := providers.Move{Target: aim(t, map[string]any{"group": fake.Group}), To: []providers.PartMove{{Position: providers.At(providers.Earliest)}}}
	if _, err := New().(providers.Scripter).Script(configOf(""), m); err == nil {
		t.Error("a script without topics is written")
	}
	m.Parts = []providers.Part{{Topic: "a", Broker: "b"}, {Topic: "a", Broker: "b", Number: 1}, {Topic: "c", Broker: "b"}}
	s, err := New().(providers.Scripter).Script(configOf(""), m)
	if err != nil || len(s.Commands) != 5 {
		t.Errorf("got %q, %v", s.Commands, err)
	}
}

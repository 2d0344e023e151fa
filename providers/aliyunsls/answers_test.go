package aliyunsls_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
)

var longAgo = providers.AtTime(time.Unix(100, 0))

func TestAnswersAreReadInAllShapes(t *testing.T) {
	want := read(t, answering(t, nil), nil, longAgo)
	for name, over := range map[string]map[string]string{
		"numbers as strings": {
			"shards":             `[{"shardID": "0", "createTime": "1524155379"}]`,
			"consumergroups":     `[{"name": "access-log-etl", "timeout": "60"}]`,
			"access-log-etl":     `[{"shard": "0", "checkpoint": "Mg==", "updateTime": "1524224984800922", "consumer": "etl-1"}]`,
			"0 cursor_time MQ==": `{"cursor_time": "1554260243"}`,
		},
		"unknown fields": {
			"shards":       `[{"shardID": 0, "createTime": 1524155379, "new": {"a": [1]}}]`,
			"0 cursor end": `{"cursor": "OQ==", "new": null}`,
		},
		"absent optional fields": {
			"consumergroups": `[{"name": "access-log-etl"}]`,
			"access-log-etl": `[{"shard": 0, "checkpoint": "Mg==", "consumer": "etl-1", "updateTime": 1524224984800922}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, answering(t, over), nil, longAgo); !reflect.DeepEqual(got.Parts, want.Parts) || got.Activity.State != want.Activity.State {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	if p := want.Parts[0]; p.LogID != "1524155379" || p.LowTime.Unix() != 1554260243 || p.Committed != providers.AtCursor("Mg==") {
		t.Errorf("got %+v", p)
	}
}

func TestAnEmptyCheckpointIsUnset(t *testing.T) {
	s := read(t, answering(t, map[string]string{"access-log-etl": `[{"shard": 0, "checkpoint": "", "updateTime": 0, "consumer": ""}]`}), nil)
	if s.Parts[0].Committed.Kind() != providers.Unset || s.GroupState != providers.Blank {
		t.Errorf("got %+v", s)
	}
}

func TestACheckpointsTimeIsReadInAnyUnit(t *testing.T) {
	for name, c := range map[string]struct {
		updated string
		want    providers.State
	}{
		"seconds":      {strconv.FormatInt(time.Now().Unix(), 10), providers.Active},
		"milliseconds": {strconv.FormatInt(time.Now().UnixMilli(), 10), providers.Active},
		"microseconds": {strconv.FormatInt(time.Now().UnixMicro(), 10), providers.Active},
		"long ago":     {"1524224984", providers.Idle},
		"not reported": {"null", providers.UnknownState},
	} {
		answer := `[{"shard": 0, "checkpoint": "Mg==", "consumer": "etl-1", "updateTime": ` + c.updated + `}]`
		if got := read(t, answering(t, map[string]string{"access-log-etl": answer}), nil).Activity; got.State != c.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestAnAnswerWithoutARequiredFieldIsAnError(t *testing.T) {
	for question, answer := range map[string]string{
		"shards":         `[{"status": "readwrite"}]`,
		"consumergroups": `{"name": "access-log-etl"}`,
		"access-log-etl": `[{"checkpoint": "Mg=="}]`,
		"0 cursor begin": `{}`,
		"0 cursor end":   `"OQ=="`,
		"0 cursor 100":   `null`,
	} {
		c := config(answering(t, map[string]string{question: answer}))
		s := connect(t, c, environment(nil)).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, c, nil),
			Resolve: []providers.Position{longAgo}}})[0]
		if !errors.Is(s.Err, providers.ErrInvalid) || s.Parts != nil {
			t.Errorf("%s answered by %s: got %+v", question, answer, s)
		}
	}
}

func TestAnEmptyStringForANumberIsAnError(t *testing.T) {
	for _, c := range []struct{ question, answer string }{
		{"shards", `[{"shardID": "", "createTime": 1524155379}]`},
		{"shards", `[{"shardID": 0, "createTime": ""}]`},
		{"consumergroups", `[{"name": "access-log-etl", "timeout": ""}]`},
		{"access-log-etl", `[{"shard": "", "checkpoint": "Mg==", "updateTime": 1524224984800922}]`},
		{"access-log-etl", `[{"shard": 0, "checkpoint": "Mg==", "updateTime": ""}]`},
		{"0 cursor_time MQ==", `{"cursor_time": ""}`},
		{"0 cursor_time MQ==", `{"cursor_time": null}`},
	} {
		conf := config(answering(t, map[string]string{c.question: c.answer}))
		s := connect(t, conf, environment(nil)).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, conf, nil),
			Resolve: []providers.Position{longAgo}}})[0]
		if !errors.Is(s.Err, providers.ErrInvalid) || s.Parts != nil {
			t.Errorf("%s answered by %s: got %+v", c.question, c.answer, s)
		}
	}
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"total": "", "logstores": []}`))
	})
	got, err := connect(t, config(url), environment(nil)).(providers.Lister).Names(t.Context(), "logstore", nil)
	if !errors.Is(err, providers.ErrInvalid) {
		t.Errorf("logstores without a total: got %v, %v", got, err)
	}
}

func TestNamesAreListedToTheLastPage(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(map[string]string{
			"/logstores 0":                 `{"count": 2, "total": 4, "logstores": ["b", "c"]}`,
			"/logstores 2":                 `{"count": 2, "total": 4, "logstores": ["a", "c"]}`,
			"/logstores/a/consumergroups ": `[{"name": "etl"}, {"name": "audit"}]`,
			"/logstores/c/consumergroups ": `{"count": "2", "consumerGroups": [{"name": "etl"}, {"name": "billing"}]}`,
		}[r.URL.Path+" "+r.URL.Query().Get("offset")]))
	})
	lister := connect(t, config(url), environment(nil)).(providers.Lister)
	for _, c := range []struct {
		key    string
		within map[string]string
		want   []string
	}{
		{"logstore", nil, []string{"a", "b", "c"}},
		{"consumerGroup", map[string]string{"logstore": "a"}, []string{"audit", "etl"}},
		{"consumerGroup", map[string]string{"logstore": "c"}, []string{"billing", "etl"}},
	} {
		if got, err := lister.Names(t.Context(), c.key, c.within); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s within %v: got %v, %v", c.key, c.within, got, err)
		}
	}
}

// TestAListThatRepeatsItselfIsAnError uses a service that answers every page with the
// first one, and reports no total.
func TestAListThatRepeatsItselfIsAnError(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"logstores": ["a", "b"]}`)) })
	if got, err := connect(t, config(url), environment(nil)).(providers.Lister).Names(t.Context(), "logstore", nil); err == nil ||
		!strings.Contains(err.Error(), "a on two pages") {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestOtherFormsOfAnswers reads forms that no public sample has.
func TestOtherFormsOfAnswers(t *testing.T) {
	const unclear = "invalid: aliyun-sls: list the consumer groups of logstore access-log: unexpected response: "
	const never = "shard/0 MQ== unset OQ==, never committed, unknown"
	for name, c := range map[string]struct{ asked, body, want string }{
		"groups as an object without groups":    {"consumergroups", `{"count": "0", "consumerGroups": null}`, "no group \"access-log-etl\" of []"},
		"groups as an object that is cut":       {"consumergroups", `{"count": "3", "consumerGroups": [{"name": "access-log-etl"}]}`, unclear + "it has 1 of 3 consumer groups"},
		"groups under another key":              {"consumergroups", `{"count": "1", "groups": [{"name": "access-log-etl"}]}`, unclear + "it has no consumerGroups"},
		"a group without a name":                {"consumergroups", `[{"timeout": 60}]`, unclear + "a consumer group has no name"},
		"a shard without a checkpoint is empty": {"access-log-etl", `[{"shard": 0, "checkpoint": "", "updateTime": 0, "consumer": ""}]`, never},
		"a shard without a checkpoint is null":  {"access-log-etl", `[{"shard": 0, "checkpoint": null, "updateTime": null, "consumer": null}]`, never},
		"a checkpoint without a time":           {"access-log-etl", `[{"shard": 0, "checkpoint": "Mg==", "updateTime": 0, "consumer": "etl-1"}]`, "shard/0 MQ== Mg== OQ==, committed, unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			s := readFrom(t, map[string]providertest.Response{c.asked: {Body: json.RawMessage(c.body)}})
			if got := strings.TrimSuffix(outline(s), " (request id 5AEEC78E)"); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

package aliyunkafka_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

// good are complete answers of the actions that read.
var good = map[string]string{
	"GetConsumerProgress": `{"Success": true, "Code": 200, "ConsumerProgress": {"state": "EMPTY", "TotalDiff": 77, "TopicList": {"TopicList": [{"Topic": "orders", "OffsetList": {"OffsetList": [` +
		`{"Partition": 0, "BrokerOffset": 50, "ConsumerOffset": 21}, {"Partition": 1, "BrokerOffset": 60, "ConsumerOffset": 22}]}}]}}}`,
	"GetTopicStatus":  topicStatus,
	"GetConsumerList": `{"Success": true, "Code": 200, "Total": 2, "ConsumerList": {"ConsumerVO": [{"ConsumerId": "orders-billing"}, {"ConsumerId": "donor"}]}}`,
	"GetTopicList":    `{"Success": true, "Code": 200, "Total": 1, "TopicList": {"TopicVO": [{"Topic": "orders"}]}}`,
}

// TestUnknownKeysDoNotBreakAnAnswer adds keys that the service may add one day to
// every object of an answer, and names that SDKs of other languages give to the
// elements of a list.
func TestUnknownKeysDoNotBreakAnAnswer(t *testing.T) {
	plain := read(t, connect(t, answering(t, http.StatusOK, good).url, keys()), seeded(t))
	if plain.Err != nil || len(plain.Parts) != 2 {
		t.Fatalf("got %+v", plain)
	}
	for name, value := range map[string]any{"text": "x", "number": 7, "true": true, "null": nil, "object": map[string]any{"A": 1},
		"empty list": []any{}, "list of text": []any{"a"}, "list of numbers": []any{1, 2}, "list of objects": []any{map[string]any{"Key": "k", "Value": "v"}}} {
		for _, wrapper := range []string{"", "Item"} {
			t.Run(name+" "+wrapper, func(t *testing.T) {
				changed := map[string]string{}
				for action, text := range good {
					var v any
					check(t, json.Unmarshal([]byte(text), &v))
					out, err := json.Marshal(added(v, value, wrapper))
					check(t, err)
					changed[action] = string(out)
				}
				got := read(t, connect(t, answering(t, http.StatusOK, changed).url, keys()), seeded(t), providers.PlaceOf("absent"))
				if got.Err != nil || !reflect.DeepEqual(parts(got), parts(plain)) {
					t.Errorf("got %+v", got)
				}
			})
		}
	}
}

// parts returns what was read of each partition, without resolutions.
func parts(s providers.Snapshot) (out []providers.PartReading) {
	for _, p := range s.Parts {
		p.Resolved = nil
		out = append(out, p)
	}
	return out
}

// added returns an answer with an unknown key in each object, and lists under another
// key.
func added(v, value any, wrapper string) any {
	switch v := v.(type) {
	case map[string]any:
		out := maps.Clone(v)
		for key, inner := range v {
			out[key] = added(inner, value, wrapper)
			if _, list := inner.([]any); list && wrapper != "" {
				out[wrapper] = out[key]
				delete(out, key)
			}
		}
		out["NewInThisVersion"] = value
		return out
	case []any:
		var out []any
		for _, inner := range v {
			out = append(out, added(inner, value, wrapper))
		}
		return out
	}
	return v
}

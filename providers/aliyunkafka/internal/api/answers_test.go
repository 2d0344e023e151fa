package api

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestAListIsReadUnderAnyWrapper(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []int
		ok   bool
	}{
		"a bare array":                        {`[1, 2]`, []int{1, 2}, true},
		"a known wrapper":                     {`{"TopicVO": [1, 2]}`, []int{1, 2}, true},
		"a known wrapper next to other lists": {`{"TopicVO": [1], "Tags": [7, 8], "Total": 1}`, []int{1}, true},
		"one unknown wrapper":                 {`{"Rows": [1], "Total": 1}`, []int{1}, true},
		"two unknown wrappers":                {`{"Rows": [1], "Tags": [7]}`, nil, false},
		"two, of which one fits":              {`{"Rows": [1], "Tags": ["a"], "More": []}`, []int{1}, true},
		"two, of which none fits":             {`{"Rows": [], "Tags": ["a"]}`, nil, false},
		"a known wrapper without a list":      {`{"TopicList": 3, "Rows": [1]}`, []int{1}, true},
		"only a known wrapper without a list": {`{"TopicList": 3}`, nil, false},
		"an absent list":                      {`{"TopicList": null}`, nil, true},
		"an empty object":                     {`{}`, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			var got list[int]
			if err := json.Unmarshal([]byte(c.text), &got); (err == nil) != c.ok || !slices.Equal(got, c.want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

package kafka_test

import (
	"strings"
	"testing"
)

func TestTarget(t *testing.T) {
	for name, c := range map[string]struct {
		keys map[string]any
		want string // the address behind "kafka:b:1/", or a part of the error
	}{
		"a topic":                          {map[string]any{"group": "g", "topic": "t"}, "g/t"},
		"every topic with a commit":        {map[string]any{"group": "g"}, "g/*"},
		"topics are sorted and once":       {map[string]any{"group": "g", "topics": []string{"b", "a", "b"}}, "g/a,b"},
		"partitions are ranges":            {map[string]any{"group": "g", "topic": "t", "partitions": []int{7, 2, 1, 0, 2}}, "g/t:0-2,7"},
		"partitions of a glob are refused": {map[string]any{"group": "g", "topics": []string{"t*"}, "partitions": []int{7}}, "error: partitions requires"},
		"no group is refused":              {map[string]any{"topic": "t"}, "error: group is required"},
		"a topic is literal":               {map[string]any{"group": "g", "topic": "t*"}, `g/"t*"`},
		"a glob is not quoted":             {map[string]any{"group": "g", "topics": []string{"t*", "a[x]"}}, "g/a[x],t*"},
		"excluded topics follow":           {map[string]any{"group": "g", "topics": []string{"t*"}, "excludeTopics": []string{"tz", "ta"}}, "g/t*,!ta,!tz"},
		"nothing is left of the names": {map[string]any{"group": "g", "topics": []string{"ta", "tb"}, "excludeTopics": []string{"t?"}},
			"error: excludeTopics excludes"},
	} {
		t.Run(name, func(t *testing.T) {
			goal, err := newTarget("b:1", c.keys)
			if want, isError := strings.CutPrefix(c.want, "error: "); isError {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error with %s", err, want)
				}
				return
			}
			check(t, err)
			if goal.Address() != "kafka:b:1/"+c.want {
				t.Errorf("got %s", goal.Address())
			}
		})
	}
}

func TestTargetsOverlap(t *testing.T) {
	base := map[string]any{"group": "g", "topic": "orders", "partitions": []int{0, 1}}
	for name, c := range map[string]struct {
		keys map[string]any
		want bool
	}{
		"the same":             {base, true},
		"another group":        {map[string]any{"group": "h", "topic": "orders"}, false},
		"another topic":        {map[string]any{"group": "g", "topic": "bills"}, false},
		"other partitions":     {map[string]any{"group": "g", "topic": "orders", "partitions": []int{2}}, false},
		"a common partition":   {map[string]any{"group": "g", "topic": "orders", "partitions": []int{1, 2}}, true},
		"a glob that matches":  {map[string]any{"group": "g", "topics": []string{"ord*"}}, true},
		"a glob that does not": {map[string]any{"group": "g", "topics": []string{"bil*"}}, false},
		"brackets are literal": {map[string]any{"group": "g", "topics": []string{"o[r]*"}}, false},
		"a topic literally":    {map[string]any{"group": "g", "topic": "ord*"}, false},
		"an excluded topic":    {map[string]any{"group": "g", "excludeTopics": []string{"ord*"}}, false},
		"every topic":          {map[string]any{"group": "g"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := target(t, "b:1", base).Overlaps(target(t, "b:1", c.keys)); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
	if target(t, "b:1", base).Overlaps(target(t, "c:1", base)) {
		t.Error("two clusters overlap")
	}
}

// TestGlobsOverlap: what two globs match is known only later, except that the same glob
// matches the same topics, and that a target without names has those that it does not
// exclude.
func TestGlobsOverlap(t *testing.T) {
	keys := func(topics, exclude []string) map[string]any {
		return map[string]any{"group": "g", "topics": topics, "excludeTopics": exclude}
	}
	for name, c := range map[string]struct {
		a, b map[string]any
		want bool
	}{
		"the same glob":                {keys([]string{"sal*"}, nil), keys([]string{"sal*"}, nil), true},
		"different globs":              {keys([]string{"sal*"}, nil), keys([]string{"*les"}, nil), false},
		"with other exclusions":        {keys([]string{"sal*"}, []string{"salt"}), keys([]string{"sal*"}, []string{"sales"}), true},
		"every topic":                  {keys([]string{"sal*"}, nil), keys(nil, nil), true},
		"every other topic":            {keys([]string{"sal*"}, nil), keys(nil, []string{"sal*"}), false},
		"every topic but more":         {keys([]string{"sal*"}, nil), keys(nil, []string{"s*"}), false},
		"every topic but some of them": {keys([]string{"sal*", "b*"}, nil), keys(nil, []string{"sal*"}), true},
		"internal topics":              {keys([]string{"__*"}, nil), keys(nil, nil), false},
	} {
		a, b := target(t, "b:1", c.a), target(t, "b:1", c.b)
		if a.Overlaps(b) != c.want || b.Overlaps(a) != c.want {
			t.Errorf("%s: got %v and %v", name, a.Overlaps(b), b.Overlaps(a))
		}
	}
}

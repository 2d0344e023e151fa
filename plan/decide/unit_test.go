package decide_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/schema"
)

// TestGuardsNameTheUnitThatTheyBound blocks steps of a service that counts log groups.
func TestGuardsNameTheUnitThatTheyBound(t *testing.T) {
	for name, c := range map[string]struct {
		to     schema.To
		guards schema.Guards
		want   string
	}{
		"replay":               {schema.To{Form: schema.ToOffset, Offset: 200}, schema.Guards{MaxReplay: limit(5)}, "deliver up to 100 log groups again"},
		"skip":                 {schema.To{Form: schema.ToOffset, Offset: 301}, schema.Guards{}, "skip up to 1 log group, which"},
		"before the log":       {schema.To{Form: schema.ToOffset, Offset: 40}, schema.Guards{}, "60 log groups in the range have been deleted"},
		"the allowed loss":     {schema.To{Form: schema.ToOffset, Offset: 301}, schema.Guards{}, "to the number of log groups you accept losing"},
		"not known beforehand": {schema.To{Form: schema.ToUnset}, schema.Guards{MaxReplay: limit(5)}, "number of log groups to replay is unknown"},
	} {
		q := question(c.to)
		q.Capabilities.Unit = "log group"
		q.Step.Guards = c.guards
		d := decide.Diff(q, plantest.Idle(plantest.At(0, 100, 300, 500)))
		if !strings.Contains(d.Why, c.want) || strings.Contains(strings.ReplaceAll(d.Why, "the oldest record left", ""), "record") {
			t.Errorf("%s: got %q, want %q", name, d.Why, c.want)
		}
		for _, p := range d.Parts {
			if (p.Count != nil) != (p.Unit == "log group") {
				t.Errorf("%s: got %+v", name, p)
			}
		}
	}
}

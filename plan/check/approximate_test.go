package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/memory"
	"github.com/resetplan/resetplan/schema"
)

func TestAnApproximationNeedsTheStepsPermission(t *testing.T) {
	r := plantest.New(t)
	caps := memory.Full()
	caps.Moves = map[providers.Kind]providers.Grain{providers.Time: providers.WholeTarget}
	caps.Approximates = map[providers.Kind]bool{providers.Offset: true, providers.Group: true}
	kind := memory.New(r.Service, caps)
	for name, c := range map[string]struct {
		form        schema.Form
		approximate bool
		partitions  any
		want        string // "" = valid
	}{
		"an offset":                    {schema.ToOffset, false, nil, "memory accepts times, not offsets; set approximate: true"},
		"another group":                {schema.ToGroup, false, nil, "memory accepts times, not the positions of another group; set approximate: true"},
		"an offset, approximately":     {schema.ToOffset, true, nil, ""},
		"a shift, approximately":       {schema.ToShift, true, nil, ""},
		"a group, approximately":       {schema.ToGroup, true, nil, ""},
		"single partitions":            {schema.ToShift, true, []any{1}, "memory accepts one time for the whole target; leave partitions out"},
		"what no time can approximate": {schema.ToUnset, true, nil, "memory cannot be reset to unset"},
	} {
		target := map[string]any{"group": "a", "topic": "orders"}
		if c.partitions != nil {
			target["partitions"] = c.partitions
		}
		doc := &schema.Document{Providers: []schema.Provider{{Name: "m", Type: memory.Type, Config: map[string]any{}}},
			Steps: []schema.Step{{ID: "x", Provider: "m", Target: target, To: schema.To{Form: c.form, Group: "b"}, Approximate: c.approximate}}}
		if got := check.Document(doc, []providers.Provider{kind}).Error(); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: got %s", name, got)
		}
	}
	row := check.Matrix([]providers.Provider{kind})[0]
	if !slices.Equal(row.Approximate, []string{"offset", "offsets", "shift", "group", "lock"}) || slices.Contains(row.To, "offset") ||
		!slices.Equal(row.Selects, []string{"groups"}) || row.Unit != "record" {
		t.Errorf("got %+v", row)
	}
}

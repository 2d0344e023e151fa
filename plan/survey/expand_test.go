package survey_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// nested opens a step that selects groups and, within each, topics. Group a has
// commits on orders and audit, b and c on orders only.
func nested(t *testing.T, groups, topics, exclude string) (*plantest.Rig, *survey.Reader) {
	t.Helper()
	rig := plantest.New(t)
	rig.Caps.Selects = []providers.Selector{{Key: "groups", One: "group"}, {Key: "topics", One: "topic"}}
	rig.Service.Topic("audit", 1, "log", plantest.Now)
	rig.Service.Commit("a", providers.Part{Topic: "audit"}, 1, nil)
	r := rig.Open("s a 1\nt b 1")
	for i := range r.Doc.Steps {
		step := &r.Doc.Steps[i]
		step.Target, step.Select, step.Exclude = map[string]any{}, nil, strings.Fields(exclude)
		for _, one := range []schema.Selection{{Key: "groups", One: "group", Names: strings.Fields(groups)},
			{Key: "topics", One: "topic", Names: strings.Fields(topics)}} {
			if len(one.Names) == 1 && strings.HasPrefix(one.Names[0], "=") {
				step.Target[one.One] = one.Names[0][1:]
				continue
			}
			step.Select = append(step.Select, one)
		}
	}
	return rig, r
}

func TestASelectionWithinASelection(t *testing.T) {
	for name, c := range map[string]struct {
		groups, topics, exclude string // a name after = fills the key of a single target
		want                    string // id:address for each job; id! if it has no target, ? if it is matched only by a glob
		lists                   int
	}{
		"names only": {"b a", "orders audit", "",
			"s[a/audit]:memory:a/audit s[a/orders]:memory:a/orders s[b/audit]:memory:b/audit s[b/orders]:memory:b/orders", 0},
		"globs at both levels": {"*", "*", "",
			"s[a/audit]:memory:a/audit? s[a/orders]:memory:a/orders? s[b/orders]:memory:b/orders? s[c/orders]:memory:c/orders?", 4},
		"a glob that matches within one of them": {"*", "au*", "", "s[a/audit]:memory:a/audit?", 4},
		"a glob that matches nothing":            {"a", "x*", "", "s[x*]!", 1},
		"an outer glob that matches nothing":     {"x*", "*", "", "s[x*]!", 1},
		"a name and a glob":                      {"a b", "orders", "", "s[a/orders]:memory:a/orders s[b/orders]:memory:b/orders", 0},
		"an excluded inner name":                 {"a b", "*", "au*", "s[a/orders]:memory:a/orders? s[b/orders]:memory:b/orders?", 2},
		"only the inner selection":               {"=a", "*", "", "s[audit]:memory:a/audit? s[orders]:memory:a/orders?", 1},
		"only the outer selection":               {"*", "=orders", "c", "s[a]:memory:a/orders? s[b]:memory:b/orders?", 1},
		"a name within which nothing is listed":  {"a none", "*", "", "s[none/*]! s[a/audit]:memory:a/audit? s[a/orders]:memory:a/orders?", 2},
	} {
		t.Run(name, func(t *testing.T) {
			rig, r := nested(t, c.groups, c.topics, c.exclude)
			jobs, err := r.Jobs(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, j := range jobs {
				switch one := j.ID + ":" + j.Address(); {
				case !strings.HasPrefix(j.ID, "s["):
				case j.Target == nil && j.NoTarget != "":
					got = append(got, j.ID+"!")
				case j.ByGlob:
					got = append(got, one+"?")
				default:
					got = append(got, one)
				}
				if j.Target == nil {
					continue
				}
				again, err := survey.NewJob(j.Step, j.Conn, j.ID, survey.TargetKeys(j.Step, j.ID))
				if err != nil || again.Address() != j.Address() {
					t.Errorf("the target of %s is read back as %v, %v", j.ID, again, err)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got  %q\nwant %q", strings.Join(got, " "), c.want)
			}
			if n := rig.Service.Lists(); n != c.lists {
				t.Errorf("%d lists were requested for two steps, want %d", n, c.lists)
			}
		})
	}
}

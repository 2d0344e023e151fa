package schema

import (
	"fmt"
	"testing"
)

// TestASelectionWithinASelection reads targets of a type that selects by two keys.
func TestASelectionWithinASelection(t *testing.T) {
	kind := ""
	for _, one := range providerTypes() {
		if len(Selections(one)) == 2 {
			kind = one
		}
	}
	if kind == "" {
		t.Fatal("no type of target has two selections")
	}
	keys := Selections(kind)
	outer, inner := keys[0], keys[1]
	of := func(one Selection, names ...string) Selection { one.Names = names; return one }
	for name, c := range map[string]struct{ target, want string }{
		"both":             {outer.Key + ": [a, 'b*'], " + inner.Key + ": 'c*'", fmt.Sprint([]Selection{of(outer, "a", "b*"), of(inner, "c*")}, nil)},
		"only the outer":   {outer.Key + ": ['*'], " + inner.One + ": c, exclude: d", fmt.Sprint([]Selection{of(outer, "*")}, []string{"d"})},
		"only the inner":   {outer.One + ": a, " + inner.Key + ": ['*'], exclude: [d, e]", fmt.Sprint([]Selection{of(inner, "*")}, []string{"d", "e"})},
		"none":             {outer.One + ": a, " + inner.One + ": c", fmt.Sprint([]Selection(nil), nil)},
		"exclude alone":    {outer.One + ": a, " + inner.One + ": c, exclude: d", "exclude is only allowed with " + outer.Key + " or " + inner.Key},
		"one and many":     {outer.One + ": a, " + inner.One + ": c, " + inner.Key + ": d", inner.One + " and " + inner.Key + " are mutually exclusive"},
		"an inner missing": {outer.Key + ": a", "the target has no " + inner.One},
		"an outer missing": {inner.Key + ": a", "the target has no " + outer.One},
		"all excluded":     {outer.Key + ": a, " + inner.Key + ": c, exclude: c", "no names are left: exclude excludes all of " + inner.Key},
	} {
		t.Run(name, func(t *testing.T) {
			d, errs := parse(t, "version: 1\nname: p\nproviders:\n  k: {type: "+kind+", project: p, region: r}\nsteps:\n  - {id: a, provider: k, target: {"+c.target+
				"}, to: latest}\n", nil)
			if len(errs) > 0 {
				if errs[0].Reason != c.want {
					t.Errorf("got %s, want %s", errs.Error(), c.want)
				}
				return
			}
			s := d.Steps[0]
			exclude := any(s.Exclude)
			if s.Exclude == nil {
				exclude = nil
			}
			if got := fmt.Sprint(s.Select, exclude); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			for _, key := range []string{outer.Key, inner.Key, "exclude"} {
				if s.Target[key] != nil {
					t.Errorf("%s is left in the target", key)
				}
			}
		})
	}
}

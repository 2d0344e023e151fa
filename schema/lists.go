package schema

import (
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/schema/diag"
)

// distinct refuses a list in which a value is written twice.
func (b *builder) distinct(v any, at string) {
	first := map[string]bool{}
	for i, item := range items(v) {
		text, path := scalar(item), b.index.Item(at, i)
		if text == "" || b.wrong[path] {
			continue
		}
		if first[text] {
			b.report(path, false, fmt.Sprintf("%q is listed twice", diag.Shorten(text)), "remove one of them")
		}
		first[text] = true
	}
}

// excluded refuses a step whose exclusions leave nothing of what it lists.
func (b *builder) excluded(target map[string]any, key, except, at string) {
	listed, out := texts(target[key]), texts(target[except])
	if len(listed) == 0 || len(out) == 0 {
		return
	}
	if slices.Contains(out, "*") || !slices.ContainsFunc(listed, func(name string) bool { return !slices.Contains(out, name) }) {
		b.report(at+"."+except, true, fmt.Sprintf("nothing is left: %s takes out all of %s", except, key), "remove from "+except+" what is to be reset")
	}
}

// ownGroup refuses a copy of a group's positions to itself.
func (b *builder) ownGroup(s *Step, at string) {
	own := scalar(s.Target["group"])
	if own == "" {
		own = scalar(s.Target["consumerGroup"])
	}
	if s.To.Form == ToGroup && own != "" && s.To.Group == own {
		b.report(at+".to.group", false, fmt.Sprintf("group %s is the step's own group", diag.Shorten(own)), "name another group, or write to: current")
	}
}

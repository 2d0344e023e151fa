package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// Check finds, offline, what the schema cannot know: a provider type that is
// not built in, a target that its provider rejects, a move that the service
// cannot make, needs that go round in a circle, and two steps that move the
// same thing. It returns every fault, in the order of the document's lines.
func Check(doc *schema.Document, all []providers.Provider) schema.Faults {
	c := checker{doc: doc, all: all}
	c.providers()
	for i, s := range doc.Steps {
		c.step(i, s)
	}
	c.circles()
	c.faults.Sort()
	return c.faults
}

type checker struct {
	doc     *schema.Document
	all     []providers.Provider
	targets []checkedTarget
	faults  schema.Faults
}

type checkedTarget struct {
	step   int
	target providers.Target
}

func (c *checker) fault(reason, remedy string, path ...any) {
	c.faults = append(c.faults, c.doc.Fault(reason, remedy, path...))
}

func (c *checker) providers() {
	var types []string
	for _, p := range c.all {
		types = append(types, p.Type())
	}
	for _, p := range c.doc.Providers {
		if kind, _ := find(c.all, c.doc, p.Name); kind == nil {
			c.fault(fmt.Sprintf("provider type %q is not built into this resetplan", p.Type),
				"built in: "+strings.Join(types, ", "), "providers", p.Name, "type")
		}
	}
}

func (c *checker) step(i int, s schema.Step) {
	kind, config := find(c.all, c.doc, s.Provider)
	if kind == nil {
		return // told once, at the provider
	}
	caps := kind.Capabilities()
	if why := unreachable(kind.Type(), caps, s); why != "" {
		c.fault(why, "", "steps", i, "to")
	}
	if s.Idle.Pause && caps.Notes["idle.pause"] != "" {
		c.fault(caps.Notes["idle.pause"], "", "steps", i, "idle", "pause")
	}
	if c.doc.OnError == "undo" && caps.Undo != providers.Exact {
		c.fault(fmt.Sprintf("undo promises to take every step back, and %s cannot put step %s back exactly", kind.Type(), s.ID),
			"write onError: stop or continue", "onError")
	}
	for _, t := range literalTargets(s) {
		target, err := kind.Target(config, decoder(t))
		if err != nil {
			c.fault(err.Error(), "", "steps", i, "target")
			return
		}
		c.collide(i, target)
		c.targets = append(c.targets, checkedTarget{i, target})
	}
}

// collide faults a target that an earlier step moves too: the order of two
// resets of one thing would decide where it ends.
func (c *checker) collide(i int, target providers.Target) {
	for _, other := range c.targets {
		if !target.Overlaps(other.target) {
			continue
		}
		with := "step " + c.doc.Steps[other.step].ID
		if other.step == i {
			with = "the same step"
		}
		c.fault(fmt.Sprintf("%s is moved by %s too (%s)", target.Address(), with, other.target.Address()),
			"let one step move it, or narrow topics and partitions until they are apart", "steps", i, "target")
		return
	}
}

// literalTargets returns a step's targets as far as they are known without
// asking: one for each name in groups, and one with a stand-in where groups
// holds nothing but globs, so that the rest of the target is checked.
func literalTargets(s schema.Step) []map[string]any {
	if s.Groups == nil {
		return []map[string]any{s.Target}
	}
	var out []map[string]any
	for _, g := range s.Groups {
		if !providers.IsGlob(g) && !slices.ContainsFunc(s.Exclude, func(x string) bool { return providers.Match(x, g) }) {
			out = append(out, withGroup(s.Target, g))
		}
	}
	if out == nil {
		out = append(out, withGroup(s.Target, s.Groups[0]))
	}
	return out
}

// circles faults every step that, through needs, waits for itself.
func (c *checker) circles() {
	needs := map[string][]string{}
	for _, s := range c.doc.Steps {
		needs[s.ID] = s.Needs
	}
	for i, s := range c.doc.Steps {
		if path := pathTo(s.ID, s.ID, needs, map[string]bool{}); path != nil {
			c.fault(fmt.Sprintf("step %s waits for itself: %s", s.ID, strings.Join(append([]string{s.ID}, path...), " needs ")),
				"remove one of these needs", "steps", i, "needs")
		}
	}
}

func pathTo(goal, from string, needs map[string][]string, seen map[string]bool) []string {
	for _, n := range needs[from] {
		if n == goal {
			return []string{n}
		}
		if seen[n] {
			continue
		}
		seen[n] = true
		if rest := pathTo(goal, n, needs, seen); rest != nil {
			return append([]string{n}, rest...)
		}
	}
	return nil
}

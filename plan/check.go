package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// Examine reads a plan and finds everything that is wrong in it without the
// network: what Read finds, and what Check finds in the parts of it that are
// sound. Several kinds of faults so come in one pass. The Document is nil if
// there is a fault.
func Examine(file string, source []byte, given schema.Given, all []providers.Provider) (*schema.Document, schema.Faults) {
	doc, faults := schema.Read(file, source, given)
	if doc == nil {
		return nil, faults
	}
	if faults = append(faults, Check(doc, all)...); len(faults) > 0 {
		return nil, faults.Report()
	}
	return doc, nil
}

// Check finds, offline, what the schema cannot know: a provider type that is
// not built in, a target that its provider rejects, a move that the service
// cannot make, needs that form a cycle, a lock to go back to that does not
// exist, and two steps that move the same thing. It returns every fault, in the
// order of the document's lines; what has a fault already is not judged again.
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
	undo    bool // that undo cannot be kept is reported
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
		if kind, _ := find(c.all, c.doc, p.Name); kind == nil && c.doc.Sound("providers", p.Name, "type") {
			c.fault(fmt.Sprintf("provider type %q is not built into this resetplan", p.Type),
				"built in: "+strings.Join(types, ", "), "providers", p.Name, "type")
		}
	}
}

func (c *checker) step(i int, s schema.Step) {
	kind, config := find(c.all, c.doc, s.Provider)
	if kind == nil {
		return // reported once, at the provider
	}
	caps := kind.Capabilities()
	if c.doc.Sound("steps", i, "to") && s.To.Form != "" {
		c.to(i, s, kind)
	}
	if s.Idle.Pause && !caps.CanPause {
		c.fault(caps.Notes["idle.pause"], "", "steps", i, "idle", "pause")
	}
	if c.doc.OnError == "undo" && caps.Undo != providers.Exact && !c.undo {
		c.undo = true
		c.fault(fmt.Sprintf("onError: undo cannot be kept: %s cannot restore step %s exactly", kind.Type(), s.ID),
			"write onError: stop or continue", "onError")
	}
	if s.Target == nil || !c.doc.Sound("steps", i, "target") || !c.doc.Sound("providers", s.Provider) {
		return
	}
	for _, t := range literalTargets(s) {
		if len(c.targets) == mostTargets {
			c.fault(fmt.Sprintf("the plan has more than %d targets, the limit", mostTargets), "split it", "steps", i, "target")
			c.targets = append(c.targets, checkedTarget{step: -1})
		}
		if len(c.targets) > mostTargets {
			return
		}
		target, err := kind.Target(config, decoder(t))
		if err != nil {
			c.fault(err.Error(), "", "steps", i, "target")
			return
		}
		c.collide(i, target)
		c.targets = append(c.targets, checkedTarget{i, target})
	}
}

// to checks that the service can make the move, and that a lock to go back to
// has what is named.
func (c *checker) to(i int, s schema.Step, kind providers.Provider) {
	if why := unreachable(kind.Type(), kind.Capabilities(), s); why != "" {
		c.fault(why, "", "steps", i, "to")
		return
	}
	if s.To.Form != schema.ToLock {
		return
	}
	path := besides(c.doc.File, s.To.Lock)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		c.fault(s.To.Lock+": no such file", "name a lock file that an apply wrote, relative to this document", "steps", i, "to", "lock")
		return
	}
	f, err := lock.Read(path)
	if err != nil {
		var faults schema.Faults
		if errors.As(err, &faults) {
			c.fault(s.To.Lock+" is not a valid lock file", "name the lock that an apply wrote", "steps", i, "to", "lock")
			return
		}
		c.fault(fmt.Sprintf("%s cannot be read", s.To.Lock), "name a lock file that an apply wrote", "steps", i, "to", "lock")
		return
	}
	if _, _, reason, remedy, key := origin(f, s.To); reason != "" {
		c.fault(reason, remedy, "steps", i, "to", key)
	}
}

// besides returns a path as it is seen from a document.
func besides(document, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(document), path)
}

// origin returns the run and the step of a lock to whose beginning a step goes
// back. Both may be left out if the lock has only one. Otherwise reason says
// what is missing, at which key.
func origin(f *lock.File, to schema.To) (run, step, reason, remedy, key string) {
	keys := f.Keys()
	run = to.Run
	switch {
	case len(keys) == 0:
		return "", "", to.Lock + " records no run", "name the lock that an apply wrote", "lock"
	case run == "" && len(keys) > 1:
		return "", "", fmt.Sprintf("%s has %d runs", to.Lock, len(keys)), "add run: KEY; the runs are " + someOf(keys), "lock"
	case run == "":
		run = keys[0]
	case f.Runs[run] == nil:
		return "", "", fmt.Sprintf("%s has no run %q", to.Lock, run), "the runs are " + someOf(keys), "run"
	}
	ids := f.Runs[run].IDs()
	step = to.Step
	switch {
	case len(ids) == 0:
		return "", "", fmt.Sprintf("run %s of %s has no step", run, to.Lock), "name another run", "lock"
	case step == "" && len(ids) > 1:
		return "", "", fmt.Sprintf("run %s of %s has %d steps", run, to.Lock, len(ids)), "add step: ID; the steps are " + someOf(ids), "lock"
	case step == "":
		step = ids[0]
	case !slices.Contains(ids, step):
		return "", "", fmt.Sprintf("run %s of %s has no step %q", run, to.Lock, step), "the steps are " + someOf(ids), "step"
	}
	return run, step, "", "", ""
}

// someOf names some of many.
func someOf(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// mostTargets bounds the comparison of each target with every other.
const mostTargets = 10_000

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
		c.fault(fmt.Sprintf("%s is also moved by %s (%s)", target.Address(), with, other.target.Address()),
			"let one step move it, or narrow topics and partitions until they do not overlap", "steps", i, "target")
		return
	}
}

// literalTargets returns a step's targets as far as they are known without the
// network: one for each name in groups, and one with a stand-in if groups
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

// circles reports every cycle of needs once, at its first step. A step that
// needs itself has a fault of its own already.
func (c *checker) circles() {
	needs := map[string][]string{}
	for _, s := range c.doc.Steps {
		if _, twice := needs[s.ID]; !twice {
			needs[s.ID] = s.Needs
		}
	}
	done := map[string]bool{}
	effort := mostEffort
	for i, s := range c.doc.Steps {
		if done[s.ID] || slices.Contains(s.Needs, s.ID) || effort < 0 {
			continue
		}
		path := pathTo(s.ID, s.ID, needs, &effort)
		if path == nil {
			continue
		}
		for _, id := range path {
			done[id] = true
		}
		c.fault("dependency cycle: "+cycle(append([]string{s.ID}, path...)), "remove one of these needs", "steps", i, "needs")
	}
}

// cycle writes the steps of a cycle, of a long one its beginning and its end.
func cycle(ids []string) string {
	const most = 8
	if more := len(ids) - most; more > 0 {
		return strings.Join(ids[:most-1], " needs ") + fmt.Sprintf(" needs %d more steps, the last of which needs ", more) + ids[len(ids)-1]
	}
	return strings.Join(ids, " needs ")
}

// mostEffort bounds the search for cycles; no plan that a person wrote needs
// a hundredth of it.
const mostEffort = 5_000_000

// pathTo returns the needs that lead from a step to another, without deep
// recursion: a plan may have very many steps.
func pathTo(goal, from string, needs map[string][]string, effort *int) []string {
	seen := map[string]bool{}
	before := map[string]string{}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		*effort -= 1 + len(needs[at])
		for _, n := range needs[at] {
			if n == goal {
				path := []string{goal}
				for ; at != from; at = before[at] {
					path = append(path, at)
				}
				slices.Reverse(path)
				return path
			}
			if !seen[n] && n != at {
				seen[n] = true
				before[n] = at
				queue = append(queue, n)
			}
		}
	}
	return nil
}

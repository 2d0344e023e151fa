package schema

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/tree"
)

// A rewriter reads a plan in the form of another tool, such as a manifest of
// Kubernetes or a flat list of keys, as the plan that it would be after its remedies,
// so that one pass finds the errors in its values too. Everything that it changes it
// reports: such a plan is never valid. It adds no target position.
type rewriter struct {
	index  *tree.Index
	file   string
	root   map[string]any
	shared map[string]string // the types of the operator's connections, by name
	copies int
	errors diag.Errors
}

// mostRewrites bounds the changes of one plan, each of which walks its index.
const mostRewrites = 50

// reform changes a plan's value in place, and returns an error for each change.
func reform(x *tree.Index, file string, value any, connections []Provider) diag.Errors {
	root := object(value)
	if root == nil || x.Merged[""] {
		return nil
	}
	r := &rewriter{index: x, file: file, root: root, shared: map[string]string{}}
	for _, p := range connections {
		r.shared[p.Name] = p.Type
	}
	for _, key := range []string{"metadata", "spec"} {
		r.hoist(key)
	}
	known := object(planText()["properties"])
	r.alias("", root, known)
	r.connections()
	r.namedSteps()
	r.flatPlan(known)
	r.heads()
	for i, s := range list(root["steps"]) {
		if step := object(s); step != nil && r.copies < mostRewrites {
			at := fmt.Sprintf("steps[%d]", i)
			r.alias(at, step, object(lookup(planText(), "/$defs/step/properties")))
			r.flatStep(step, at)
			r.stepHead(step, i, at)
			r.positionByType(step, at)
			r.inner(step, at)
		}
	}
	return r.errors
}

// report reports an unknown key, or with key unset a value.
func (r *rewriter) report(path string, key bool, reason, remedy string) {
	if len(r.errors) < diag.MostCollected {
		r.errors = append(r.errors, r.index.ErrorAt(path, key, reason, remedy))
	}
}

// under gives everything at and under a path a second path.
func (r *rewriter) under(from, to string) {
	r.copies++
	r.index.Copy(func(path string) string {
		if rest, ok := strings.CutPrefix(path, from); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return strings.TrimPrefix(to+rest, ".")
		}
		return ""
	})
}

// hoist moves the keys of a section that plans do not have to the top.
func (r *rewriter) hoist(section string) {
	inner, ok := r.root[section].(map[string]any)
	if !ok || len(inner) == 0 {
		return
	}
	for key, v := range inner {
		if _, taken := r.root[key]; !taken {
			r.root[key] = v
		}
	}
	delete(r.root, section)
	r.under(section, "")
	r.report(section, true, fmt.Sprintf("unknown key %q", section), "move its keys to the top of the document")
	r.index.Unknown[section] = true
}

// alias reads the value of a misspelled key as that of the key that was meant. The
// unknown key has an error of its own.
func (r *rewriter) alias(path string, o, known map[string]any) {
	if len(o) > mostKeys {
		return
	}
	names := sortedKeys(known)
	for _, key := range sortedKeys(o) {
		if known[key] != nil || diag.SecretName(key) || r.copies >= mostRewrites {
			continue
		}
		remedy, word := replacement(key, path, names)
		_, isScalar := scalarText(o[key])
		if _, taken := o[word]; taken || word == "timezone" || // which has rules with the time next to it
			remedy != fmt.Sprintf("did you mean %s?", word) || path == "" && isScalar && word != "name" && word != "version" {
			continue
		}
		o[word] = o[key]
		r.under(tree.Join(path, key), tree.Join(path, word))
	}
}

// inner aliases the keys of a step's sections.
func (r *rewriter) inner(step map[string]any, at string) {
	kind := r.kindOf(step)
	sections := map[string]map[string]any{"guards": guardKeys(), "idle": object(lookup(planText(), "/$defs/step/properties/idle/properties")),
		"to": object(lookup(planText(), "/$defs/to/else/properties"))}
	if kind != "" {
		sections["target"] = object(targetRules(kind)["properties"])
	}
	r.repeated(step, at)
	for _, name := range sortedKeys(sections) {
		if o := object(step[name]); o != nil && len(sections[name]) > 0 {
			r.alias(at+"."+name, o, sections[name])
		}
	}
}

// repeated removes from a target what the connection has too.
func (r *rewriter) repeated(step map[string]any, at string) {
	connection := object(object(r.root["providers"])[scalar(step["provider"])])
	target := object(step["target"])
	known := object(targetRules(r.kindOf(step))["properties"])
	for _, key := range sortedKeys(target) {
		if text := scalar(target[key]); known[key] == nil && len(known) > 0 && text != "" && text == scalar(connection[key]) && !diag.SecretName(key) {
			path := at + ".target." + key
			r.report(path, true, fmt.Sprintf("unknown key %q", diag.Shorten(key)), "remove it; the connection has it")
			r.index.Unknown[path] = true
			delete(target, key)
		}
	}
}

func guardKeys() map[string]any { return object(lookup(planText(), "/$defs/guards/properties")) }

// namedSteps reads a mapping of steps, or a single step, as a list.
func (r *rewriter) namedSteps() {
	o := object(r.root["steps"])
	if len(o) == 0 {
		return
	}
	const reason = "expected a list, got a mapping"
	known := object(lookup(planText(), "/$defs/step/properties"))
	for key, v := range o {
		if known[key] != nil || object(v) == nil {
			r.under("steps", "steps[0]")
			r.report("steps", false, reason, "begin each step with a dash")
			r.root["steps"] = []any{o}
			return
		}
	}
	if len(o) > mostRewrites {
		return
	}
	var steps []any
	for _, key := range r.written(o, "steps") {
		if r.copies >= mostRewrites {
			return
		}
		r.under("steps."+key, fmt.Sprintf("steps[%d]", len(steps)))
		step := maps.Clone(object(o[key]))
		step["id"] = key
		steps = append(steps, step)
		r.index.Values[fmt.Sprintf("steps[%d].id", len(steps)-1)] = r.index.Keys["steps."+key]
	}
	r.report("steps", false, reason, "write a list, each name as an id: steps: "+r.flow(steps, "steps"))
	r.root["steps"] = steps
}

// heads adds the version and the name.
func (r *rewriter) heads() {
	if len(r.root) > mostKeys {
		return
	}
	for _, one := range []struct{ key, value string }{{"version", "1"}, {"name", nameOf(r.file)}} {
		if _, written := r.root[one.key]; !written && misspelled(r.root, one.key, "") == "" {
			r.root[one.key] = numberOr(one.value)
			r.report("", true, fmt.Sprintf("the key %s is missing", one.key), fmt.Sprintf("add %s: %s", one.key, one.value))
		}
	}
}

var notInAName = pattern.New(`[^a-z0-9]+`)

// nameOf returns a plan's name for a file.
func nameOf(file string) string {
	base := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	name := strings.Trim(notInAName.ReplaceAllString(strings.ToLower(base), "-"), "-")
	if name == "" || len(name) > 60 {
		return "my-plan"
	}
	return name
}

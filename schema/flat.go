package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/tree"
)

// A stray is a key that is written in a wrong place.
type stray struct {
	key, word string // as written, and the known key
	value     any
}

// strays returns the keys of a mapping that belong to other sections, by section, in
// the order in which they are written.
func (r *rewriter) strays(o, known map[string]any, path string) map[string][]stray {
	out := map[string][]stray{}
	if len(o) > mostKeys {
		return out
	}
	for _, key := range r.written(o, path) {
		if known[key] != nil || diag.SecretName(key) {
			continue
		}
		section, _ := belongs(key, path)
		word, isWord := strings.CutPrefix(toWords[plainKey(scalar(o[key]))], "to: ")
		if o["to"] == nil && isWord && nameOfPosition.MatchString(key) && !strings.Contains(word, "{") {
			out["step"] = append(out["step"], stray{key, "to", word})
			continue
		}
		if section == "" || exactly(key, sortedKeys(known)) != "" && (path != "" || object(o[key]) != nil) || foreignKeys[plainKey(key)] != "" {
			continue
		}
		for _, s := range sections() {
			if s.name == section {
				out[section] = append(out[section], stray{key, exactly(key, sortedKeys(s.keys)), o[key]})
			}
		}
	}
	return out
}

// nameOfPosition matches the keys of other tools whose value is a position in words.
var nameOfPosition = pattern.New(`^(?i:(?:reset)?[_-]?(?:strategy|position|mode|to))$`)

// written returns the keys of a mapping in the order of their places.
func (r *rewriter) written(o map[string]any, path string) []string {
	keys := sortedKeys(o)
	slices.SortStableFunc(keys, func(a, b string) int {
		m, n := r.index.Place(tree.Join(path, a), true), r.index.Place(tree.Join(path, b), true)
		if m == nil || n == nil {
			return 0
		}
		return cmp.Or(cmp.Compare(m.Line, n.Line), cmp.Compare(m.Column, n.Column))
	})
	return keys
}

// flatStep reads the keys of a target, a position, guards and the like that are
// written in the step itself.
func (r *rewriter) flatStep(step map[string]any, at string) {
	found := r.strays(step, object(lookup(planText(), "/$defs/step/properties")), at)
	target := object(targetRules(r.kindOf(step))["properties"])
	for i, s := range found["target"] {
		if word := exactly(s.key, sortedKeys(target)); word != "" {
			found["target"][i].word = word
		}
	}
	if words := found["step"]; len(words) == 1 && words[0].word == "to" && step["to"] == nil {
		r.moved(words, step, at, "write to: "+scalar(words[0].value))
		step["to"] = words[0].value
	}
	for _, section := range []string{"target", "to", "guards", "idle", "start"} {
		v, written := step[section]
		if inner := object(v); inner != nil && !slices.ContainsFunc(found[section], func(s stray) bool { return inner[s.word] != nil }) {
			r.joined(found[section], step, inner, at, section)
			continue
		}
		if written || len(found[section]) == 0 || r.copies >= mostRewrites {
			continue
		}
		inner := r.collected(found[section], at, at+"."+section)
		r.moved(found[section], step, at, fmt.Sprintf("write %s: %s", section, r.flow(inner, at+"."+section)))
		step[section] = inner
	}
}

// joined moves strays into a section that exists.
func (r *rewriter) joined(strays []stray, step, inner map[string]any, at, section string) {
	if len(strays) == 0 || r.copies >= mostRewrites {
		return
	}
	for word, v := range r.collected(strays, at, at+"."+section) {
		inner[word] = v
	}
	r.moved(strays, step, at, fmt.Sprintf("move %s into %s", when(len(strays) == 1, "it", "them"), section))
}

// connectionNames are the names that a step may use as its provider.
func (r *rewriter) connectionNames() []string {
	all := maps.Clone(object(r.root["providers"]))
	if all == nil {
		all = map[string]any{}
	}
	for name := range r.shared {
		all[name] = true
	}
	return sortedKeys(all)
}

// kindOf returns the type of a step's connection, or "".
func (r *rewriter) kindOf(step map[string]any) string {
	connections := object(r.root["providers"])
	name := scalar(step["provider"])
	if names := r.connectionNames(); name == "" && len(names) == 1 {
		name = names[0]
	}
	return cmp.Or(scalar(object(connections[name])["type"]), r.shared[name])
}

// collected returns strays as the section that they belong to.
func (r *rewriter) collected(strays []stray, at, to string) map[string]any {
	inner := map[string]any{}
	for _, s := range strays {
		if _, twice := inner[s.word]; !twice && r.copies < mostRewrites {
			inner[s.word] = s.value
			r.under(tree.Join(at, s.key), to+"."+s.word)
		}
	}
	return inner
}

// moved reports strays with one remedy, and removes them from their mapping.
func (r *rewriter) moved(strays []stray, o map[string]any, at, remedy string) {
	var names []string
	for _, s := range strays {
		delete(o, s.key)
		r.index.Unknown[diag.MaskSecret(tree.Join(at, s.key))] = true
		names = append(names, strconv.Quote(diag.Shorten(s.key)))
	}
	reason := "unknown key " + names[0]
	if last := len(names) - 1; last > 0 {
		reason = "unknown keys " + strings.Join(names[:last], ", ") + " and " + names[last]
		remedy = strings.Replace(remedy, "write ", "write in their place ", 1)
	}
	r.report(tree.Join(at, strays[0].key), true, reason, remedy)
}

// flatPlan reads a plan whose one step and connection are written at the top.
func (r *rewriter) flatPlan(known map[string]any) {
	found := r.strays(r.root, known, "")
	name, _ := r.root["provider"].(string)
	if _, written := r.root["providers"]; !written && len(found["provider"]) > 0 {
		kind := cmp.Or(typeOf(cmp.Or(scalar(r.root["type"]), name), r.root), "TYPE")
		if name == "" {
			name = strings.ToLower(kind)
		}
		at := "providers." + name
		inner := r.collected(found["provider"], "", at)
		inner["type"] = kind
		named := map[string]any{name: inner}
		r.moved(found["provider"], r.root, "", "write providers: "+r.flow(named, "providers"))
		r.root["providers"] = named
		r.connectionType(name, inner)
	}
	r.positionInAKey(found)
	var all []stray
	for _, section := range []string{"step", "target", "to", "idle", "start"} {
		all = append(all, found[section]...)
	}
	if _, written := r.root["steps"]; written {
		if _, isText := r.root["provider"].(string); isText {
			r.sharedProvider(name)
		}
		return
	}
	if len(all) == 0 {
		return
	}
	r.flatSteps(found, all, name)
}

// positionInAKey adds a key such as to-latest: true.
func (r *rewriter) positionInAKey(found map[string][]stray) {
	for _, key := range r.written(r.root, "") {
		word, isWord := strings.CutPrefix(toWords[plainKey(key)], "to: ")
		if on, _ := r.root[key].(bool); on && isWord && !strings.HasPrefix(word, "{") {
			found["step"] = append(found["step"], stray{key, "to", word})
			return
		}
	}
}

// flatSteps makes the one step of a flat plan.
func (r *rewriter) flatSteps(found map[string][]stray, all []stray, provider string) {
	step := map[string]any{"id": "reset"}
	if names := r.connectionNames(); provider == "" && len(names) == 1 {
		provider = names[0]
	}
	if provider != "" {
		step["provider"] = provider
	}
	if _, isText := r.root["provider"].(string); isText {
		all = append([]stray{{key: "provider"}}, all...)
	}
	for _, section := range []string{"target", "to", "idle", "start"} {
		if len(found[section]) > 0 {
			step[section] = r.collected(found[section], "", "steps[0]."+section)
		}
	}
	for _, s := range found["step"] {
		if _, taken := step[s.word]; !taken {
			step[s.word] = s.value
			r.under(s.key, "steps[0]."+s.word)
		}
	}
	slices.SortStableFunc(all, func(a, b stray) int {
		m, n := r.index.Place(a.key, true), r.index.Place(b.key, true)
		return cmp.Or(cmp.Compare(m.Line, n.Line), cmp.Compare(m.Column, n.Column))
	})
	r.moved(all, r.root, "", "write steps: "+r.flow([]any{step}, "steps"))
	r.root["steps"] = []any{step}
}

// sharedProvider reads a provider at the top as that of each step.
func (r *rewriter) sharedProvider(name string) {
	steps := list(r.root["steps"])
	if name == "" || len(steps) == 0 || r.copies >= mostRewrites {
		return
	}
	for i, s := range steps {
		if step := object(s); step != nil && step["provider"] == nil && misspelled(step, "provider", "steps[0]") == "" && r.copies < mostRewrites {
			step["provider"] = name
			r.under("provider", fmt.Sprintf("steps[%d].provider", i))
		}
	}
	r.moved([]stray{{key: "provider"}}, r.root, "", fmt.Sprintf("write provider: %s in each step", inFlow(name)))
}

// stepHead adds the id and the provider of a step.
func (r *rewriter) stepHead(step map[string]any, i int, at string) {
	names := r.connectionNames()
	heads := []struct{ key, value string }{{"id", fmt.Sprintf("step-%d", i+1)}}
	if len(names) == 1 {
		heads = append(heads, struct{ key, value string }{"provider", names[0]})
	}
	for _, one := range heads {
		if _, written := step[one.key]; !written && misspelled(step, one.key, at) == "" && !r.index.Merged[at] {
			step[one.key] = one.value
			r.report(at, true, fmt.Sprintf("the key %s is missing", one.key), fmt.Sprintf("add %s: %s", one.key, one.value))
		}
	}
}

// positionByType reads to: {type: timestamp, value: T}.
func (r *rewriter) positionByType(step map[string]any, at string) {
	o, at := object(step["to"]), at+".to"
	form, given := "", ""
	for _, key := range sortedKeys(o) {
		switch plainKey(key) {
		case "type", "kind", "strategy", "mode", "form":
			form = key
		case "value", "at", "position", "to":
			given = key
		default:
			return
		}
	}
	word := exactly(scalar(o[form]), targets)
	if form == "" || given == "" || word == "" || r.copies >= mostRewrites {
		return
	}
	inner := map[string]any{word: o[given]}
	r.under(at+"."+given, at+"."+word)
	r.index.Unknown[at+"."+form], r.index.Unknown[at+"."+given] = true, true
	r.report(at+"."+form, true, fmt.Sprintf("unknown keys %q and %q", form, given), "write to: "+r.flow(inner, at))
	step["to"] = inner
}

// numberOr returns a number or a text as the converter does.
func numberOr(text string) any {
	if text == "1" {
		return json.Number(text)
	}
	return text
}

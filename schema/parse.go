package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// mostFaults is how many faults of one file are shown.
const mostFaults = 100

// Parse reads a plan. values are the texts given for its parameters, by name.
// The result is a whole Document or every fault of the file, in the order of
// its lines.
func Parse(file string, source []byte, values map[string]string) (*Document, Faults) {
	doc, faults := Read(file, source, GivenTexts(values))
	if len(faults) > 0 {
		return nil, faults
	}
	return doc, nil
}

// Read reads a plan as Parse does, and returns with the faults what could be
// read in spite of them, so that what is decided from a Document can be checked
// in the same pass. Such a Document is never nil but for a text that is not a
// mapping; its Sound says which parts of it mean what was written.
func Read(file string, source []byte, given Given) (*Document, Faults) {
	go definitions[Plan]() // while the file becomes a value
	go stepRules()
	t := newText(file, source)
	root, fault := t.node(plansLimit)
	if fault != nil {
		return nil, Faults{*fault}
	}
	if f := t.versionFault(root, "version"); f != nil {
		return nil, Faults{*f}
	}
	inputs := t.declared(root)
	c := newConverter(t, &parameters{declared: inputs})
	c.index.keysOf(root)
	filled, faults := c.index.fill(inputs, given)
	c.params = filled
	value := c.value(root, "", 0)
	if c.full {
		return nil, c.faults.Report()
	}
	faults = append(faults, c.faults...)
	beginWith(value)
	b := newBuilder(c.index)
	b.validate(definitions[Plan](), value, "")
	doc := b.document(value)
	b.misspelt()
	faults = slices.DeleteFunc(append(faults, b.faults...), func(f Fault) bool { return f.Reason == noValue && c.index.underUnknown(f.Where) })
	sum := sha256.Sum256(source)
	doc.File, doc.Source, doc.nodes = file, source, c.index
	doc.Digest = "sha256:" + hex.EncodeToString(sum[:])
	doc.Params, doc.Values = inputs, filled.values
	doc.wrong = map[string]bool{}
	for _, f := range faults {
		doc.unsound(f.Where)
	}
	for path := range c.index.standIns {
		doc.unsound(path)
	}
	return doc, faults.Report()
}

// underUnknown reports whether a path is that of an unknown key, or under it.
func (x *nodeIndex) underUnknown(path string) bool {
	for ; path != ""; path = parent(path) {
		if x.unknown[path] {
			return true
		}
	}
	return false
}

// beginWith compiles, on other cores, the branches of the schema that a plan
// will want, while this one compiles the trunk.
func beginWith(value any) {
	plan, _ := value.(map[string]any)
	providers, _ := plan["providers"].(map[string]any)
	wanted := map[string]bool{}
	for _, p := range providers {
		provider, _ := p.(map[string]any)
		wanted[scalar(provider["type"])] = true
	}
	all := branches()
	for kind := range wanted {
		for _, name := range []string{"provider-" + kind, "target-" + kind} {
			if compile := all[name]; compile != nil {
				go compile()
			}
		}
	}
}

// versionFault reports a file that a newer resetplan wrote, before anything
// else in it is checked.
func (t *text) versionFault(root *yaml.Node, key string) *Fault {
	n := child(root, key)
	if n == nil || n.ShortTag() != "!!int" || n.Value == "1" {
		return nil
	}
	if _, m := spelling(n.Value); m.write == "1" {
		return nil // reported as a number
	}
	f := t.fault(n.Line, n.Column, fmt.Sprintf("version %s is not supported: this resetplan reads version 1", shorten(n.Value)), "write version: 1"+when(n.Value == "0" || n.Value[0] == '-', "", ", or use a newer resetplan for a newer file"))
	f.Where = key
	return &f
}

// keysOf notes the places of the top-level keys and the parameters, which are
// needed before the values are converted.
func (x *nodeIndex) keysOf(root *yaml.Node) {
	x.values[""] = root
	if root.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key := root.Content[i].Value
		x.keys[key], x.values[key] = root.Content[i], root.Content[i+1]
	}
	params := child(root, "params")
	if params == nil || params.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(params.Content); i += 2 {
		at := "params." + params.Content[i].Value
		x.keys[at], x.values[at] = params.Content[i], params.Content[i+1]
		if d := child(params.Content[i+1], "default"); d != nil {
			x.values[at+".default"] = d
		}
	}
}

// Report sorts faults, drops repetitions and hidden lines, and ends a list that
// grows too long with the number of those left out.
func (fs Faults) Report() Faults {
	fs.Sort()
	type place struct {
		file string
		line int
	}
	hidden := map[place]bool{}
	for _, f := range fs {
		if f.secret {
			hidden[place{f.File, f.Line}] = true
		}
	}
	var out Faults
	more := 0
	seen := map[string]bool{}
	for _, f := range fs {
		more += f.more + f.others
		f.others = 0
		if f.more > 0 || f.silent {
			continue
		}
		if hidden[place{f.File, f.Line}] {
			f.Source = ""
		}
		if key := f.Error(); !seen[key] {
			seen[key] = true
			out = append(out, f)
		}
	}
	if over := len(out) - mostFaults; over > 0 {
		more, out = more+over, out[:mostFaults]
	}
	if more > 0 {
		last := Fault{Reason: fmt.Sprintf("and %d more errors", more), Remedy: "correct these first", more: more}
		if len(out) > 0 {
			last.File = out[0].File
		}
		out = append(out, last)
	}
	return out
}

package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"gopkg.in/yaml.v3"
)

// mostFaults is how many faults of one file are told.
const mostFaults = 100

// Parse reads a plan. values are the texts given for its parameters, by name.
// The result is a whole Document or every fault of the file, in the order of
// its lines.
func Parse(file string, source []byte, values map[string]string) (*Document, Faults) {
	go definitions[Plan]() // while the file becomes a value
	t := newText(file, source)
	root, fault := t.node(maxBytes)
	if fault != nil {
		return nil, Faults{*fault}
	}
	if f := t.versionFault(root, "version"); f != nil {
		return nil, Faults{*f}
	}
	inputs := t.declared(root)
	c := newConverter(t, &parameters{declared: inputs})
	c.index.keysOf(root)
	given, faults := c.index.fill(inputs, values)
	c.params = given
	value := c.value(root, "", 0)
	faults = append(faults, c.faults...)
	if c.nodes > maxNodes {
		return nil, c.faults.told()
	}
	beginWith(value)
	faults = append(faults, c.index.validate(definitions[Plan](), value, "")...)
	b := &builder{index: c.index, clean: len(faults) == 0}
	doc := b.document(value)
	if faults = append(faults, b.faults...); len(faults) > 0 {
		return nil, faults.told()
	}
	sum := sha256.Sum256(source)
	doc.File, doc.Source, doc.nodes = file, source, c.index
	doc.Digest = "sha256:" + hex.EncodeToString(sum[:])
	doc.Params, doc.Values = inputs, given.values
	return doc, nil
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

// ParseParams reads a file of parameter values: one flat mapping.
func ParseParams(file string, source []byte) (map[string]string, Faults) {
	t := newText(file, source)
	root, fault := t.node(maxBytes)
	if fault != nil {
		return nil, Faults{*fault}
	}
	c := newConverter(t, nil)
	value := c.value(root, "", 0)
	if len(c.faults) > 0 {
		return nil, c.faults.told()
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, Faults{t.fault(root.Line, root.Column, "a file of parameters is one mapping of names and values", "write name: value")}
	}
	out := map[string]string{}
	for _, name := range sortedKeys(object) {
		switch v := object[name].(type) {
		case map[string]any, []any, nil:
			c.faults = append(c.faults, c.index.fault(name, false, "a parameter's value is one text, number or truth value", "write one scalar"))
		default:
			out[name] = fmt.Sprint(v)
		}
	}
	if len(c.faults) > 0 {
		return nil, c.faults.told()
	}
	return out, nil
}

// versionFault tells of a file that a newer resetplan wrote before anything
// else in it is looked at.
func (t *text) versionFault(root *yaml.Node, key string) *Fault {
	n := child(root, key)
	if n == nil || n.ShortTag() != "!!int" || n.Value == "1" {
		return nil
	}
	f := t.fault(n.Line, n.Column, fmt.Sprintf("this file is of version %s, and this resetplan reads version 1", shorten(n.Value)), "use the resetplan that wrote it, or a newer one")
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

// told sorts faults, drops repetitions and cuts the list where it says
// nothing new.
func (fs Faults) told() Faults {
	fs.Sort()
	hidden := map[int]bool{}
	for _, f := range fs {
		hidden[f.Line] = hidden[f.Line] || f.secret
	}
	for i := range fs {
		if hidden[fs[i].Line] {
			fs[i].Source = ""
		}
	}
	var out Faults
	seen := map[string]bool{}
	for _, f := range fs {
		if key := f.Error(); !seen[key] {
			seen[key] = true
			out = append(out, f)
		}
	}
	if more := len(out) - mostFaults; more > 0 {
		out = append(out[:mostFaults], Fault{File: out[0].File, Reason: fmt.Sprintf("and %d more faults", more), Remedy: "correct these first"})
	}
	return out
}

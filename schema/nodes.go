package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A nodeIndex knows the place of each key and value of a document.
type nodeIndex struct {
	text     *text
	values   map[string]*yaml.Node // by path: "steps[0].to"
	keys     map[string]*yaml.Node // the key that names the value
	standIns map[string]Fault      // values that only stand in for those meant, and the fault that says why
	numbers  map[string]misspelt   // numbers that are not written as this format writes them
}

// A converter turns nodes into plain JSON values: string, bool, nil,
// json.Number, []any and map[string]any. Timestamps stay text.
type converter struct {
	index     *nodeIndex
	params    *parameters // nil: nothing is substituted
	noAliases bool
	nodes     int
	bytes     int // of all scalars, aliases and parameters expanded
	paths     int // of all paths
	full      bool
	unknown   map[string]bool // unknown parameters that are reported, by path and name
	faults    Faults
}

func newConverter(t *text, p *parameters) *converter {
	return &converter{params: p, index: &nodeIndex{text: t, values: map[string]*yaml.Node{}, keys: map[string]*yaml.Node{},
		standIns: map[string]Fault{}, numbers: map[string]misspelt{}}}
}

// manyFaults is how many faults of one kind are made; more are only counted,
// in the order of the document.
const manyFaults = 500

func (c *converter) fault(n *yaml.Node, where, reason, remedy string) {
	if len(c.faults) > manyFaults {
		c.faults[0].others++
		return
	}
	f := c.index.text.fault(n.Line, n.Column, reason, remedy)
	f.Where = spelt(where)
	c.faults = append(c.faults, f)
}

// refuse reports a fault of a value, for which nothing but it is said.
func (c *converter) refuse(n *yaml.Node, path, reason, remedy string) any {
	c.fault(n, path, reason, remedy)
	c.stoodIn(path, c.faults[len(c.faults)-1])
	return nil
}

// fits counts what is expanded, and ends the conversion beyond the limit.
func (c *converter) fits(n *yaml.Node, path string, size, depth int) bool {
	c.nodes++
	c.bytes += size
	c.paths += len(path)
	if c.full {
		return false
	}
	if c.nodes > maxNodes || depth > maxDepth || c.bytes > maxBytes || c.paths > maxPaths {
		c.overflow(n)
	}
	return !c.full
}

func (c *converter) overflow(n *yaml.Node) {
	c.full, c.faults = true, nil
	c.fault(n, "", "the document is too large or too deeply nested (after expanding aliases and parameters)", "write fewer or shorter values, without aliases of aliases")
}

func (c *converter) value(n *yaml.Node, path string, depth int) any {
	if !c.fits(n, path, len(n.Value), depth) {
		return nil
	}
	c.index.values[path] = n
	switch n.Kind {
	case yaml.AliasNode:
		if c.noAliases {
			return c.refuse(n, path, "aliases are not allowed in a file that resetplan writes", "restore it from version control")
		}
		return c.value(n.Alias, path, depth+1)
	case yaml.MappingNode, yaml.SequenceNode:
		if n.Tag != "" && !strings.HasPrefix(n.Tag, "!!") {
			return c.refuse(n, path, "the tag "+shorten(n.Tag)+" is not supported", "remove it")
		}
		if n.Kind == yaml.MappingNode {
			return c.mapping(n, path, depth)
		}
		out := make([]any, 0, len(n.Content))
		for i, item := range n.Content {
			if c.full {
				break
			}
			out = append(out, c.value(item, path+"["+strconv.Itoa(i)+"]", depth+1))
		}
		return out
	}
	return c.scalar(n, path)
}

func (c *converter) mapping(n *yaml.Node, path string, depth int) any {
	out := make(map[string]any, len(n.Content)/2)
	lines := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content) && !c.full; i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.AliasNode && !c.noAliases {
			key = key.Alias
		}
		if reason, remedy := badKey(key); reason != "" {
			c.fault(n.Content[i], path, reason, remedy)
			continue
		}
		if first, twice := lines[key.Value]; twice {
			c.fault(n.Content[i], path, fmt.Sprintf("duplicate key %q (first on line %d)", shorten(spelt(key.Value)), first), "keep one of them")
			continue
		}
		if c.params != nil && strings.Contains(strings.ReplaceAll(key.Value, "$${", ""), "${") {
			c.fault(n.Content[i], path, fmt.Sprintf("the key %q contains a parameter, and parameters are only replaced in values", shorten(spelt(key.Value))), "write the key out")
		}
		lines[key.Value] = n.Content[i].Line
		at := join(path, key.Value)
		c.index.keys[at] = n.Content[i]
		c.bytes += len(key.Value)
		out[key.Value] = c.value(value, at, depth+1)
	}
	return out
}

// badKey returns what is wrong with a key, whatever it names.
func badKey(key *yaml.Node) (reason, remedy string) {
	switch {
	case key.Kind != yaml.ScalarNode:
		return "a key must be a word or a number", "write it as one scalar"
	case key.ShortTag() == "!!merge":
		return "merge keys (<<) are not supported: write the keys out", "or repeat a whole value with an alias, such as guards: *common"
	case key.ShortTag() == "!!binary" || strings.HasPrefix(key.Tag, "!") && !strings.HasPrefix(key.Tag, "!!"):
		return fmt.Sprintf("a key cannot have the tag %s", shorten(key.Tag)), "remove the tag"
	case len(key.Value) > maxKey:
		return fmt.Sprintf("a key of %d characters is too long", len([]rune(key.Value))), fmt.Sprintf("write at most %d", maxKey)
	case key.Value == "":
		return "an empty key", "write a name before the colon"
	}
	return "", ""
}

func (c *converter) scalar(n *yaml.Node, path string) any {
	tag := n.ShortTag()
	if !strings.HasPrefix(n.Tag, "!!") && n.Tag != "" && n.Tag != "!" {
		return c.refuse(n, path, "the tag "+shorten(n.Tag)+" is not supported", "remove it; text is written in quotes")
	}
	if tag == "!!str" && c.params != nil && path != "version" {
		return c.substituted(n, path)
	}
	switch tag {
	case "!!str", "!!timestamp":
		return n.Value
	case "!!null":
		if c.noAliases { // files of our own may say that there is nothing
			return nil
		}
		return c.refuse(n, path, "no value given", "write a value, or remove the key")
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		return c.number(n, path)
	}
	return c.refuse(n, path, "the tag "+shorten(tag)+" is not supported", "remove it; text is written in quotes")
}

// number converts a number. One that is not written in decimal digits keeps
// the value that a person would read, and is reported if the place takes it.
func (c *converter) number(n *yaml.Node, path string) any {
	value, m := spelling(n.Value)
	if value == "" {
		return c.refuse(n, path, fmt.Sprintf("%s is not a number that can be used here", shorten(n.Value)), "write a plain number")
	}
	if m.write != "" {
		c.index.numbers[path] = m
	}
	return json.Number(value)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// place returns the node of a path, of the key that names it if key is set,
// or of its nearest ancestor that exists.
func (x *nodeIndex) place(path string, key bool) *yaml.Node {
	for {
		if n := x.keys[path]; key && n != nil {
			return n
		}
		if n := x.values[path]; n != nil {
			return n
		}
		if path == "" {
			return nil
		}
		path, key = parent(path), true
	}
}

// parent returns the path of what holds the value at a path. A key may itself
// have brackets and dots in it; then it is a path that nothing is found at.
func parent(path string) string {
	if at := strings.LastIndexByte(path, '['); at >= 0 && strings.HasSuffix(path, "]") {
		return path[:at]
	}
	if at := strings.LastIndexByte(path, '.'); at >= 0 {
		return path[:at]
	}
	return ""
}

// fault places a fault at a path; with key set it points at the key that
// names the value. What is wrong with a stand-in follows from the fault that
// explains it, which is then repeated, and so shown once.
func (x *nodeIndex) fault(path string, key bool, reason, remedy string) Fault {
	if f, ok := x.standIns[path]; ok && !key {
		return f
	}
	line, column := 1, 1
	if n := x.place(path, key); n != nil {
		line, column = n.Line, n.Column
	}
	f := x.text.fault(line, column, reason, remedy)
	f.Where = spelt(path)
	return f
}

// Fault places a fault at a path of the document, such as "steps", 0, "to".
func (d *Document) Fault(reason, remedy string, path ...any) Fault {
	where := pathOf(path)
	if d.nodes == nil {
		return Fault{File: d.File, Where: where, Reason: reason, Remedy: remedy}
	}
	return d.nodes.fault(where, false, reason, remedy)
}

func pathOf(path []any) string {
	where := ""
	for _, p := range path {
		switch p := p.(type) {
		case int:
			where += fmt.Sprintf("[%d]", p)
		case string:
			where = join(where, p)
		}
	}
	return where
}

// shorten is for values that are quoted.
func shorten(s string) string { return brief(s, 60) }

// brief cuts a text to so many characters, between words if it can.
func brief(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	cut := string(r[:most-3])
	if at := strings.LastIndexByte(cut, ' '); at > len(cut)/2 {
		cut = cut[:at]
	}
	return cut + "..."
}

package schema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A nodeIndex knows where each key and value of a document stands.
type nodeIndex struct {
	text     *text
	values   map[string]*yaml.Node // by path: "steps[0].to"
	keys     map[string]*yaml.Node // the key that names the value
	standIns map[string]Fault      // the values that only stand in for those meant, and the fault that told so
}

// A converter turns nodes into plain JSON values: string, bool, nil,
// json.Number, []any and map[string]any. Timestamps stay text.
type converter struct {
	index  *nodeIndex
	params *parameters // nil: nothing is substituted
	nodes  int
	faults Faults
}

func newConverter(t *text, p *parameters) *converter {
	return &converter{params: p, index: &nodeIndex{text: t, values: map[string]*yaml.Node{}, keys: map[string]*yaml.Node{}, standIns: map[string]Fault{}}}
}

func (c *converter) fault(n *yaml.Node, where, reason, remedy string) {
	f := c.index.text.fault(n.Line, n.Column, reason, remedy)
	f.Where = where
	c.faults = append(c.faults, f)
}

func (c *converter) value(n *yaml.Node, path string, depth int) any {
	c.nodes++
	if c.nodes > maxNodes || depth > maxDepth {
		if c.nodes <= maxNodes || c.nodes == maxNodes+1 {
			c.fault(n, path, "the document is larger or deeper than any plan needs, its aliases counted out", "write it flat, without aliases of aliases")
		}
		c.nodes = max(c.nodes, maxNodes+1)
		return nil
	}
	c.index.values[path] = n
	switch n.Kind {
	case yaml.AliasNode:
		return c.value(n.Alias, path, depth+1)
	case yaml.MappingNode:
		return c.mapping(n, path, depth)
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for i, item := range n.Content {
			out = append(out, c.value(item, fmt.Sprintf("%s[%d]", path, i), depth+1))
		}
		return out
	}
	return c.scalar(n, path)
}

func (c *converter) mapping(n *yaml.Node, path string, depth int) any {
	out := make(map[string]any, len(n.Content)/2)
	lines := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		switch {
		case key.Kind != yaml.ScalarNode:
			c.fault(key, path, "a key must be a word or a number", "write it as one scalar")
			continue
		case key.ShortTag() == "!!merge":
			c.fault(key, path, "merge keys (<<) are not read: what a step says must stand in it", "write the keys out")
			continue
		case key.ShortTag() == "!!binary" || strings.HasPrefix(key.Tag, "!") && !strings.HasPrefix(key.Tag, "!!"):
			c.fault(key, path, fmt.Sprintf("a key with the tag %s is not read", key.Tag), "remove the tag")
			continue
		}
		if first, twice := lines[key.Value]; twice {
			c.fault(key, path, fmt.Sprintf("the key %q stands here a second time; the first is in line %d", key.Value, first), "keep one of them")
			continue
		}
		lines[key.Value] = key.Line
		at := join(path, key.Value)
		c.index.keys[at] = n.Content[i]
		out[key.Value] = c.value(value, at, depth+1)
	}
	return out
}

func (c *converter) scalar(n *yaml.Node, path string) any {
	tag := n.ShortTag()
	if tag == "!!str" && c.params != nil && !strings.HasPrefix(path, "params.") && path != "version" {
		return c.substituted(n, path)
	}
	switch tag {
	case "!!str", "!!timestamp":
		return n.Value
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int":
		if v, ok := new(big.Int).SetString(strings.ReplaceAll(n.Value, "_", ""), 0); ok {
			return json.Number(v.String())
		}
	case "!!float":
		if v, err := strconv.ParseFloat(n.Value, 64); err == nil {
			if b, err := json.Marshal(v); err == nil {
				return json.Number(b)
			}
		}
		c.fault(n, path, fmt.Sprintf("%q is not a number that can be used here", shorten(n.Value)), "write a plain number")
		return nil
	}
	c.fault(n, path, fmt.Sprintf("a value with the tag %s is not read", tag), "write it as plain text or number")
	return nil
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

func parent(path string) string {
	if strings.HasSuffix(path, "]") {
		return path[:strings.LastIndexByte(path, '[')]
	}
	if at := strings.LastIndexByte(path, '.'); at >= 0 {
		return path[:at]
	}
	return ""
}

// fault places a fault at a path; with key set it points at the key that
// names the value. What is wrong with a stand-in follows from the fault that
// it came of, which is then told once more, and so once.
func (x *nodeIndex) fault(path string, key bool, reason, remedy string) Fault {
	if f, ok := x.standIns[path]; ok && !key {
		return f
	}
	line, column := 1, 1
	if n := x.place(path, key); n != nil {
		line, column = n.Line, n.Column
	}
	f := x.text.fault(line, column, reason, remedy)
	f.Where = path
	return f
}

// Fault places a fault at a path of the document, such as "steps", 0, "to".
func (d *Document) Fault(reason, remedy string, path ...any) Fault {
	where := ""
	for _, p := range path {
		switch p := p.(type) {
		case int:
			where += fmt.Sprintf("[%d]", p)
		case string:
			where = join(where, p)
		}
	}
	if d.nodes == nil {
		return Fault{File: d.File, Where: where, Reason: reason, Remedy: remedy}
	}
	return d.nodes.fault(where, false, reason, remedy)
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return s
}

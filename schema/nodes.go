package schema

import (
	"encoding/json"
	"fmt"
	"slices"
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
	unknown  map[string]bool       // unknown keys that are reported
	merged   map[string]bool       // mappings with merge keys, of which more is meant than is written
	numbers  map[string]misspelt   // numbers that are not written as this format writes them
}

// A converter turns nodes into plain JSON values: string, bool, nil,
// json.Number, []any and map[string]any. Timestamps stay text.
type converter struct {
	index     *nodeIndex
	params    *parameters // nil: nothing is substituted
	noAliases bool
	aliased   []*yaml.Node // the values of the aliases around the one that is converted
	nodes     int
	bytes     int // of all scalars, aliases and parameters expanded
	paths     int // of all paths
	full      bool
	unknown   map[string]bool // unknown parameters that are reported, by path and name
	faults    Faults
}

func newConverter(t *text, p *parameters) *converter {
	return &converter{params: p, index: &nodeIndex{text: t, values: map[string]*yaml.Node{}, keys: map[string]*yaml.Node{},
		standIns: map[string]Fault{}, unknown: map[string]bool{}, merged: map[string]bool{}, numbers: map[string]misspelt{}}}
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
	f.Where, f.Step = spelt(where), c.index.stepOf(where)
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
		if slices.Contains(c.aliased, n.Alias) {
			return c.refuse(n, path, fmt.Sprintf("the alias *%s contains itself", shorten(n.Value)), "write the value out")
		}
		c.aliased = append(c.aliased, n.Alias)
		defer func() { c.aliased = c.aliased[:len(c.aliased)-1] }()
		return c.value(n.Alias, path, depth+1)
	case yaml.MappingNode, yaml.SequenceNode:
		if n.Tag != "" && !strings.HasPrefix(n.Tag, "!!") {
			return c.refuse(n, path, "the tag "+shorten(n.Tag)+" is not supported", "remove it")
		}
		if most, what := c.most(n, path); what != "" {
			return c.refuse(n, path, fmt.Sprintf("more than %d %s, the limit", most, what), "split the plan")
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

// The most that one mapping or list of a plan may hold. A fault of each of very
// many would cost more than the plan is worth.
const (
	mostItems     = 10_000
	mostPositions = 100_000
	mostParams    = 1_000
)

// most returns the limit that a mapping or a list exceeds, and of what, or "".
func (c *converter) most(n *yaml.Node, path string) (most int, what string) {
	size, what, most := len(n.Content), "items", mostItems
	if n.Kind == yaml.MappingNode {
		size, what = size/2, "keys"
	}
	switch {
	case path == "params":
		most = mostParams
	case strings.Contains(path, ".to.offsets"), strings.HasSuffix(path, ".to.checkpoints"):
		most = mostPositions
	}
	if size <= most || c.noAliases {
		return 0, ""
	}
	return most, what
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
			if c.fault(n.Content[i], path, reason, remedy); key.Kind != yaml.ScalarNode {
				c.stoodIn(path, c.faults[len(c.faults)-1])
				return nil
			}
			c.index.merged[path] = c.index.merged[path] || key.ShortTag() == "!!merge"
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
		return "a key must be a word or a number", "write a word before the colon; a template such as {{ name }} must be filled in first"
	case key.ShortTag() == "!!merge":
		return "merge keys (<<) are not supported", "write the keys out, or repeat a whole value with an alias, such as guards: *common"
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
		return c.refuse(n, path, noValue, c.withoutValue(n, path))
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		return c.number(n, path)
	}
	return c.refuse(n, path, "the tag "+shorten(tag)+" is not supported", "remove it; text is written in quotes")
}

const noValue = "no value given"

// withoutValue says what to do about a key without a value.
func (c *converter) withoutValue(n *yaml.Node, path string) string {
	if path == "" {
		return "`resetplan init` writes a plan to start from"
	}
	if n.Line >= 1 && n.Line <= len(c.index.text.lines) {
		l := []rune(c.index.text.lines[n.Line-1])
		at := min(max(n.Column-1, 0), len(l))
		if rest := strings.TrimLeft(string(l[at:]), " "); n.Value == "" && len(rest) > 1 && rest[0] == '#' && rest[1] != ' ' {
			return "put quotes around a value that begins with #, which begins a comment"
		}
	}
	return "write a value, or remove the key"
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

// Package tree turns YAML nodes into plain JSON values with the parameters filled
// in, and remembers the place of each key and value for later errors.
package tree

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/resetplan/resetplan/schema/yamltext"
	"gopkg.in/yaml.v3"
)

// A Converter turns nodes into plain JSON values: string, bool, nil,
// json.Number, []any and map[string]any. Timestamps stay text.
type Converter struct {
	Index     *Index
	Params    *Parameters // nil: nothing is substituted
	noAliases bool
	aliased   []*yaml.Node // the values of the aliases around the one that is converted
	nodes     int
	bytes     int // of all scalars, aliases and parameters expanded
	paths     int // of all paths
	Full      bool
	unknown   map[string]bool // unknown parameters that are reported, by path and name
	Errors    diag.Errors
}

func NewConverter(t *diag.Source, p *Parameters) *Converter {
	return &Converter{Params: p, Index: &Index{source: t, Values: map[string]*yaml.Node{}, Keys: map[string]*yaml.Node{},
		Placeholders: map[string]diag.Error{}, Filled: map[string]string{}, Unknown: map[string]bool{},
		Merged: map[string]bool{}, Numbers: map[string]literal.Misspelling{}}}
}

func (c *Converter) report(n *yaml.Node, where, reason, remedy string) {
	if len(c.Errors) > diag.MostCollected {
		c.Errors[0].Omitted++
		return
	}
	f := c.Index.source.Error(n.Line, n.Column, reason, remedy)
	f.Path, f.Step = diag.MaskSecret(where), c.Index.stepOf(where)
	c.Errors = append(c.Errors, f)
}

// OwnFile converts a file that resetplan wrote: it has no aliases, and may be as
// large as what it records.
func (c *Converter) OwnFile() {
	c.noAliases = true
	c.nodes, c.bytes, c.paths = -10*yamltext.MaxNodes, -yamltext.MaxSaved, -8*yamltext.MaxPaths
}

// refuse reports an error of a value, which hides all other errors of the value.
func (c *Converter) refuse(n *yaml.Node, path, reason, remedy string) any {
	c.report(n, path, reason, remedy)
	c.stoodIn(path, c.Errors[len(c.Errors)-1])
	return nil
}

// fits counts what is expanded, and ends the conversion at the limit.
func (c *Converter) fits(n *yaml.Node, path string, size, depth int) bool {
	c.nodes++
	c.bytes += size
	c.paths += len(path)
	if c.Full {
		return false
	}
	if c.nodes > yamltext.MaxNodes || depth > yamltext.MaxDepth || c.bytes > yamltext.MaxBytes || c.paths > yamltext.MaxPaths {
		c.overflow(n)
	}
	return !c.Full
}

func (c *Converter) overflow(n *yaml.Node) {
	c.Full, c.Errors = true, nil
	c.report(n, "", "the document is too large or too deeply nested (after expanding aliases and parameters)",
		"write fewer or shorter values, without aliases of aliases")
}

func (c *Converter) Value(n *yaml.Node, path string, depth int) any {
	if !c.fits(n, path, len(n.Value), depth) {
		return nil
	}
	c.Index.Values[path] = n
	switch n.Kind {
	case yaml.AliasNode:
		if c.noAliases {
			return c.refuse(n, path, "aliases are not allowed in a file that resetplan writes", "restore it from version control")
		}
		if slices.Contains(c.aliased, n.Alias) {
			return c.refuse(n, path, fmt.Sprintf("the alias *%s contains itself", diag.Shorten(n.Value)), "write the value out")
		}
		c.aliased = append(c.aliased, n.Alias)
		defer func() { c.aliased = c.aliased[:len(c.aliased)-1] }()
		return c.Value(n.Alias, path, depth+1)
	case yaml.MappingNode, yaml.SequenceNode:
		if n.Tag != "" && !strings.HasPrefix(n.Tag, "!!") {
			return c.refuse(n, path, "the tag "+diag.Shorten(n.Tag)+" is not supported", "remove it")
		}
		if most, what := c.most(n, path); what != "" {
			return c.refuse(n, path, fmt.Sprintf("more than %d %s, the limit", most, what), "split the plan")
		}
		if n.Kind == yaml.MappingNode {
			return c.mapping(n, path, depth)
		}
		out := make([]any, 0, len(n.Content))
		for i, item := range n.Content {
			if c.Full {
				break
			}
			out = append(out, c.Value(item, path+"["+strconv.Itoa(i)+"]", depth+1))
		}
		return out
	}
	return c.scalar(n, path)
}

// The maximum sizes of one mapping or list of a plan, so that the number of errors
// is bounded too.
const (
	MostItems     = 10_000
	mostPositions = 100_000
	mostParams    = 1_000
)

// most returns the limit that a mapping or a list exceeds, and what it counts, or
// "".
func (c *Converter) most(n *yaml.Node, path string) (most int, what string) {
	size, what, most := len(n.Content), "items", MostItems
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

func (c *Converter) mapping(n *yaml.Node, path string, depth int) any {
	out := make(map[string]any, len(n.Content)/2)
	lines := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content) && !c.Full; i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.AliasNode && !c.noAliases {
			key = key.Alias
		}
		if reason, remedy := badKey(key); reason != "" {
			if c.report(n.Content[i], path, reason, remedy); key.Kind != yaml.ScalarNode {
				c.stoodIn(path, c.Errors[len(c.Errors)-1])
				return nil
			}
			c.Index.Merged[path] = c.Index.Merged[path] || key.ShortTag() == "!!merge"
			continue
		}
		if first, twice := lines[key.Value]; twice {
			c.report(n.Content[i], path, fmt.Sprintf("duplicate key %q (first on line %d)", diag.Shorten(diag.MaskSecret(key.Value)), first),
				"keep one of them")
			continue
		}
		if c.Params != nil && strings.Contains(strings.ReplaceAll(key.Value, "$${", ""), "${") {
			c.report(n.Content[i], path, fmt.Sprintf("the key %q contains a parameter, and parameters are only replaced in values",
				diag.Shorten(diag.MaskSecret(key.Value))), "write the key out")
		}
		lines[key.Value] = n.Content[i].Line
		at := Join(path, key.Value)
		c.Index.Keys[at] = n.Content[i]
		c.bytes += len(key.Value)
		out[key.Value] = c.Value(value, at, depth+1)
	}
	return out
}

// badKey returns why a key is invalid anywhere, or "".
func badKey(key *yaml.Node) (reason, remedy string) {
	switch {
	case key.Kind != yaml.ScalarNode:
		return "a key must be a word or a number", "write a word before the colon; a template such as {{ name }} must be filled in first"
	case key.ShortTag() == "!!merge":
		return "merge keys (<<) are not supported", "write the keys out, or repeat a whole value with an alias, such as guards: *common"
	case key.ShortTag() == "!!binary" || strings.HasPrefix(key.Tag, "!") && !strings.HasPrefix(key.Tag, "!!"):
		return fmt.Sprintf("a key cannot have the tag %s", diag.Shorten(key.Tag)), "remove the tag"
	case len(key.Value) > yamltext.MaxKey:
		return fmt.Sprintf("a key of %d characters is too long", len([]rune(key.Value))), fmt.Sprintf("write at most %d", yamltext.MaxKey)
	case key.Value == "":
		return "an empty key", "write a name before the colon"
	}
	return "", ""
}

func (c *Converter) scalar(n *yaml.Node, path string) any {
	tag := n.ShortTag()
	if !strings.HasPrefix(n.Tag, "!!") && n.Tag != "" && n.Tag != "!" {
		return c.refuse(n, path, "the tag "+diag.Shorten(n.Tag)+" is not supported", "remove it; text is written in quotes")
	}
	if tag == "!!str" && c.Params != nil && path != "version" {
		return c.substituted(n, path)
	}
	switch tag {
	case "!!str", "!!timestamp":
		return n.Value
	case "!!null":
		if c.noAliases { // allowed in the files that resetplan writes
			return nil
		}
		return c.refuse(n, path, NoValue, c.withoutValue(n, path))
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		return c.number(n, path)
	}
	return c.refuse(n, path, "the tag "+diag.Shorten(tag)+" is not supported", "remove it; text is written in quotes")
}

const NoValue = "no value given"

// withoutValue returns the remedy for a key without a value.
func (c *Converter) withoutValue(n *yaml.Node, path string) string {
	if path == "" {
		return "`resetplan init` writes a plan to start from"
	}
	if n.Line >= 1 && n.Line <= len(c.Index.source.Lines) {
		l := []rune(c.Index.source.Lines[n.Line-1])
		at := min(max(n.Column-1, 0), len(l))
		if rest := strings.TrimLeft(string(l[at:]), " "); n.Value == "" && len(rest) > 1 && rest[0] == '#' && rest[1] != ' ' {
			return "put quotes around a value that begins with #, which begins a comment"
		}
	}
	return "write a value, or remove the key"
}

// number converts a number. One that is not written in plain digits is
// converted to the value that was probably meant, and reported later if a number is
// valid there.
func (c *Converter) number(n *yaml.Node, path string) any {
	value, m := literal.ParseNumber(n.Value)
	if value == "" {
		return c.refuse(n, path, fmt.Sprintf("%s is not a number that can be used here", diag.Shorten(n.Value)), "write a plain number")
	}
	if m.Write != "" {
		c.Index.Numbers[path] = m
	}
	return json.Number(value)
}

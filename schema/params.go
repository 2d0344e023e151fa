package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// parameters are the declared inputs of a document and their values.
type parameters struct {
	declared []Param
	values   map[string]any
}

var reference = regexp.MustCompile(`\$\$\{|\$\{([^}]*)\}?`)

// substituted fills the references in a text. A text that is nothing but one
// reference becomes the parameter's own type.
func (c *converter) substituted(n *yaml.Node, path string) any {
	if !strings.Contains(n.Value, "${") {
		return n.Value
	}
	if m := reference.FindStringSubmatch(n.Value); m[0] == n.Value && m[0] != "$${" && strings.HasSuffix(m[0], "}") {
		v, _ := c.lookup(n, path, m[1])
		if i, ok := v.(int64); ok {
			return json.Number(strconv.FormatInt(i, 10))
		}
		return v
	}
	return reference.ReplaceAllStringFunc(n.Value, func(ref string) string {
		if ref == "$${" {
			return "${"
		}
		if !strings.HasSuffix(ref, "}") {
			c.fault(n, path, "${ without a closing brace", "write ${name}, or $${ for a literal ${")
			return ""
		}
		v, ok := c.lookup(n, path, ref[2:len(ref)-1])
		if !ok {
			return ""
		}
		return fmt.Sprint(v)
	})
}

// lookup returns a parameter's value. For one that has none it reports a
// fault and returns a stand-in of the declared type, so that the rest of the
// document is checked without noise.
func (c *converter) lookup(n *yaml.Node, path, name string) (any, bool) {
	if v, ok := c.params.values[name]; ok {
		return v, true
	}
	if at := slices.IndexFunc(c.params.declared, func(p Param) bool { return p.Name == name }); at >= 0 {
		return standIn(c.params.declared[at].Type), true // its fault was told at its declaration
	}
	var known []string
	for _, p := range c.params.declared {
		known = append(known, p.Name)
	}
	remedy := "declare it under params, or write $${ for a literal ${"
	if near := Nearest(name, known); near != "" {
		remedy = fmt.Sprintf("did you mean ${%s}?", near)
	}
	c.fault(n, path, fmt.Sprintf("there is no parameter %q", name), remedy)
	return nil, false
}

func standIn(kind string) any {
	switch kind {
	case "integer":
		return int64(0)
	case "boolean":
		return false
	case "timestamp":
		return "1970-01-01T00:00:00Z"
	case "duration":
		return "1s"
	}
	return "x"
}

// declared reads the declarations under params. Wrong ones are left out: the
// schema faults them.
func declared(root *yaml.Node) []Param {
	var out []Param
	params := child(root, "params")
	if params == nil || params.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(params.Content); i += 2 {
		n := params.Content[i+1]
		if n.Kind != yaml.MappingNode {
			continue
		}
		p := Param{Name: params.Content[i].Value, Type: scalarOf(child(n, "type")), Description: scalarOf(child(n, "description")), Pattern: scalarOf(child(n, "pattern"))}
		if d := child(n, "default"); d != nil && d.Kind == yaml.ScalarNode {
			p.Default, _ = p.typed(d.Value)
		}
		if e := child(n, "enum"); e != nil {
			for _, v := range e.Content {
				p.Enum = append(p.Enum, v.Value)
			}
		}
		out = append(out, p)
	}
	return out
}

func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func scalarOf(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// typed turns a given text into a value of the parameter's type.
func (p Param) typed(text string) (any, error) {
	var v any = text
	var err error
	switch p.Type {
	case "integer":
		n, e := strconv.ParseInt(text, 10, 64)
		if e != nil {
			return nil, fmt.Errorf("%q is not an integer", text)
		}
		v = n
	case "boolean":
		if text != "true" && text != "false" {
			return nil, fmt.Errorf("%q is neither true nor false", text)
		}
		v = text == "true"
	case "timestamp":
		_, err = parseInstant(text, "")
	case "duration":
		_, err = parseDuration(text)
	}
	if err != nil {
		return nil, err
	}
	if re, e := regexp.Compile("^(?:" + p.Pattern + ")$"); p.Pattern != "" && e == nil && !re.MatchString(text) {
		return nil, fmt.Errorf("%q does not match the pattern %s", text, p.Pattern)
	}
	if len(p.Enum) > 0 && !slices.Contains(p.Enum, any(text)) {
		return nil, fmt.Errorf("%q is not one of %s", text, strings.Trim(fmt.Sprint(p.Enum), "[]"))
	}
	return v, nil
}

// fill gives every declared parameter its value.
func (x *nodeIndex) fill(declared []Param, given map[string]string) (*parameters, Faults) {
	p := &parameters{declared: declared, values: map[string]any{}}
	var faults Faults
	var known []string
	for _, d := range declared {
		known = append(known, d.Name)
		text, ok := given[d.Name]
		if !ok && d.Default != nil {
			p.values[d.Name] = d.Default
			continue
		}
		if !ok {
			if d.Type != "" && !x.hasDefault(d.Name) {
				faults = append(faults, x.fault("params."+d.Name, true, fmt.Sprintf("parameter %s has no value", d.Name), fmt.Sprintf("give it with --set %s=…", d.Name)))
			}
			continue
		}
		v, err := d.typed(text)
		if err != nil {
			faults = append(faults, x.fault("params."+d.Name, true, fmt.Sprintf("the value given for parameter %s is wrong: %v", d.Name, err), "correct --set or --params"))
			continue
		}
		p.values[d.Name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, name) {
			remedy := "declare it under params, or leave it out"
			if near := Nearest(name, known); near != "" {
				remedy = fmt.Sprintf("did you mean %s?", near)
			}
			faults = append(faults, x.fault("params", true, fmt.Sprintf("a value is given for %q, but the plan declares no such parameter", name), remedy))
		}
	}
	return p, faults
}

// hasDefault reports whether a default is written; a written one that is not
// usable has its own fault.
func (x *nodeIndex) hasDefault(name string) bool { return x.values["params."+name+".default"] != nil }

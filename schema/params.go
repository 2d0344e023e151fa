package schema

import (
	"cmp"
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
	unset    map[string]Fault // by name: why a declared one has no value
}

var reference = regexp.MustCompile(`\$\$\{|\$\{([^}]*)\}?`)

// substituted fills the references in a text. A text that is nothing but one
// reference becomes the parameter's own type.
func (c *converter) substituted(n *yaml.Node, path string) any {
	if !strings.Contains(n.Value, "${") {
		return n.Value
	}
	if m := reference.FindStringSubmatch(n.Value); m[0] == n.Value && m[0] != "$${" && strings.HasSuffix(m[0], "}") {
		v := c.lookup(n, path, m[1])
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
			c.stoodIn(path, c.faults[len(c.faults)-1])
			return fmt.Sprint(standIn(""))
		}
		return fmt.Sprint(c.lookup(n, path, ref[2:len(ref)-1]))
	})
}

// lookup returns a parameter's value. For one that has none it reports a
// fault and returns a stand-in of the declared type, so that the rest of the
// document is checked without noise.
func (c *converter) lookup(n *yaml.Node, path, name string) any {
	if v, ok := c.params.values[name]; ok {
		return v
	}
	if at := slices.IndexFunc(c.params.declared, func(p Param) bool { return p.Name == name }); at >= 0 {
		if f, ok := c.params.unset[name]; ok { // told at its declaration
			c.stoodIn(path, f)
		}
		return standIn(c.params.declared[at].Type)
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
	c.stoodIn(path, c.faults[len(c.faults)-1])
	return standIn("")
}

// stoodIn notes why the value at a path is not the one that was meant.
func (c *converter) stoodIn(path string, why Fault) {
	if _, noted := c.index.standIns[path]; !noted {
		c.index.standIns[path] = why
	}
	if to, ok := strings.CutSuffix(path, ".timezone"); ok { // a time cannot be read without its zone
		c.stoodIn(to+".timestamp", why)
	}
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

// fill gives every declared parameter its value.
func (x *nodeIndex) fill(declared []Param, given map[string]string) (*parameters, Faults) {
	p := &parameters{declared: declared, values: map[string]any{}, unset: map[string]Fault{}}
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
				p.unset[d.Name] = x.fault("params."+d.Name, true, fmt.Sprintf("parameter %s has no value", d.Name), d.wanted())
				faults = append(faults, p.unset[d.Name])
			}
			continue
		}
		v, err := d.typed(text)
		if err != nil {
			wrong, remedy, _ := strings.Cut(err.Error(), "; ")
			p.unset[d.Name] = x.fault("params."+d.Name, true, fmt.Sprintf("the value given for parameter %s is wrong: %s", d.Name, wrong), cmp.Or(remedy, "correct it in --set or --params"))
			faults = append(faults, p.unset[d.Name])
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

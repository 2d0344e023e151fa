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

// substituted replaces the references in a text. A text that is nothing but
// one reference becomes the parameter's own type.
func (c *converter) substituted(n *yaml.Node, path string) any {
	if !strings.Contains(n.Value, "${") {
		return n.Value
	}
	if strings.HasPrefix(path, "params.") {
		return c.declaredText(n, path)
	}
	if m := reference.FindStringSubmatch(n.Value); m[0] == n.Value && m[0] != "$${" && strings.HasSuffix(m[0], "}") {
		v := c.lookup(n, path, m[1])
		if i, ok := v.(int64); ok {
			return json.Number(strconv.FormatInt(i, 10))
		}
		if s, ok := v.(string); ok {
			c.grow(n, len(s))
		}
		return v
	}
	var out strings.Builder
	rest := n.Value
	for !c.full {
		at := reference.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		out.WriteString(rest[:at[0]])
		value := c.filled(n, path, rest[at[0]:at[1]])
		if c.grow(n, len(value)) {
			out.WriteString(value)
		}
		rest = rest[at[1]:]
	}
	out.WriteString(rest)
	return out.String()
}

// grow counts what parameters add to the document.
func (c *converter) grow(n *yaml.Node, size int) bool {
	if c.bytes += size; c.bytes > maxBytes && !c.full {
		c.overflow(n)
	}
	return !c.full
}

// filled returns what one reference stands for.
func (c *converter) filled(n *yaml.Node, path, ref string) string {
	switch {
	case ref == "$${":
		return "${"
	case !strings.HasSuffix(ref, "}"):
		c.refuse(n, path, "${ without a closing brace", "write ${name}, or $${ for a literal ${")
		return fmt.Sprint(standIn(""))
	}
	return fmt.Sprint(c.lookup(n, path, ref[2:len(ref)-1]))
}

// declaredText reads a text of a declaration, in which nothing is replaced:
// defaults and allowed values hold no parameter, and a description may only
// mention one.
func (c *converter) declaredText(n *yaml.Node, path string) any {
	if strings.HasSuffix(path, ".pattern") {
		return n.Value
	}
	verbatim := strings.HasSuffix(path, ".default") || strings.Contains(path, ".enum")
	for _, m := range reference.FindAllStringSubmatch(n.Value, -1) {
		switch {
		case m[0] == "$${":
		case verbatim:
			return c.refuse(n, path, "a default or an allowed value cannot contain a parameter", "write the value out, or $${ for a literal ${")
		case strings.HasSuffix(m[0], "}"):
			c.lookup(n, path, m[1])
		}
	}
	if !verbatim {
		return n.Value
	}
	return literal(n.Value)
}

// lookup returns a parameter's value. For one without a value it reports a
// fault and returns a stand-in of the declared type, so that the rest of the
// document is checked without noise.
func (c *converter) lookup(n *yaml.Node, path, name string) any {
	if v, ok := c.params.values[name]; ok {
		return v
	}
	if at := slices.IndexFunc(c.params.declared, func(p Param) bool { return p.Name == name }); at >= 0 {
		if f, ok := c.params.unset[name]; ok { // reported at its declaration
			c.stoodIn(path, f)
		}
		return standIn(c.params.declared[at].Type)
	}
	remedy := "declare it under params, or write $${ for a literal ${"
	if len(c.faults) < manyFaults {
		if near := Nearest(name, c.params.names()); near != "" {
			remedy = fmt.Sprintf("did you mean ${%s}?", near)
		}
	}
	if key := path + " " + name; c.unknown[key] {
		return standIn("")
	} else if c.unknown == nil {
		c.unknown = map[string]bool{key: true}
	} else {
		c.unknown[key] = true
	}
	c.fault(n, path, fmt.Sprintf("unknown parameter %q", shorten(name)), remedy)
	c.stoodIn(path, c.faults[len(c.faults)-1])
	return standIn("")
}

func (p *parameters) names() []string {
	out := make([]string, len(p.declared))
	for i, d := range p.declared {
		out[i] = d.Name
	}
	return out
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

var types = []string{"string", "integer", "boolean", "timestamp", "duration"}

// fill gives every declared parameter its value.
func (x *nodeIndex) fill(declared []Param, given Given) (*parameters, Faults) {
	p := &parameters{declared: declared, values: map[string]any{}, unset: map[string]Fault{}}
	var faults Faults
	known := p.names()
	misnamed := map[string]string{} // by the name that is given: the declared one that was meant
	for name := range given {
		if !slices.Contains(known, name) {
			misnamed[name] = cmp.Or(exactly(name, known), Nearest(name, known))
		}
	}
	for _, d := range declared {
		g, ok := given[d.Name]
		switch {
		case !slices.Contains(types, d.Type): // has its own fault, and what follows from it is not shown
			p.unset[d.Name] = Fault{silent: true}
			continue
		case ok:
			v, err := d.typed(g.Text)
			if err == nil {
				p.values[d.Name] = v
				continue
			}
			p.unset[d.Name] = x.wrongValue(d, g, err)
		case d.Default != nil:
			p.values[d.Name] = d.Default
			continue
		case x.hasDefault(d.Name):
			p.unset[d.Name] = Fault{silent: true}
			continue
		case slices.Contains(slices.Collect(maps.Values(misnamed)), d.Name):
			p.unset[d.Name] = Fault{silent: true} // reported at the name that is given
			continue
		default:
			p.unset[d.Name] = x.fault("params."+d.Name, true, fmt.Sprintf("parameter %s has no value", d.Name), d.wanted())
		}
		faults = append(faults, p.unset[d.Name])
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, name) {
			remedy := "declare it under params, or leave it out"
			if near := misnamed[name]; near != "" {
				remedy = fmt.Sprintf("did you mean %s?", near)
			}
			f := x.fault("params", true, fmt.Sprintf("a value is given for %q, but the plan declares no such parameter", shorten(spelt(name))), remedy)
			faults = append(faults, given[name].moved(f, name))
		}
	}
	return p, faults
}

// wrongValue reports a value that does not fit its declaration, at the place
// where it was given. What may be a secret is not repeated.
func (x *nodeIndex) wrongValue(d Param, g GivenValue, err error) Fault {
	wrong, remedy := parted(err)
	if SecretName(d.Name) {
		wrong, remedy = "it does not fit its declaration", ""
	}
	f := x.fault("params."+d.Name, true, fmt.Sprintf("invalid value for parameter %s: %s", d.Name, wrong), cmp.Or(remedy, "correct it in --set or --params"))
	return g.moved(f, d.Name)
}

// hasDefault reports whether a default is written; a written one that is not
// usable has its own fault.
func (x *nodeIndex) hasDefault(name string) bool { return x.values["params."+name+".default"] != nil }

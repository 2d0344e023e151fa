package tree

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/yamltext"
	"gopkg.in/yaml.v3"
)

// Parameters are the declared inputs of a document and their values.
type Parameters struct {
	Names  []string          // in the document's order
	Types  map[string]string // by name
	Values map[string]any
	Unset  map[string]diag.Error // by name: why a declared one has no value
}

var reference = pattern.New(`\$\$\{|\$\{([^}]*)\}?`)

// substituted replaces the references in a text. A text that is nothing but
// one reference becomes the parameter's own type.
func (c *Converter) substituted(n *yaml.Node, path string) any {
	if !strings.Contains(n.Value, "${") {
		return n.Value
	}
	if strings.HasPrefix(path, "params.") {
		return c.declaredText(n, path)
	}
	if m := reference.FindStringSubmatch(n.Value); m[0] == n.Value && m[0] != "$${" && strings.HasSuffix(m[0], "}") {
		v := c.lookup(n, path, m[1])
		c.Index.Filled[path] = m[1]
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
	for !c.Full {
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
func (c *Converter) grow(n *yaml.Node, size int) bool {
	if c.bytes += size; c.bytes > yamltext.MaxBytes && !c.Full {
		c.overflow(n)
	}
	return !c.Full
}

// filled returns the value of one reference.
func (c *Converter) filled(n *yaml.Node, path, ref string) string {
	switch {
	case ref == "$${":
		return "${"
	case !strings.HasSuffix(ref, "}"):
		c.refuse(n, path, "${ without a closing brace", "write ${name}, or $${ for a literal ${")
		return fmt.Sprint(placeholder(""))
	}
	return fmt.Sprint(c.lookup(n, path, ref[2:len(ref)-1]))
}

// declaredText reads a text of a declaration, in which nothing is replaced:
// defaults and allowed values hold no parameter, and a description may only
// mention one.
func (c *Converter) declaredText(n *yaml.Node, path string) any {
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
	return Unescaped(n.Value)
}

// lookup returns a parameter's value. For one without a value it reports a
// error and returns a placeholder of the declared type, so that it causes no other
// errors.
func (c *Converter) lookup(n *yaml.Node, path, name string) any {
	if v, ok := c.Params.Values[name]; ok {
		return v
	}
	if kind, declared := c.Params.Types[name]; declared {
		if f, ok := c.Params.Unset[name]; ok { // reported at its declaration
			c.stoodIn(path, f)
		}
		return placeholder(kind)
	}
	remedy := "declare it under params, or write $${ for a literal ${"
	if len(c.Errors) < diag.MostCollected {
		if near := diag.Nearest(name, c.Params.Names); near != "" {
			remedy = fmt.Sprintf("did you mean ${%s}?", near)
		}
	}
	if key := path + " " + name; c.unknown[key] {
		return placeholder("")
	} else if c.unknown == nil {
		c.unknown = map[string]bool{key: true}
	} else {
		c.unknown[key] = true
	}
	c.report(n, path, fmt.Sprintf("unknown parameter %q", diag.Shorten(name)), remedy)
	c.stoodIn(path, c.Errors[len(c.Errors)-1])
	return placeholder("")
}

// notePlaceholder records why the value at a path is a placeholder.
func (c *Converter) stoodIn(path string, why diag.Error) {
	if _, noted := c.Index.Placeholders[path]; !noted {
		c.Index.Placeholders[path] = why
	}
	if to, ok := strings.CutSuffix(path, ".timezone"); ok { // a time cannot be read without its zone
		c.stoodIn(to+".timestamp", why)
	}
}

func placeholder(kind string) any {
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

func Child(n *yaml.Node, key string) *yaml.Node {
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

func ScalarOf(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// Unescaped returns the text of a default or an allowed value, in which no parameter
// is replaced and $${ means ${.
func Unescaped(text string) string { return strings.ReplaceAll(text, "$${", "${") }

package schema

import (
	"strings"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/tree"
	"github.com/resetplan/resetplan/schema/yamltext"
	"gopkg.in/yaml.v3"
)

// Given are the values that a call gives to parameters, by name.
type Given map[string]GivenValue

// A GivenValue is the text of a value, and its place if it came from a file.
type GivenValue struct {
	Text string
	at   *diag.Error // only File, Line, Column and Source; nil = from the command line
}

// moved puts an error where the value is written, if that is a file.
func (g GivenValue) moved(f diag.Error, name string) diag.Error {
	if g.at == nil {
		return f
	}
	f.File, f.Line, f.Column, f.Source, f.Path = g.at.File, g.at.Line, g.at.Column, g.at.Source, diag.MaskSecret(name)
	return f
}

// Texts returns the values without their places.
func (g Given) Texts() map[string]string {
	out := make(map[string]string, len(g))
	for name, v := range g {
		out[name] = v.Text
	}
	return out
}

// GivenTexts makes values of plain texts, as from the command line.
func GivenTexts(values map[string]string) Given {
	out := make(Given, len(values))
	for name, text := range values {
		out[name] = GivenValue{Text: text}
	}
	return out
}

// ParseParams reads a file of parameter values: one flat mapping.
func ParseParams(file string, source []byte) (Given, diag.Errors) {
	t := diag.NewSource(file, source)
	root, invalid := yamltext.Parse(t, yamltext.PlanLimit)
	if invalid != nil {
		if invalid.Reason == "the file is empty" {
			invalid.Remedy = "write name: value"
		}
		return nil, diag.Errors{*invalid}
	}
	c := tree.NewConverter(t, nil)
	value := c.Value(root, "", 0)
	object, ok := value.(map[string]any)
	if !ok && len(c.Errors) == 0 {
		return nil, diag.Errors{t.Error(root.Line, root.Column, "a file of parameters is one mapping of names and values", "write name: value")}
	}
	out := Given{}
	for _, name := range sortedKeys(object) {
		n := c.Index.Values[name]
		for n != nil && n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		switch object[name].(type) {
		case map[string]any, []any:
			c.Errors = append(c.Errors, c.Index.ErrorAt(name, false, "the value of a parameter must be one string, number or boolean", "write one scalar"))
		case nil: // reported as a key without a value
		default:
			place := c.Index.ErrorAt(name, false, "", "")
			out[name] = GivenValue{Text: plainText(n), at: &place}
		}
	}
	if len(c.Errors) > 0 {
		return nil, c.Errors.Report()
	}
	return out, nil
}

// plainText is a scalar as it is written, which its declaration will type.
func plainText(n *yaml.Node) string {
	if n.ShortTag() == "!!bool" {
		return strings.ToLower(n.Value)
	}
	return n.Value
}

package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/tree"
	"github.com/resetplan/resetplan/schema/yamltext"
	"gopkg.in/yaml.v3"
)

var types = []string{"string", "integer", "boolean", "timestamp", "duration"}

// fill gives every declared parameter its value.
func fill(x *tree.Index, declared []Param, given Given) (*tree.Parameters, diag.Errors) {
	p := &tree.Parameters{Types: map[string]string{}, Values: map[string]any{}, Unset: map[string]diag.Error{}}
	for _, d := range declared {
		p.Names = append(p.Names, d.Name)
		p.Types[d.Name] = d.Type
	}
	var errs diag.Errors
	known := p.Names
	misnamed := map[string]string{} // by the name that is given: the declared one that was probably meant
	for name := range given {
		if !slices.Contains(known, name) {
			misnamed[name] = cmp.Or(exactly(name, known), diag.Nearest(name, known))
		}
	}
	for _, d := range declared {
		g, ok := given[d.Name]
		switch {
		case !slices.Contains(types, d.Type): // has its own error, and what follows from it is not shown
			p.Unset[d.Name] = diag.Error{Follows: true}
			continue
		case ok:
			v, err := d.typed(g.Text)
			if err == nil {
				p.Values[d.Name] = v
				continue
			}
			p.Unset[d.Name] = wrongValue(x, d, g, err)
		case d.Default != nil:
			p.Values[d.Name] = d.Default
			continue
		case hasDefault(x, d.Name):
			p.Unset[d.Name] = diag.Error{Follows: true}
			continue
		case slices.Contains(slices.Collect(maps.Values(misnamed)), d.Name):
			p.Unset[d.Name] = diag.Error{Follows: true} // reported at the name that is given
			continue
		default:
			p.Unset[d.Name] = x.ErrorAt("params."+d.Name, true, fmt.Sprintf("parameter %s has no value", d.Name), d.wanted())
		}
		errs = append(errs, p.Unset[d.Name])
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, name) {
			remedy := "declare it under params, or leave it out"
			if near := misnamed[name]; near != "" {
				remedy = fmt.Sprintf("did you mean %s?", near)
			}
			f := x.ErrorAt("params", true, fmt.Sprintf("a value is given for %q, but the plan declares no such parameter",
				diag.Shorten(diag.MaskSecret(name))), remedy)
			errs = append(errs, given[name].moved(f, name))
		}
	}
	return p, errs
}

// wrongValue reports a value that does not match its declaration, at the place
// where it was set. A value that may be a secret is not repeated.
func wrongValue(x *tree.Index, d Param, g GivenValue, err error) diag.Error {
	wrong, remedy := diag.Split(err)
	if diag.SecretName(d.Name) || diag.SecretShape(g.Text) {
		wrong, remedy = "it does not match its declaration", ""
	}
	f := x.ErrorAt("params."+d.Name, true, fmt.Sprintf("invalid value for parameter %s: %s", d.Name, wrong),
		cmp.Or(remedy, "correct it in --set or --params"))
	return g.moved(f, d.Name)
}

// hasDefault reports whether a default is written; a written one that is not
// usable has its own error.
func hasDefault(x *tree.Index, name string) bool { return x.Values["params."+name+".default"] != nil }

// Given are the values that a command line or a file sets for parameters, by name.
type Given map[string]GivenValue

// A GivenValue is the text of a value, and its place if it came from a file.
type GivenValue struct {
	Text string
	at   *diag.Error // only File, Line, Column and Source; nil = from the command line
}

// moved changes the place of an error to that of the value, if that is in a file.
func (g GivenValue) moved(f diag.Error, name string) diag.Error {
	if g.at == nil {
		return f
	}
	f.File, f.Line, f.Column, f.Source, f.Path = g.at.File, g.at.Line, g.at.Column, g.at.Source, diag.MaskSecret(name)
	return f
}

// origins returns the places of the values that come from a file.
func (g Given) origins() map[string]*diag.Error {
	out := map[string]*diag.Error{}
	for name, v := range g {
		if v.at != nil {
			out[name] = v.at
		}
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

// plainText returns a scalar as it is written; the declaration determines its type.
func plainText(n *yaml.Node) string {
	if n.ShortTag() == "!!bool" {
		return strings.ToLower(n.Value)
	}
	return n.Value
}

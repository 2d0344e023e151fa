package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/tree"
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
	misnamed := map[string]string{} // by the name that is given: the declared one that was meant
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
			f := x.ErrorAt("params", true, fmt.Sprintf("a value is given for %q, but the plan declares no such parameter", diag.Shorten(diag.MaskSecret(name))), remedy)
			errs = append(errs, given[name].moved(f, name))
		}
	}
	return p, errs
}

// wrongValue reports a value that does not fit its declaration, at the place
// where it was given. What may be a secret is not repeated.
func wrongValue(x *tree.Index, d Param, g GivenValue, err error) diag.Error {
	wrong, remedy := diag.Split(err)
	if diag.SecretName(d.Name) {
		wrong, remedy = "it does not match its declaration", ""
	}
	f := x.ErrorAt("params."+d.Name, true, fmt.Sprintf("invalid value for parameter %s: %s", d.Name, wrong), cmp.Or(remedy, "correct it in --set or --params"))
	return g.moved(f, d.Name)
}

// hasDefault reports whether a default is written; a written one that is not
// usable has its own error.
func hasDefault(x *tree.Index, name string) bool { return x.Values["params."+name+".default"] != nil }

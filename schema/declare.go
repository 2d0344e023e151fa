package schema

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/resetplan/resetplan/schema/tree"
	"gopkg.in/yaml.v3"
)

// declared reads the declarations under params, in the document's order. Errors
// in them are reported by builder.params; an invalid parameter has no default and
// no limits.
func declared(t *diag.Source, root *yaml.Node) []Param {
	params := tree.Child(root, "params")
	if params == nil || params.Kind != yaml.MappingNode {
		return nil
	}
	c := tree.NewConverter(t, nil)
	values := object(c.Value(params, "params", 0))
	var out []Param
	for i := 0; i < len(params.Content); i += 2 {
		name := params.Content[i].Value
		if o, ok := values[name].(map[string]any); ok {
			p := paramOf(name, o)
			for i, text := range p.Enum {
				p.Enum[i] = tree.Unescaped(text)
			}
			if d, written := o["default"]; written {
				p.Default, _ = p.typed(tree.Unescaped(scalar(d)))
			}
			out = append(out, p)
			delete(values, name) // a duplicate name has its own error
		}
	}
	return out
}

// paramOf reads one declaration without its default.
func paramOf(name string, o map[string]any) Param {
	p := Param{Name: name, Type: scalar(o["type"]), Description: scalar(o["description"]), Pattern: scalar(o["pattern"])}
	for _, e := range items(o["enum"]) {
		if text, ok := scalarText(e); ok { // a list or mapping has its own error
			p.Enum = append(p.Enum, text)
		}
	}
	return p
}

// wanted describes how to set the parameter, and what its value means.
func (p Param) wanted() string {
	how := fmt.Sprintf("give it with --set %s=…", p.Name)
	if p.Description != "" {
		how += ": " + diag.Brief(firstSentence(p.Description), 200)
	}
	return how
}

// typed turns a text into a value of the parameter's type, within its limits.
// Its error is a diag.Fault.
func (p Param) typed(text string) (any, error) {
	v, err := p.converted(text)
	if err == nil {
		err = p.matches(text)
	}
	if err == nil && len(p.Enum) > 0 && !slices.Contains(p.Enum, text) {
		err = diag.Wrong(fmt.Sprintf("%q is not one of %s", diag.Shorten(text), strings.Join(p.Enum, ", ")), nearest(text, p.Enum))
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// nearest is the remedy for a text that is similar to a known one, or "".
func nearest(text string, known []string) string {
	if near := diag.Nearest(text, known); near != "" && len(text) > 2 {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return ""
}

// converted turns a text into a value of the parameter's type.
func (p Param) converted(text string) (any, error) {
	switch p.Type {
	case "integer":
		n, err := literal.ParseWhole(text)
		if err != nil {
			return nil, err
		}
		return n, nil
	case "boolean":
		if text != "true" && text != "false" {
			return nil, diag.Wrong(fmt.Sprintf("%q is not a boolean", diag.Shorten(text)), "write true or false")
		}
		return text == "true", nil
	case "timestamp":
		_, err := literal.ParseInstant(text, "")
		if f := diag.FaultOf(err); f != nil {
			return text, diag.Wrong(f.Reason, f.Remedy) // a parameter has no key next to it
		}
		return text, nil
	case "duration":
		_, err := literal.ParseDuration(text, "s")
		return text, err
	}
	return text, nil
}

// matches checks a text against the pattern, from start to end. A pattern
// that is not valid has its own error.
func (p Param) matches(text string) error {
	re, err := regexp.Compile(`^(?:` + p.Pattern + `)$`)
	if p.Pattern != "" && err == nil && !re.MatchString(text) {
		return fmt.Errorf("%q does not match the pattern %s", diag.Shorten(text), p.Pattern)
	}
	return nil
}

// params checks that each declaration can be used: some value is within its limits,
// and so is its default.
func (b *builder) params(o map[string]any) {
	for _, name := range sortedKeys(o) {
		written := object(o[name])
		p, at := paramOf(name, written), "params."+name
		if _, err := regexp.Compile(p.Pattern); err != nil || p.Type == "" || b.wrong[at+".pattern"] {
			continue // reported by the schema
		}
		sound := true
		for i, text := range p.Enum {
			_, err := p.converted(text)
			if err == nil {
				err = p.matches(text)
			}
			if err != nil {
				sound = false
				b.unusable(fmt.Sprintf("%s.enum[%d]", at, i), "this value can never be given: ", err, "correct the value, the type or the pattern")
			}
		}
		if d := written["default"]; d != nil && sound {
			if _, err := p.typed(scalar(written["default"])); err != nil {
				b.unusable(at+".default", "the default does not match its declaration: ", err, "correct the default or the declaration")
			}
		}
	}
}

func (b *builder) unusable(at, why string, err error, otherwise string) {
	wrong, remedy := diag.Split(err)
	if n := b.index.Values[at]; b.index.MayBeSecret(at) || n != nil && diag.SecretShape(n.Value) {
		wrong, remedy = "wrong type, pattern or allowed values", ""
	}
	b.report(at, false, why+wrong, cmp.Or(remedy, otherwise))
}

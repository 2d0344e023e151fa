package schema

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// An Input is a key of a one-step plan whose value can be written in one word, or
// in a list of words. A mapping that may be empty, such as tls, is one too.
type Input struct {
	Section     Section
	Path        []string // the keys that lead to it within its section: tls, caFile
	Types       []string // the types of providers that have it, in the schema's order; all if the section is common
	Required    []string // those of them that require it
	Description string   // of the first type that has it
	Words       []string // the only values that it accepts; nil if there are others
	List        bool
	Boolean     bool
	Mapping     bool
	Number      bool // a number is among its values
	Duration    bool
}

// A Section is a part of a one-step plan.
type Section string

// The sections of a one-step plan.
const (
	OfProvider Section = "provider"
	OfTarget   Section = "target"
	OfTo       Section = "to"
	OfGuards   Section = "guards"
	OfIdle     Section = "idle"
	OfStart    Section = "start"
	OfStep     Section = "step"
)

// Inputs returns the keys of a one-step plan, in the order of the sections and, in
// each, of the alphabet. It is derived from the JSON Schema.
var Inputs = sync.OnceValue(func() []Input {
	l := inputList{}
	for _, section := range []Section{OfProvider, OfTarget} {
		for _, t := range providerTypes() {
			rules := object(lookup(planText(), "/$defs/"+string(section)+"-"+t))
			l.add(Input{Section: section, Types: []string{t}}, rules, true)
		}
	}
	text := planText()
	everywhere := Input{Types: providerTypes()}
	everywhere.Section = OfTo
	l.add(everywhere, object(lookup(text, "/$defs/to/else")), false)
	everywhere.Section = OfGuards
	l.add(everywhere, object(lookup(text, "/$defs/guards")), false)
	everywhere.Section = OfIdle
	l.add(everywhere, object(lookup(text, "/$defs/step/properties/idle")), false)
	l.add(Input{Section: OfStart, Types: startTypes()}, object(lookup(text, "/$defs/step/properties/start")), false)
	step := object(lookup(text, "/$defs/step/properties"))
	everywhere.Section = OfStep
	until, limits := object(lookup(text, "/$defs/until")), object(lookup(text, "/$defs/until/else/properties"))
	l.add(everywhere, map[string]any{"properties": map[string]any{"approximate": step["approximate"], "then": step["then"],
		"until": map[string]any{"description": until["description"]}}}, false)
	everywhere.Path = []string{"until"}
	l.add(everywhere, map[string]any{"properties": map[string]any{"timezone": limits["timezone"], "within": limits["within"]}}, false)
	return l
})

// Words returns the target positions that are one word.
func Words() []string {
	for _, alternative := range list(lookup(planText(), "/$defs/to/then/anyOf")) {
		if words := texts(object(alternative)["enum"]); words != nil {
			return words
		}
	}
	return texts(lookup(planText(), "/$defs/to/then/enum"))
}

type inputList []Input

// add adds the keys of a mapping, whose rules these are, and those of the mappings in it.
func (l *inputList) add(in Input, rules map[string]any, required bool) {
	properties := object(rules["properties"])
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		rule := object(properties[key])
		if _, fixed := rule["const"]; fixed {
			continue // the provider's type
		}
		one := in
		one.Path = append(slices.Clone(in.Path), key)
		one.Required = nil
		if required && slices.Contains(texts(rules["required"]), key) {
			one.Required = in.Types
		}
		one.describe(rule)
		inner := object(rule["properties"])
		one.Mapping = len(inner) > 0 && slices.Equal(texts(rule["type"]), []string{"object"})
		if !one.Mapping || rule["required"] == nil && !onlyCredentials(one.Path) {
			l.put(one)
		}
		if one.Mapping {
			l.add(one, rule, false)
		}
	}
}

// onlyCredentials reports whether a mapping without any key means the same as none.
func onlyCredentials(path []string) bool {
	last := path[len(path)-1]
	return last == "credentials" || last == "env"
}

// describe reads what a rule says of a value.
func (in *Input) describe(rule map[string]any) {
	in.Description = scalar(rule["description"])
	in.Words = texts(rule["enum"])
	types := texts(rule["type"])
	in.List = slices.Contains(types, "array")
	in.Boolean = slices.Equal(types, []string{"boolean"})
	in.Number = slices.Contains(types, "integer") || slices.Contains(types, "number")
	in.Duration = strings.Contains(scalar(rule["pattern"]), "ms|s|m|h")
	if in.List && !in.Number {
		in.Number = slices.ContainsFunc(texts(object(rule["items"])["type"]), func(t string) bool { return t == "integer" })
	}
}

// put adds an input, or its type to the same input of another type.
func (l *inputList) put(in Input) {
	i := slices.IndexFunc(*l, func(other Input) bool { return other.Section == in.Section && slices.Equal(other.Path, in.Path) })
	if i < 0 {
		*l = append(*l, in)
		return
	}
	one := &(*l)[i]
	one.Types = append(slices.Clone(one.Types), in.Types...)
	one.Required = append(slices.Clone(one.Required), in.Required...)
	one.List = one.List || in.List
	one.Number = one.Number || in.Number
	if !slices.Equal(one.Words, in.Words) {
		one.Words = nil
	}
}

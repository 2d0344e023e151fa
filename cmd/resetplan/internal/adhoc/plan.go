package adhoc

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// A Call has the flags of a command line that describe a plan.
type Call struct {
	Type string // --provider, or the type of the connection
	// Uses is --connection, a name of the operator's configuration; "" = the flags describe
	// the connection. Shared are the connections of the configuration.
	Uses     string
	Shared   []schema.Provider
	Values   map[string][]string // the other flags of Flags, by name
	To       string              // --to
	Position bool                // the command needs a position
	Anywhere string              // the position of a plan that is only read, if the command needs none
	Wait     string              // --wait as a plan has it; "" if it is not given
	Save     string              // --save: the file at which the path of a lock starts; may be ""
}

// Plan returns the plan that the flags describe. The errors are those of the
// flags themselves; the plan is still to be checked.
func (c Call) Plan() (*draft.OneStep, diag.Errors) {
	if !slices.Contains(types(), c.Type) {
		remedy := "valid types are " + strings.Join(types(), ", ")
		if near := diag.Nearest(c.Type, types()); near != "" {
			remedy = "did you mean " + near + "?"
		}
		return nil, diag.Errors{flagError("provider", fmt.Sprintf("unknown provider type %q", diag.Shorten(c.Type)), remedy)}
	}
	one := &draft.OneStep{Type: c.Type, Connection: c.Uses, Head: []string{"A plan with one step, from the flags of a command line."}}
	errs := c.keys(one)
	switch {
	case c.To != "":
		to, reason, remedy := position(c.To)
		if reason != "" {
			errs = append(errs, flagError("to", reason, remedy))
			one.To = c.Anywhere // to check the others anyway
			break
		}
		one.To, reason = c.accompanied(to)
		if reason != "" {
			errs = append(errs, flagError(reason, "the flag belongs to a time in --to", "remove it"))
		}
	case c.Position:
		errs = append(errs, flagError("to", "no target position given", "write --to with "+somePositions))
	default:
		one.To = c.Anywhere
	}
	if c.Wait != "" {
		one.Set(schema.OfIdle, []string{"wait"}, draft.Typed(schema.Input{Duration: true}, c.Wait))
	}
	one.Name = draft.Slug("reset " + subject(one.Keys[schema.OfTarget]))
	return one, errs
}

// keys sets the keys of the flags.
func (c Call) keys(one *draft.OneStep) diag.Errors {
	var errs diag.Errors
	for _, name := range slices.Sorted(maps.Keys(c.Values)) {
		f, _ := named(name)
		in, ok := f.Of(c.Type)
		given := c.Values[name]
		switch {
		case ok && in.Section == schema.OfProvider && c.Uses != "":
			errs = append(errs, flagError(name, fmt.Sprintf("the flag describes a connection, and --connection %s names one of the configuration",
				c.Uses), "remove one of them"))
		case !ok:
			errs = append(errs, flagError(name, fmt.Sprintf("%s has no such key; it belongs to %s", c.Type, strings.Join(f.Types(), ", ")),
				"remove it, or change "+when(c.Uses != "", "--connection", "--provider")))
		case !in.List && len(given) > 1:
			remedy := "keep one of them"
			if _, plural := named(name + "s"); plural {
				remedy = "write --" + name + "s with both"
			}
			errs = append(errs, flagError(name, "the flag is given twice", remedy))
			one.Set(in.Section, in.Path, values(in, given)) // to check the others anyway
		case in.Section == schema.OfTo: // see accompanied
		case name == "until":
			until, reason, remedy := c.until(given[0])
			if reason != "" {
				errs = append(errs, flagError(name, reason, remedy))
			}
			one.Set(in.Section, in.Path, until)
		case in.Path[0] == "until" && c.Values["until"] == nil:
			errs = append(errs, flagError(name, "the flag belongs to --until", "add --until, or remove it"))
		case name == "client-properties":
			one.Set(in.Section, in.Path, c.fromPlan(given[0]))
		case in.Mapping:
			one.Set(in.Section, in.Path, map[string]any{})
		default:
			one.Set(in.Section, in.Path, values(in, given))
		}
	}
	return errs
}

// untilForms is what --until accepts.
const untilForms = "former, now-2h, 2026-11-18T06:00:00Z, epoch milliseconds or offset:42"

// until reads the value of --until as a plan has it. A word becomes a mapping if other
// flags add keys to it.
func (c Call) until(given string) (until any, reason, remedy string) {
	until, reason, _ = position(given)
	word, isWord := until.(string)
	keys, _ := until.(map[string]any)
	if reason != "" || isWord && word != "former" || !isWord && keys["timestamp"] == nil && keys["offset"] == nil {
		reason = cmp.Or(reason, fmt.Sprintf("%q is not a position to pass", diag.Shorten(given)))
		return "former", reason, "write " + untilForms // to check the others anyway
	}
	if isWord && (c.Values["until-within"] != nil || c.Values["until-timezone"] != nil) {
		return map[string]any{word: true}, "", ""
	}
	return until, "", ""
}

// accompanied adds to a time the keys that have flags of their own, and makes the
// path of a lock start at the plan's file. misplaced is a flag that needs a time.
func (c Call) accompanied(to any) (position any, misplaced string) {
	keys, _ := to.(map[string]any)
	for name, given := range c.Values {
		f, _ := named(name)
		in, ok := f.Of(c.Type)
		switch {
		case !ok || in.Section != schema.OfTo:
		case keys["timestamp"] == nil:
			misplaced = name
		default:
			keys[in.Path[0]] = values(in, given)
		}
	}
	if path, ok := keys["lock"].(string); ok {
		keys["lock"] = c.fromPlan(path)
	}
	return to, misplaced
}

// fromPlan returns a path of the command line, relative to the plan's file if there
// is one.
func (c Call) fromPlan(path string) string {
	if c.Save == "" || filepath.IsAbs(path) {
		return path
	}
	here, err1 := filepath.Abs(path)
	folder, err2 := filepath.Abs(filepath.Dir(c.Save))
	if own, err := filepath.Rel(folder, here); err1 == nil && err2 == nil && err == nil {
		return filepath.ToSlash(own)
	}
	return path
}

// subject returns what a plan is named after: the first group, or else the first
// name, of its target.
func subject(target map[string]any) string {
	var names []string
	for _, key := range slices.Sorted(maps.Keys(target)) {
		name := fmt.Sprint(target[key])
		if list, ok := target[key].([]any); ok && len(list) > 1 {
			name = key // the first one would look like the only one
		} else if ok && len(list) == 1 {
			name = fmt.Sprint(list[0])
		}
		if strings.HasSuffix(strings.TrimSuffix(strings.ToLower(key), "s"), "group") {
			return name
		}
		names = append(names, name)
	}
	if names == nil {
		return "positions"
	}
	return names[0]
}

func when(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// flagError returns an error about a flag.
func flagError(flag, reason, remedy string) diag.Error {
	return diag.Error{File: "--" + flag, Reason: reason, Remedy: remedy}
}

// Connection returns only the connection that the flags describe, checked.
func (c Call) Connection() (*schema.Provider, diag.Errors) {
	one, errs := c.Plan()
	if one == nil {
		return nil, errs
	}
	for name := range c.Values {
		f, _ := named(name)
		if in, ok := f.Of(c.Type); ok && in.Section != schema.OfProvider {
			errs = append(errs, flagError(name, "the flag names a target, and --all-groups checks every group", "remove one of them"))
		}
	}
	doc, invalid := schema.Read("", one.YAML(), nil, c.Shared)
	invalid = slices.DeleteFunc(invalid, func(f diag.Error) bool { return !strings.HasPrefix(f.Path, "providers.") })
	if errs = append(errs, Translate(one, invalid)...); len(errs) > 0 {
		return nil, errs.Report()
	}
	doc.Providers[0].Operator = true
	return &doc.Providers[0], nil
}

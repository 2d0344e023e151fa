package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// ProviderOf returns the provider and the configuration for a name of the document; the
// provider is nil if its type is not one of the given ones.
func ProviderOf(all []providers.Provider, doc *schema.Document, name string) (providers.Provider, providers.Config) {
	at := slices.IndexFunc(doc.Providers, func(p schema.Provider) bool { return p.Name == name })
	if at < 0 {
		return nil, providers.Config{}
	}
	p := doc.Providers[at]
	config := providers.Config{
		Name: p.Name, Decode: Decoder(p.Config), Endpoint: p.Endpoint, Insecure: p.Insecure,
		Timeout: p.Timeout, RateLimit: p.RateLimit,
		Credentials: providers.Credentials{Profile: p.Credentials.Profile, Env: p.Credentials.Env},
		Folder:      p.Folder, Operator: p.Operator || p.Shared,
	}
	for _, kind := range all {
		if kind.Type() == p.Type {
			return kind, config
		}
	}
	return nil, config
}

// Decoder fills a struct from a JSON value and refuses keys that the struct
// does not have.
func Decoder(value map[string]any) func(into any) error {
	return func(into any) error {
		raw, err := json.Marshal(value)
		if err != nil {
			return err
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil {
			return errors.New(strings.TrimPrefix(err.Error(), "json: "))
		}
		return nil
	}
}

// With returns a target with other values of some keys.
func With(target map[string]any, names map[string]string) map[string]any {
	t := maps.Clone(target)
	if t == nil {
		t = map[string]any{}
	}
	for key, name := range names {
		t[key] = name
	}
	return t
}

// LiteralTargets returns a step's targets as far as they are known without the
// network: one for each combination of the names in its selections. If a selection
// has only globs, a name that the first one matches is used, so that the rest of the
// target is checked.
func LiteralTargets(s schema.Step) []map[string]any {
	out := []map[string]any{s.Target}
	for i, one := range s.Select {
		names := slices.DeleteFunc(slices.Clone(one.Names), func(name string) bool {
			return text.IsGlob(name) || i == len(s.Select)-1 && Excluded(s, name)
		})
		if len(names) == 0 {
			names = []string{aMatch(one.Names[0])}
		}
		var next []map[string]any
		for _, target := range out {
			for _, name := range names {
				if len(next) > mostTargets {
					return next
				}
				next = append(next, With(target, map[string]string{one.One: name}))
			}
		}
		out = next
	}
	return out
}

// Excluded reports whether a step leaves out a name of its last selection.
func Excluded(s schema.Step, name string) bool {
	return slices.ContainsFunc(s.Exclude, func(x string) bool { return text.Match(x, name) })
}

// isExcluded reports whether a step leaves out one of its targets.
func isExcluded(s schema.Step, target map[string]any) bool {
	if len(s.Select) == 0 {
		return false
	}
	name, _ := target[s.Select[len(s.Select)-1].One].(string)
	return Excluded(s, name)
}

// sample returns a literal target with a name that matches in place of each glob.
func sample(s schema.Step, target map[string]any) map[string]any {
	names := map[string]string{}
	for _, one := range s.Select {
		if name, _ := target[one.One].(string); text.IsGlob(name) {
			names[one.One] = aMatch(name)
		}
	}
	return With(target, names)
}

// aMatch returns a name that a glob matches.
func aMatch(glob string) string { return strings.NewReplacer("*", "x", "?", "x").Replace(glob) }

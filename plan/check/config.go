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

// WithGroup returns a target with another group.
func WithGroup(target map[string]any, group string) map[string]any {
	t := maps.Clone(target)
	if t == nil {
		t = map[string]any{}
	}
	t["group"] = group
	return t
}

// LiteralTargets returns a step's targets as far as they are known without the
// network: one for each name in groups, or one with a placeholder if groups has
// only globs, so that the rest of the target is checked.
func LiteralTargets(s schema.Step) []map[string]any {
	if s.Groups == nil {
		return []map[string]any{s.Target}
	}
	var out []map[string]any
	for _, g := range s.Groups {
		if !text.IsGlob(g) && !slices.ContainsFunc(s.Exclude, func(x string) bool { return text.Match(x, g) }) {
			out = append(out, WithGroup(s.Target, g))
		}
	}
	if out == nil {
		out = append(out, WithGroup(s.Target, s.Groups[0]))
	}
	return out
}

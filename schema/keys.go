package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func (t *translator) unknownKeys(rule map[string]any, value any, path string) {
	known, _ := rule["properties"].(map[string]any)
	object, _ := value.(map[string]any)
	var unknown []string
	for key := range object {
		if known[key] == nil {
			unknown = append(unknown, key)
		}
	}
	slices.SortFunc(unknown, func(a, b string) int {
		m, n := t.index.place(join(path, a), true), t.index.place(join(path, b), true)
		if m == nil || n == nil {
			return strings.Compare(a, b)
		}
		return cmp.Or(cmp.Compare(m.Line, n.Line), cmp.Compare(m.Column, n.Column), strings.Compare(a, b))
	})
	if more := len(unknown) - mostKeys; more > 0 {
		unknown = unknown[:mostKeys]
		t.faults = append(t.faults, Fault{more: more})
	}
	names := slices.Sorted(maps.Keys(known))
	for _, key := range unknown {
		t.unknownKey(key, join(path, key), names)
	}
}

func (t *translator) unknownKey(key, at string, known []string) {
	if strings.HasSuffix(parent(at), ".env") { // names of variables, or secrets in their place
		t.reportSecret(at, fmt.Sprintf("unknown key %q", shorten(spelt(key))), "known keys here are "+strings.Join(known, ", "))
		return
	}
	if strings.HasPrefix(at, "providers.") && SecretName(key) {
		t.reportSecret(at, fmt.Sprintf("%q: secrets must not be written in a plan", shorten(spelt(key))),
			"set the vendor's environment variable, or name variables under credentials.env or sasl.env; rotate the secret if it was shared")
		return
	}
	reason := fmt.Sprintf("unknown key %q", shorten(spelt(key)))
	if only := elsewhere[key]; only != "" {
		t.report(at, true, reason, only)
		return
	}
	if name := meant(key, known); name != "" {
		t.report(at, true, reason, fmt.Sprintf("did you mean %s?", name))
		return
	}
	if len(known) == 0 {
		t.report(at, true, reason, "remove it")
		return
	}
	t.report(at, true, reason, "known keys here are "+strings.Join(known, ", "))
}

func (t *translator) missingKeys(rule map[string]any, value any, path string) {
	object, _ := value.(map[string]any)
	required, _ := rule["required"].([]any)
	for _, r := range required {
		key := fmt.Sprint(r)
		if _, ok := object[key]; ok {
			continue
		}
		properties, _ := rule["properties"].(map[string]any)
		if misnamed(object, key, properties) {
			continue // reported as an unknown key
		}
		about, _ := properties[key].(map[string]any)
		remedy, _ := about["description"].(string)
		t.report(path, true, fmt.Sprintf("the key %s is missing", key), strings.TrimSuffix(strings.TrimSpace("add it: "+firstSentence(remedy)), ":"))
	}
}

// misnamed reports whether a key is written under another name.
func misnamed(object map[string]any, key string, known map[string]any) bool {
	names := slices.Sorted(maps.Keys(known))
	for written := range object {
		if known[written] == nil && meant(written, names) == key {
			return true
		}
	}
	return false
}

// missingPartners reports half of a pair, such as a user without a password.
func (t *translator) missingPartners(rule map[string]any, value any, path string) {
	object, _ := value.(map[string]any)
	pairs, _ := rule["dependentRequired"].(map[string]any)
	for _, key := range sortedKeys(pairs) {
		if _, written := object[key]; !written {
			continue
		}
		partners, _ := pairs[key].([]any)
		for _, p := range partners {
			if partner := fmt.Sprint(p); object[partner] == nil {
				t.report(join(path, key), true, fmt.Sprintf("%s without %s", key, partner), fmt.Sprintf("add %s, or remove %s", partner, key))
			}
		}
	}
}

func firstSentence(s string) string {
	for from := 0; ; {
		at := strings.Index(s[from:], ". ")
		if at < 0 {
			return strings.TrimSuffix(s, ".")
		}
		at += from
		if before := s[:at]; !strings.HasSuffix(before, "e.g") && !strings.HasSuffix(before, "i.e") {
			return before
		}
		from = at + 2
	}
}

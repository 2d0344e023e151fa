package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/tree"
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
		m, n := t.index.Place(tree.Join(path, a), true), t.index.Place(tree.Join(path, b), true)
		if m == nil || n == nil {
			return strings.Compare(a, b)
		}
		return cmp.Or(cmp.Compare(m.Line, n.Line), cmp.Compare(m.Column, n.Column), strings.Compare(a, b))
	})
	if more := len(unknown) - mostKeys; more > 0 {
		unknown = unknown[:mostKeys]
		t.errors = append(t.errors, diag.Error{Omitted: more})
	}
	names := sortedKeys(known)
	for _, key := range unknown {
		t.unknownKey(key, tree.Join(path, key), names)
	}
}

func (t *translator) unknownKey(key, at string, known []string) {
	t.index.Unknown[diag.MaskSecret(at)] = true
	reason := fmt.Sprintf("unknown key %q", diag.Shorten(diag.MaskSecret(key)))
	others := "known keys here are " + strings.Join(known, ", ")
	if len(known) == 0 {
		others = "remove it"
	}
	if strings.HasSuffix(tree.Parent(at), ".env") { // names of variables, or secrets in their place
		if word := exactly(key, known); word != "" {
			others = fmt.Sprintf("did you mean %s?", word)
		}
		t.reportSecret(at, reason, others)
		return
	}
	remedy, _ := t.replacement(key, parentOf(at, key), known)
	remedy = t.exactSecurity(key, at, remedy)
	switch {
	case inConnection(at) && diag.SecretName(key) && foreignKeys[plainKey(key)] == "":
		t.reportSecret(at, fmt.Sprintf("%q: secrets must not be written in a plan", diag.Shorten(diag.MaskSecret(key))),
			"set the vendor's environment variable, or name variables under credentials.env or sasl.env; rotate the secret if it was shared")
		return
	case strings.HasSuffix(at, ".sasl.username"):
		remedy = "write env: {username: NAME, password: NAME}, with names of environment variables"
	case plainKey(key) == "endpoint" && slices.Contains(known, "bootstrapServers"):
		remedy = "write bootstrapServers: [host:port]"
	case strings.HasPrefix(at, "params.") && plainKey(key) == "name":
		remedy = "remove it; a parameter's name is the key above"
	}
	if what := diag.Lookalike(key, tree.TextColumn(t.index.Keys[at])); what != "" && remedy != "" && !diag.SecretName(key) {
		remedy = what + "; " + remedy
	}
	t.report(at, true, reason, cmp.Or(remedy, others))
}

// exactSecurity returns what to write instead of a client's security settings, with
// their values.
func (t *translator) exactSecurity(key, at, remedy string) string {
	n := t.index.Values[at]
	if n == nil || !securityValue.MatchString(n.Value) {
		return remedy
	}
	protocol := strings.TrimPrefix(strings.ToUpper(n.Value), "SASL_")
	tls := protocol == "SSL"
	switch sasl := protocol != strings.ToUpper(n.Value); {
	case plainKey(key) == "saslmechanism" && protocol != "PLAINTEXT" && !tls:
		return fmt.Sprintf("write sasl: {mechanism: %s}", strings.ToUpper(n.Value))
	case plainKey(key) != "securityprotocol" || protocol != "SSL" && protocol != "PLAINTEXT":
		return remedy
	case tls && sasl:
		return "write tls: {}, and sasl: {mechanism: …}"
	case tls:
		return "write tls: {}"
	case sasl:
		return "write sasl: {mechanism: …}"
	}
	return "remove it; without tls and sasl, the connection is plaintext"
}

var securityValue = pattern.New(`^(?i:PLAIN|SCRAM-SHA-256|SCRAM-SHA-512|OAUTHBEARER|GSSAPI|AWS_MSK_IAM|(?:SASL_)?(?:SSL|PLAINTEXT))$`)

// replacement is replacement, without the advice for a plan if the file is none.
func (t *translator) replacement(key, path string, known []string) (remedy, word string) {
	if !t.definition.operator {
		return replacement(key, path, known)
	}
	if word = exactly(key, known); word == "" {
		word = diag.Nearest(key, known)
	}
	if word == "" {
		return "", ""
	}
	return fmt.Sprintf("did you mean %s?", word), word
}

// inConnection reports whether a path is in a connection, of a plan or of the
// configuration.
func inConnection(at string) bool {
	return strings.HasPrefix(at, "providers.") || strings.HasPrefix(at, "connections.")
}

// parentOf is the path of the mapping that has a key; the key may hold dots.
func parentOf(at, key string) string {
	return strings.TrimSuffix(strings.TrimSuffix(at, key), ".")
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
		if t.misnamed(object, key, path, properties) || t.index.Merged[path] {
			continue // reported as an unknown key
		}
		about, _ := properties[key].(map[string]any)
		if ref, _ := about["$ref"].(string); ref != "" {
			about, _ = lookup(t.definition.text, strings.TrimPrefix(ref, "#")).(map[string]any)
		}
		description, _ := about["description"].(string)
		remedy := strings.TrimSuffix(strings.TrimSpace("add it: "+firstSentence(description)), ":")
		if stepPath.MatchString(path) || path == "" {
			remedy = cmp.Or(additions[key], remedy)
		}
		t.reportMissing(path, key, remedy)
	}
}

// additions are what to add to a plan or to a step without a key.
var additions = map[string]string{
	"providers": "add the connection: providers: {NAME: {type: TYPE, …}}, as `resetplan init --provider TYPE` writes it; " +
		"a step may also name one of the operator's configuration",
	"steps":    "add the resets, such as steps: [{id: rewind, provider: NAME, target: {group: NAME, topic: NAME}, to: {timestamp: now-2h}}]",
	"provider": "add provider: NAME, one of the names under providers",
	"target":   "add target: {group: NAME, topic: NAME}, or other keys of the service",
	"to":       "add the position: to: earliest, to: latest, to: {timestamp: 2026-11-18T00:00:00Z}, or another",
}

// missingAlternatives reports that none of several keys is written although one of
// them is required.
func (t *translator) missingAlternatives(rule map[string]any, value any, path string) {
	properties, _ := rule["properties"].(map[string]any)
	var keys []string
	for _, option := range list(rule["anyOf"]) {
		for _, key := range texts(object(option)["required"]) {
			if t.misnamed(object(value), key, path, properties) {
				return // reported as an unknown key
			}
			keys = append(keys, key)
		}
	}
	if len(keys) > 0 && !t.index.Merged[path] {
		t.reportMissing(path, keys[0], "write "+strings.Join(keys, " or "))
	}
}

// misnamed reports whether a key is written under another name, or its inner keys
// are written instead of it.
func misnamed(object map[string]any, key, path string, known map[string]any) bool {
	return named(object, key, path, known, replacement)
}

func (t *translator) misnamed(object map[string]any, key, path string, known map[string]any) bool {
	return named(object, key, path, known, t.replacement)
}

func named(object map[string]any, key, path string, known map[string]any,
	replacement func(key, path string, known []string) (string, string),
) bool {
	names := sortedKeys(known)
	for written := range object {
		if known[written] != nil {
			continue
		}
		if _, word := replacement(written, path, names); word == key {
			return true
		}
	}
	return false
}

// missingPartners reports a key that requires another one, such as a user without a
// password.
func (t *translator) missingPartners(rule map[string]any, value any, path string) {
	object, _ := value.(map[string]any)
	pairs, _ := rule["dependencies"].(map[string]any)
	for _, key := range sortedKeys(pairs) {
		if _, written := object[key]; !written {
			continue
		}
		partners, _ := pairs[key].([]any)
		for _, p := range partners {
			if partner := fmt.Sprint(p); object[partner] == nil {
				t.report(tree.Join(path, key), true, fmt.Sprintf("%s without %s", key, partner), fmt.Sprintf("add %s, or remove %s", partner, key))
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

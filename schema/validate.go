package schema

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// mostKeys is how many unknown keys of one mapping are reported one by one.
const mostKeys = 200

// validate checks a value against a definition and reports every violation at
// its place. base is the value's path in the document.
func (x *nodeIndex) validate(d *definition, value any, base string) Faults {
	err := d.compiled.Validate(value)
	var v *jsonschema.ValidationError
	if err == nil || !errors.As(err, &v) {
		return nil
	}
	t := translator{index: x, definition: d, value: value, base: base, reported: map[string]bool{}}
	t.walk(v)
	return t.faults
}

// A translator turns a schema's violations into sentences.
type translator struct {
	index      *nodeIndex
	definition *definition
	value      any
	base       string
	reported   map[string]bool
	faults     Faults
}

func (t *translator) walk(v *jsonschema.ValidationError) {
	for _, c := range v.Causes {
		t.walk(c)
	}
	if len(v.Causes) == 0 {
		t.leaf(v)
	}
}

func (t *translator) report(path string, key bool, reason, remedy string) {
	if t.reported[path+reason] {
		return
	}
	t.reported[path+reason] = true
	t.faults = append(t.faults, t.index.fault(path, key, reason, remedy))
}

// reportSecret reports a secret. The line that holds it is shown by no fault.
func (t *translator) reportSecret(path, reason, remedy string) {
	t.report(path, true, reason, remedy)
	t.faults[len(t.faults)-1].secret = true
}

func (t *translator) leaf(v *jsonschema.ValidationError) {
	_, fragment, _ := strings.Cut(v.AbsoluteKeywordLocation, "#")
	at := strings.LastIndexByte(fragment, '/')
	keyword, owner := fragment[at+1:], fragment[:at]
	value, path := t.find(v.InstanceLocation)
	rule, _ := lookup(t.definition.text(), owner).(map[string]any)
	switch keyword {
	case "additionalProperties":
		t.unknownKeys(rule, value, path)
	case "required":
		t.missingKeys(rule, value, path)
	case "dependencies":
		t.missingPartners(rule, value, path)
	case "enum", "const":
		t.notAllowed(rule, value, path)
	case "type":
		t.wrongType(rule, value, path)
	case "pattern":
		if strings.HasSuffix(owner, "/propertyNames") {
			names := tokens(v.InstanceLocation)
			t.badKey(rule, names[len(names)-1], path)
			return
		}
		t.mismatch(rule, value, path)
	case "minimum", "maximum", "exclusiveMinimum":
		t.outOfRange(keyword, rule, value, path)
	case "minItems", "minProperties":
		t.report(path, false, "the list is empty", "list at least one")
	case "maxItems":
		t.report(path, false, fmt.Sprintf("more than %v items, the limit", rule["maxItems"]), "split the plan")
	case "minLength":
		t.report(path, false, "the value is empty", "write a value, or remove the key")
	case "format":
		t.notRegular(value, path)
	default:
		t.report(path, false, "the value does not fit: "+Safe(shorten(v.Message)), "")
	}
}

// outOfRange reports a number with its limit; the number is shown as written.
func (t *translator) outOfRange(keyword string, rule map[string]any, value any, path string) {
	number := shorten(scalar(value))
	switch limit := fmt.Sprint(rule[keyword]); keyword {
	case "maximum":
		t.report(path, false, number+" is too large", "the maximum is "+limit)
	case "minimum":
		t.report(path, false, number+" is too small", "the minimum is "+limit)
	default:
		t.report(path, false, number+" is too small", "write more than "+limit)
	}
}

func (t *translator) notRegular(value any, path string) {
	reason := "not a regular expression (RE2)"
	if _, err := regexp.Compile(scalar(value)); err != nil {
		reason = fmt.Sprintf("%s is not a regular expression (RE2): %v", t.quoted(path, value), plainly(err))
	}
	t.report(path, false, reason, "correct it, or remove the pattern")
}

// quoted shows a value, unless it may be a secret.
func (t *translator) quoted(path string, value any) string { return t.index.quoted(path, value) }

func (x *nodeIndex) quoted(path string, value any) string {
	if x.secretive(path) {
		return "the value"
	}
	return strconv.Quote(shorten(scalar(value)))
}

// secretive reports whether the value at a path may be a secret, by the names
// that lead to it.
func (x *nodeIndex) secretive(path string) bool {
	if strings.HasPrefix(path, "steps[") || !SecretName(path) {
		return strings.Contains(path, ".env.")
	}
	if rest, ok := strings.CutPrefix(path, "params."); ok {
		name, _, _ := strings.Cut(rest, ".")
		return SecretName(name)
	}
	return true
}

// wrongType reports a value of another type than the rule's.
func (t *translator) wrongType(rule map[string]any, value any, path string) {
	text := scalar(value)
	if t.toWithoutKey(value, path) {
		return
	}
	reason := fmt.Sprintf("expected %s, got %s", kinds(rule["type"]), kindOf(value))
	remedy := ""
	_, isText := value.(string)
	_, isNumber := value.(json.Number)
	wanted := fmt.Sprint(rule["type"])
	switch {
	case strings.Contains(path, ".env."):
		t.reportSecret(path, "expected the name of an environment variable, not its value", "write the variable's name, such as PROD_SK; rotate the secret if it was shared")
		return
	case isText && strings.Contains(wanted, "integer") && integer.MatchString(text), isText && wanted == "boolean" && (text == "true" || text == "false"):
		remedy = t.index.unquote(path, text, wanted)
	case isText && wanted == "boolean":
		remedy = "write true or false"
	case isNumber && strings.Contains(wanted, "integer"):
		reason, remedy = text+" is not a whole number", "write a whole number such as "+strings.Split(text, ".")[0]
	case isNumber && rule["pattern"] == durationPattern:
		reason, remedy = "a unit is missing", "write "+t.index.written(path, text)+unitOf(rule)
	case isNumber && strings.Contains(wanted, "string") && !t.index.secretive(path):
		remedy = fmt.Sprintf("put quotes around it: %q", t.index.written(path, text))
	case wanted == "object" && value != nil:
		remedy = "write its keys and values"
	}
	t.report(path, false, reason, remedy)
}

// unquote says how to write a value that stands in quotes, or comes from a
// parameter of another type.
func (x *nodeIndex) unquote(path, text, wanted string) string {
	if n := x.values[path]; n != nil && strings.Contains(n.Value, "${") {
		if strings.Contains(wanted, "boolean") {
			return "declare the parameter with type: boolean"
		}
		return "declare the parameter with type: integer"
	}
	return "remove the quotes: " + text
}

// written returns a number as the document has it.
func (x *nodeIndex) written(path, text string) string {
	if n := x.numbers[path]; n.written != "" {
		return n.written
	}
	return text
}

func unitOf(rule map[string]any) string {
	if examples, _ := rule["examples"].([]any); len(examples) > 0 {
		return strings.TrimLeft(fmt.Sprint(examples[0]), "0123456789")
	}
	return "s"
}

// plainly says what is wrong in a regular expression without repeating it.
func plainly(err error) string {
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		return wrong.Code.String()
	}
	return err.Error()
}

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

func (t *translator) notAllowed(rule map[string]any, value any, path string) {
	if want, ok := rule["const"]; ok {
		t.notTheConstant(want, value, path)
		return
	}
	if t.toWithoutKey(value, path) {
		return
	}
	var allowed []string
	list, _ := rule["enum"].([]any)
	for _, a := range list {
		allowed = append(allowed, fmt.Sprint(a))
	}
	remedy := "write one of " + strings.Join(allowed, ", ")
	if about, _ := rule["description"].(string); strings.HasPrefix(about, allowed[0]+" is ") {
		remedy = firstSentence(about)
	}
	if word := meant(scalar(value), allowed); word != "" && value != nil {
		remedy = fmt.Sprintf("did you mean %s?", word)
	}
	switch value.(type) {
	case string, json.Number, bool:
		t.report(path, false, fmt.Sprintf("unknown value %s", t.quoted(path, value)), remedy)
	default:
		t.report(path, false, fmt.Sprintf("expected one of %s, got %s", strings.Join(allowed, ", "), kindOf(value)), remedy)
	}
}

func (t *translator) notTheConstant(want, value any, path string) {
	switch text := scalar(value); {
	case path != "version" && path != "formatVersion":
		t.report(path, false, fmt.Sprintf("%s is not %v", t.quoted(path, value), want), "")
	case fmt.Sprint(want) == text:
		t.report(path, false, fmt.Sprintf("%s is %s, and a number is expected", path, kindOf(value)), fmt.Sprintf("remove the quotes: %s: %v", path, want))
	case text == "":
		t.report(path, false, fmt.Sprintf("expected the number %v, got %s", want, kindOf(value)), fmt.Sprintf("write %s: %v", path, want))
	default:
		t.report(path, false, fmt.Sprintf("version %s is not supported", shorten(text)), fmt.Sprintf("write %s: %v, or use a newer resetplan for a newer file", path, want))
	}
}

// badKey reports a key that is not a name, or not a number, of what it names.
func (t *translator) badKey(rule map[string]any, key, path string) {
	remedy := "use letters, digits, _ and -, and begin with a letter"
	if pattern, _ := rule["pattern"].(string); pattern == numberKey {
		remedy = "write the plain number"
		if value, m := spelling(key); value != "" && m.write != "" && integer.MatchString(m.write) {
			remedy = "write " + m.write
		}
	}
	if what := lookalike(key, t.index.keys[path]); what != "" {
		remedy = what
	}
	t.report(path, true, fmt.Sprintf("invalid key %q", shorten(spelt(key))), remedy)
}

func (t *translator) mismatch(rule map[string]any, value any, path string) {
	if strings.Contains(path, ".env.") { // the value may be the secret itself
		t.reportSecret(path, "expected the name of an environment variable, not its value", "write the variable's name, such as PROD_SK; rotate the secret if it was shared")
		return
	}
	if reason, remedy := t.index.explained(rule, path, scalar(value)); reason != "" {
		t.report(path, false, reason, remedy)
		return
	}
	about, _ := rule["description"].(string)
	remedy := ""
	if examples, _ := rule["examples"].([]any); len(examples) > 0 {
		remedy = fmt.Sprintf("write for example %v", examples[0])
	}
	reason := "invalid value " + t.quoted(path, value)
	if t.index.secretive(path) {
		reason = "invalid value"
	}
	if about != "" {
		reason += ": " + firstSentence(about)
	}
	t.report(path, false, reason, remedy)
}

// find returns the value at a JSON pointer and its path in the document.
func (t *translator) find(pointer string) (any, string) {
	value, path := t.value, t.base
	for _, token := range tokens(pointer) {
		switch v := value.(type) {
		case map[string]any:
			value, path = v[token], join(path, token)
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(v) {
				return nil, path
			}
			value, path = v[i], fmt.Sprintf("%s[%d]", path, i)
		}
	}
	return value, path
}

func lookup(root any, pointer string) any {
	for _, token := range tokens(pointer) {
		switch v := root.(type) {
		case map[string]any:
			root = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(v) {
				return nil
			}
			root = v[i]
		}
	}
	return root
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~", "%25", "%", "%24", "$")

func tokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil { // the library writes it so
			p = plain
		}
		parts[i] = unescape.Replace(p)
	}
	return parts
}

func kinds(rule any) string {
	list, ok := rule.([]any)
	if !ok {
		list = []any{rule}
	}
	var names []string
	for _, k := range list {
		names = append(names, map[string]string{"string": "a string", "integer": "a whole number", "number": "a number", "boolean": "true or false",
			"object": "a mapping", "array": "a list"}[fmt.Sprint(k)])
	}
	return strings.Join(names, " or ")
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	}
	return "a number"
}

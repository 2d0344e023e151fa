package schema

import (
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

// validate holds a value against a definition and tells every violation at
// its place. base is the path at which the value stands in the document.
func (x *nodeIndex) validate(d *definition, value any, base string) Faults {
	err := d.compiled.Validate(value)
	var v *jsonschema.ValidationError
	if err == nil || !errors.As(err, &v) {
		return nil
	}
	t := translator{index: x, definition: d, value: value, base: base, told: map[string]bool{}}
	t.walk(v)
	return t.faults
}

// A translator turns a schema's violations into sentences.
type translator struct {
	index      *nodeIndex
	definition *definition
	value      any
	base       string
	told       map[string]bool
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

func (t *translator) tell(path string, key bool, reason, remedy string) {
	if t.told[path+reason] {
		return
	}
	t.told[path+reason] = true
	t.faults = append(t.faults, t.index.fault(path, key, reason, remedy))
}

// tellSecret tells of a secret. The line it stands in is shown by no fault.
func (t *translator) tellSecret(path, reason, remedy string) {
	t.tell(path, true, reason, remedy)
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
	case "enum", "const":
		t.notAllowed(rule, value, path)
	case "type":
		t.tell(path, false, fmt.Sprintf("%s is expected here, not %s", kinds(rule["type"]), kindOf(value)), "")
	case "pattern":
		if strings.HasSuffix(owner, "/propertyNames") {
			names := tokens(v.InstanceLocation)
			t.badKey(rule, names[len(names)-1], path)
			return
		}
		t.mismatch(rule, value, path)
	case "minimum":
		t.tell(path, false, fmt.Sprintf("%v is too small", value), fmt.Sprintf("write %v or more", rule["minimum"]))
	case "exclusiveMinimum":
		t.tell(path, false, fmt.Sprintf("%v is too small", value), fmt.Sprintf("write more than %v", rule["exclusiveMinimum"]))
	case "minItems", "minProperties":
		t.tell(path, false, "nothing is listed here", "list at least one")
	case "minLength":
		t.tell(path, false, "this is empty", "write a value, or remove the key")
	case "format":
		if _, err := regexp.Compile(scalar(value)); rule["format"] == "regex" && err != nil {
			t.tell(path, false, fmt.Sprintf("%q is not a regular expression (RE2): %v", shorten(scalar(value)), plainly(err)), "correct it, or remove the pattern")
			return
		}
		t.tell(path, false, fmt.Sprintf("%q is not a %v", value, rule["format"]), "")
	default:
		t.tell(path, false, v.Message, "")
	}
}

// plainly says what is wrong in a regular expression without repeating it.
func plainly(err error) string {
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		return wrong.Code.String()
	}
	return err.Error()
}

var secretive = regexp.MustCompile(`(?i)password|passwd|secret|token|accesskey|access_key|apikey|privatekey`)

func (t *translator) unknownKeys(rule map[string]any, value any, path string) {
	known, _ := rule["properties"].(map[string]any)
	object, _ := value.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if known[key] != nil {
			continue
		}
		at := join(path, key)
		switch near := Nearest(key, slices.Sorted(maps.Keys(known))); {
		case strings.HasPrefix(at, "providers.") && secretive.MatchString(key):
			t.tellSecret(at, fmt.Sprintf("%q would be a secret in a plan, and secrets never stand in a plan", key),
				"set the vendor's environment variable, or name variables under credentials.env or sasl.env; rotate the secret if it was shared")
		case near != "":
			t.tell(at, true, fmt.Sprintf("there is no key %q here", shorten(key)), fmt.Sprintf("did you mean %s?", near))
		default:
			t.tell(at, true, fmt.Sprintf("there is no key %q here", shorten(key)), "the keys here are "+strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
	}
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
		about, _ := properties[key].(map[string]any)
		remedy, _ := about["description"].(string)
		t.tell(path, true, fmt.Sprintf("the key %s is missing", key), strings.TrimSuffix(strings.TrimSpace("add it: "+firstSentence(remedy)), ":"))
	}
}

func firstSentence(s string) string {
	if at := strings.Index(s, ". "); at >= 0 {
		return s[:at]
	}
	return strings.TrimSuffix(s, ".")
}

func (t *translator) notAllowed(rule map[string]any, value any, path string) {
	if want, ok := rule["const"]; ok {
		if path == "version" || path == "formatVersion" {
			t.tell(path, false, fmt.Sprintf("version %v is not one that this resetplan reads", value), fmt.Sprintf("it reads version %v; use a newer resetplan for a newer file", want))
			return
		}
		t.tell(path, false, fmt.Sprintf("%v is not %v", value, want), "")
		return
	}
	var allowed []string
	list, _ := rule["enum"].([]any)
	for _, a := range list {
		allowed = append(allowed, fmt.Sprint(a))
	}
	remedy := "write one of " + strings.Join(allowed, ", ")
	if near := Nearest(fmt.Sprint(value), allowed); near != "" {
		remedy = fmt.Sprintf("did you mean %s?", near)
	}
	t.tell(path, false, fmt.Sprintf("%q is not known here", shorten(fmt.Sprint(value))), remedy)
}

// badKey tells of a key that is no name, or no number, of what it should name.
func (t *translator) badKey(rule map[string]any, key, path string) {
	remedy := "write letters, digits, _ and -, and begin with a letter"
	if pattern, _ := rule["pattern"].(string); strings.HasPrefix(pattern, "^[0-9]{") {
		remedy = "write the plain number"
	}
	t.tell(path, true, fmt.Sprintf("%q cannot stand here", shorten(key)), remedy)
}

func (t *translator) mismatch(rule map[string]any, value any, path string) {
	if strings.Contains(path, ".env.") { // what stands there may be the secret itself
		t.tellSecret(path, "here stands the name of an environment variable, never a value", "write the variable's name, such as PROD_SK; rotate the secret if it was shared")
		return
	}
	about, _ := rule["description"].(string)
	shown := strconv.Quote(shorten(fmt.Sprint(value)))
	remedy := ""
	if examples, _ := rule["examples"].([]any); len(examples) > 0 {
		remedy = fmt.Sprintf("write for example %v", examples[0])
	}
	t.tell(path, false, fmt.Sprintf("%s does not fit: %s", shown, firstSentence(about)), remedy)
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
		names = append(names, map[string]string{"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
			"object": "a mapping", "array": "a list"}[fmt.Sprint(k)])
	}
	return strings.Join(names, " or ")
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case string:
		return "text"
	case bool:
		return "true or false"
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	}
	return "a number"
}

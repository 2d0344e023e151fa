package schema

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	safe "github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/tree"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"
)

// mostKeys is how many unknown keys of one mapping are reported one by one.
const mostKeys = 200

// validate checks a value against a definition and reports every violation at
// its place. base is the value's path in the document.
func (d *definition) validate(x *tree.Index, value any, base string) diag.Errors {
	err := d.compiled.Validate(value)
	var v *jsonschema.ValidationError
	if err == nil || !errors.As(err, &v) {
		return nil
	}
	t := translator{index: x, definition: d, value: value, base: base, reported: map[string]bool{}}
	t.walk(v)
	t.leaves()
	return t.errors
}

// leaves translates the violations in the order of the document. If there are
// very many, the rest is only counted.
func (t *translator) leaves() {
	if more := len(t.found) - diag.MostCollected; more > 0 {
		places := make(map[*jsonschema.ValidationError]*yaml.Node, len(t.found))
		for _, v := range t.found {
			_, path := t.find(v.InstanceLocation)
			places[v] = t.index.Place(path, false)
		}
		slices.SortStableFunc(t.found, func(a, b *jsonschema.ValidationError) int {
			m, n := places[a], places[b]
			if m == nil || n == nil {
				return strings.Compare(a.InstanceLocation, b.InstanceLocation)
			}
			return cmp.Or(cmp.Compare(m.Line, n.Line), cmp.Compare(m.Column, n.Column),
				strings.Compare(a.AbsoluteKeywordLocation, b.AbsoluteKeywordLocation))
		})
		t.found = t.found[:diag.MostCollected]
		t.errors = append(t.errors, diag.Error{Omitted: more})
	}
	for _, v := range t.found {
		t.leaf(v)
	}
}

// A translator turns a schema's violations into errors with a reason and a remedy.
type translator struct {
	index      *tree.Index
	definition *definition
	value      any
	base       string
	found      []*jsonschema.ValidationError
	reported   map[string]bool
	errors     diag.Errors
}

func (t *translator) walk(v *jsonschema.ValidationError) {
	if strings.HasSuffix(v.KeywordLocation, "/anyOf") && !slices.ContainsFunc(v.Causes,
		func(c *jsonschema.ValidationError) bool { return !missesKey(c) }) {
		t.found = append(t.found, v)
		return
	}
	for _, c := range v.Causes {
		t.walk(c)
	}
	if len(v.Causes) == 0 {
		t.found = append(t.found, v)
	}
}

// missesKey reports whether a violation is only that a key is missing.
func missesKey(v *jsonschema.ValidationError) bool {
	return len(v.Causes) == 0 && strings.HasSuffix(v.KeywordLocation, "/required") ||
		len(v.Causes) == 1 && missesKey(v.Causes[0])
}

// report reports an error, and whether it is the first time.
func (t *translator) report(path string, key bool, reason, remedy string) bool {
	if t.reported[path+reason] {
		return false
	}
	t.reported[path+reason] = true
	t.errors = append(t.errors, t.index.ErrorAt(path, key, reason, remedy))
	return true
}

// reportMissing reports that a mapping lacks a key.
func (t *translator) reportMissing(path, key, remedy string) {
	if t.report(path, true, fmt.Sprintf("the key %s is missing", key), remedy) {
		t.errors[len(t.errors)-1].Missing = key
	}
}

// reportSecret reports a secret. No error shows the line that holds it.
func (t *translator) reportSecret(path, reason, remedy string) {
	if t.report(path, true, reason, remedy) {
		t.errors[len(t.errors)-1].Secret = true
	}
}

func (t *translator) leaf(v *jsonschema.ValidationError) {
	_, fragment, _ := strings.Cut(v.AbsoluteKeywordLocation, "#")
	at := strings.LastIndexByte(fragment, '/')
	keyword, owner := fragment[at+1:], fragment[:at]
	if at := strings.LastIndex(fragment, "/dependencies/"); at >= 0 {
		keyword, owner = "dependencies", fragment[:at]
	}
	value, path := t.find(v.InstanceLocation)
	rule, _ := lookup(t.definition.text, owner).(map[string]any)
	switch keyword {
	case "additionalProperties":
		t.unknownKeys(rule, value, path)
	case "required":
		t.missingKeys(rule, value, path)
	case "anyOf":
		t.missingAlternatives(rule, value, path)
	case "dependencies":
		t.missingPartners(rule, value, path)
	case "enum", "const":
		t.notAllowed(rule, value, path)
	case "type":
		t.wrongType(rule, owner, value, path)
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
		t.report(path, false, fmt.Sprintf("the %s is empty", strings.TrimPrefix(kindOf(value), "a ")),
			"write at least one "+when(keyword == "minItems", "item", "key"))
	case "maxItems":
		t.report(path, false, fmt.Sprintf("more than %v items, the limit", rule["maxItems"]), "split the plan")
	case "minLength":
		t.report(path, false, "the value is empty", "write a value, or remove the key")
	case "format":
		t.notRegular(value, path)
	default:
		t.report(path, false, "invalid value: "+safe.Safe(diag.Shorten(v.Message)), "")
	}
}

// plainly returns what is wrong in a regular expression without repeating it.
func plainly(err error) string {
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		return wrong.Code.String()
	}
	return err.Error()
}

// find returns the value at a JSON pointer and its path in the document.
func (t *translator) find(pointer string) (any, string) {
	value, path := t.value, t.base
	for _, token := range tokens(pointer) {
		switch v := value.(type) {
		case map[string]any:
			value, path = v[token], tree.Join(path, token)
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
		if plain, err := url.PathUnescape(p); err == nil { // the library escapes it so
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

package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/resetplan/resetplan/schema/tree"
)

// outOfRange reports a number with its limit; the number is shown as written.
func (t *translator) outOfRange(keyword string, rule map[string]any, value any, path string) {
	number := diag.Shorten(scalar(value))
	if strings.HasSuffix(path, ".timestamp") || strings.HasSuffix(path, ".offset") {
		if special := map[string]string{"-1": "to: latest", "-2": "to: earliest"}[number]; special != "" {
			t.report(path, false, number+" is too small", fmt.Sprintf("the minimum is 0; write %s for what Kafka clients call %s", special, number))
			return
		}
	}
	if strings.HasSuffix(path, ".timestamp") && keyword == "maximum" {
		if _, err := literal.ParseInstant(number, ""); err != nil {
			reason, remedy := diag.Split(err)
			t.report(path, false, reason, remedy)
			return
		}
	}
	limit := fmt.Sprint(rule[keyword])
	switch {
	case keyword == "maximum":
		t.report(path, false, number+" is too large", "the maximum is "+limit)
	case keyword == "minimum" && strings.HasSuffix(path, ".offset") && !strings.HasSuffix(path, ".until.offset"):
		t.report(path, false, number+" is too small", fmt.Sprintf("the minimum is %s; write {shift: %s} to move back from the committed position",
			limit, number))
	case keyword == "minimum":
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
func (t *translator) quoted(path string, value any) string {
	if t.index.MayBeSecret(path) {
		return "the value"
	}
	return strconv.Quote(diag.Shorten(scalar(value)))
}

// unquote returns how to write a value that is in quotes, or comes from a parameter
// of another type.
func (t *translator) unquote(path, text, wanted string) string {
	if n := t.index.Values[path]; n != nil && strings.Contains(n.Value, "${") {
		if strings.Contains(wanted, "boolean") {
			return "declare the parameter with type: boolean"
		}
		return "declare the parameter with type: integer"
	}
	return "remove the quotes: " + text
}

// written returns a number as the document writes it.
func (t *translator) written(path, text string) string {
	if n := t.index.Numbers[path]; n.Written != "" {
		return n.Written
	}
	return text
}

func unitOf(rule map[string]any) string {
	if examples, _ := rule["examples"].([]any); len(examples) > 0 {
		return strings.TrimLeft(fmt.Sprint(examples[0]), "0123456789")
	}
	return "s"
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
	_, isNumber := value.(json.Number)
	if word := meant(scalar(value), allowed); word != "" && !isNumber {
		remedy = fmt.Sprintf("did you mean %s?", word)
	}
	switch value.(type) {
	case string, json.Number, bool:
		shown := t.quoted(path, value)
		if isNumber {
			shown = scalar(value)
		}
		if what := diag.Lookalike(scalar(value), tree.TextColumn(t.index.Values[path])); what != "" && !t.index.MayBeSecret(path) {
			remedy = what + "; " + remedy
		}
		t.report(path, false, "unknown value "+shown, remedy)
	default:
		t.report(path, false, fmt.Sprintf("expected one of %s, got %s", strings.Join(allowed, ", "), kindOf(value)), remedy)
	}
}

func (t *translator) notTheConstant(want, value any, path string) {
	switch text := scalar(value); {
	case path != "version" && path != "formatVersion":
		t.report(path, false, fmt.Sprintf("%s is not %v", t.quoted(path, value), want), "")
	case fmt.Sprint(want) == text:
		t.report(path, false, "expected a number, got "+kindOf(value),
			fmt.Sprintf("remove the quotes: %s: %v", path, want))
	case text == "":
		t.report(path, false, fmt.Sprintf("expected the number %v, got %s", want, kindOf(value)), fmt.Sprintf("write %s: %v", path, want))
	default:
		t.report(path, false, fmt.Sprintf("version %s is not supported", diag.Shorten(text)),
			fmt.Sprintf("write %s: %v, or use a newer resetplan for a newer file", path, want))
	}
}

// badKey reports a key that is not a name, or not a number, of what it names.
func (t *translator) badKey(rule map[string]any, key, path string) {
	remedy := "use letters, digits, _ and -, and begin with a letter"
	if pattern, _ := rule["pattern"].(string); pattern == numberKey {
		remedy = "write the plain number"
		if value, m := literal.ParseNumber(key); value != "" && m.Write != "" && literal.IsInteger(m.Write) {
			remedy = "write " + m.Write
		}
	}
	if what := diag.Lookalike(key, tree.TextColumn(t.index.Keys[path])); what != "" {
		remedy = what
	}
	t.report(path, true, fmt.Sprintf("invalid key %q", diag.Shorten(diag.MaskSecret(key))), remedy)
}

func (t *translator) mismatch(rule map[string]any, value any, path string) {
	if strings.Contains(path, ".env.") { // the value may be the secret itself
		t.reportSecret(path, notAVariable, variableRemedy)
		return
	}
	if t.definition.operator && strings.HasSuffix(path, ".urlEnv") {
		t.reportSecret(path, notAVariable, "write the variable's name, such as HOOK_URL; rotate the secret if it was shared")
		return
	}
	if t.definition.operator && strings.HasSuffix(path, ".url") { // the path of a webhook is often its secret
		t.reportSecret(path, "not a valid address", "write a URL such as https://hooks.example.com/path")
		return
	}
	if reason, remedy := explained(t.index, rule, path, scalar(value)); reason != "" {
		t.report(path, false, reason, remedy)
		return
	}
	about, _ := rule["description"].(string)
	remedy := ""
	if examples, _ := rule["examples"].([]any); len(examples) > 0 {
		remedy = fmt.Sprintf("write for example %v", examples[0])
	}
	reason := "invalid value " + t.quoted(path, value)
	if t.index.MayBeSecret(path) {
		reason = "invalid value"
	}
	if about != "" {
		reason += ": " + firstSentence(about)
	}
	t.report(path, false, reason, remedy)
}

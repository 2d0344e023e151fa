package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/schema"
)

// A member is one key of a JSON object, whose order is kept.
type member struct {
	key   string
	value any // object, []any, or a scalar
}

type object []member

func (o object) get(key string) any {
	if i := slices.IndexFunc(o, func(m member) bool { return m.key == key }); i >= 0 {
		return o[i].value
	}
	return nil
}

func (o object) object(key string) object { v, _ := o.get(key).(object); return v }
func (o object) text(key string) string   { v, _ := o.get(key).(string); return v }
func (o object) list(key string) []any    { v, _ := o.get(key).([]any); return v }

// ordered reads a JSON value in the order in which it is written.
func ordered(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		out := object{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := ordered(d)
			if err != nil {
				return nil, err
			}
			out = append(out, member{fmt.Sprint(key), value})
		}
		_, err = d.Token()
		return out, err
	case json.Delim('['):
		out := []any{}
		for d.More() {
			value, err := ordered(d)
			if err != nil {
				return nil, err
			}
			out = append(out, value)
		}
		_, err = d.Token()
		return out, err
	}
	return token, nil
}

// intros are the first paragraphs of the pages of the files' formats.
var intros = map[schema.Kind]string{
	schema.Plan: "What a person writes. [concepts.md](../concepts.md) explains the ideas; a page for each service, in\n" +
		"[services](../services/README.md), has plans to start from. Integers are decimal digits; counts of guards may end with `k`, `M`\n" +
		"or `G`; durations are Go's with `d` and `w` (`90s`, `36h`, `7d`). A key that accepts a list accepts a single value too.\n" +
		"`${name}` inserts a parameter, in any value.",
	schema.Lock: "What the program writes next to the plan: `orders-replay.yaml` has `orders-replay.lock.yaml`. Commit it with the\n" +
		"plan. Do not edit it: `resetplan lock` shows and settles it. [concepts.md](../concepts.md#the-lock) explains it.",
	schema.Saved: "What `resetplan plan --format json` prints and `--out` saves. `resetplan apply` sends exactly what is in it, or nothing.",
	schema.Configuration: "What the person or the job that runs the program permits and provides: `resetplan.config.yaml`.\n" +
		"[configuration.md](../configuration.md) explains it with examples.",
}

// schemaPage describes a format: its top level, then each definition.
func schemaPage(t *testing.T, kind schema.Kind) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(schema.JSON(kind)))
	d.UseNumber()
	read, err := ordered(d)
	if err != nil {
		t.Fatal(err)
	}
	root := read.(object)
	out := "# " + root.text("title") + "\n\n" + tidy(root.text("description")) + "\n\n" + intros[kind] + "\n\n" +
		"`resetplan schema " + string(kind) + "` prints the JSON Schema of this page.\n"
	out += "\n## Top level\n\n" + keyTable(root)
	connections := ""
	for _, d := range root.object("$defs") {
		rules := d.value.(object)
		if d.key == "reference" || d.key == "provider" && len(rules.object("properties")) == 1 {
			continue // a parameter; the list of types, which the definitions after it have
		}
		if kind == schema.Configuration && strings.HasPrefix(d.key, "provider-") {
			connections += "- [" + d.key + "](plan.md#" + d.key + ")\n"
			continue // the page of the plan has its keys
		}
		out += "\n## " + d.key + "\n\n" + tidy(rules.text("description")) + "\n"
		if words := typeOf(rules.object("then")); words != "" {
			out += "\nA word: " + words + "; or a mapping with one of these keys.\n"
			rules = rules.object("else")
		}
		if len(rules.object("properties")) > 0 {
			out += "\n" + keyTable(rules)
		}
	}
	if connections != "" {
		out += "\n## Connections\n\nA connection has the keys of a provider in a plan:\n\n" + connections
	}
	return out
}

func keyTable(rules object) string {
	return "| key | value | meaning |\n|---|---|---|\n" + keyRows("", rules)
}

// keyRows are the keys of a mapping and of the mappings in it.
func keyRows(prefix string, rules object) string {
	out := ""
	for _, p := range rules.object("properties") {
		rule := p.value.(object)
		name := prefix + p.key
		key := "`" + name + "`"
		if slices.Contains(rules.list("required"), any(p.key)) {
			key = "**`" + name + "`**"
		}
		out += "| " + key + " | " + typeOf(rule) + " | " + meaning(rule) + " |\n"
		out += keyRows(name+".", rule)
		out += keyRows(name+"[].", rule.object("items"))
		out += keyRows(name+".NAME.", rule.object("additionalProperties"))
	}
	return out
}

// meaning is the description of a key, with its examples.
func meaning(rule object) string {
	text := rule.text("description")
	if text == "" && rule.text("$ref") != "" {
		text = "See " + typeOf(rule) + "."
	}
	var examples []string
	for _, e := range rule.list("examples") {
		written := "`" + flow(e) + "`"
		if !strings.Contains(text, strings.Trim(written, "`")) {
			examples = append(examples, written)
		}
	}
	if len(examples) > 0 {
		text += " Examples: " + strings.Join(examples, ", ") + "."
	}
	return tidy(strings.NewReplacer("\n", " ", "|", `\|`).Replace(text))
}

// flow writes a value as YAML on one line.
func flow(value any) string {
	var in []string
	switch v := value.(type) {
	case object:
		for _, m := range v {
			in = append(in, m.key+": "+flow(m.value))
		}
		return "{" + strings.Join(in, ", ") + "}"
	case []any:
		for _, e := range v {
			in = append(in, flow(e))
		}
		return "[" + strings.Join(in, ", ") + "]"
	}
	return fmt.Sprint(value)
}

// typeOf names the values that a rule accepts. A parameter is accepted everywhere
// and not named.
func typeOf(rule object) string {
	if rule == nil {
		return ""
	}
	if ref := rule.text("$ref"); ref != "" {
		name := strings.TrimPrefix(ref, "#/$defs/")
		if name == "reference" {
			return ""
		}
		if name == "provider" {
			return "a provider"
		}
		return "[" + name + "](#" + anchor(name) + ")"
	}
	if c := rule.get("const"); c != nil {
		return fmt.Sprintf("`%v`", c)
	}
	var words, out []string
	for _, e := range rule.list("enum") {
		words = append(words, fmt.Sprintf("`%v`", e))
	}
	if len(words) > 0 {
		return strings.Join(words, ", ")
	}
	for _, alternative := range rule.list("anyOf") {
		if a, ok := alternative.(object); ok && typeOf(a) != "" {
			out = append(out, typeOf(a))
		}
	}
	if len(out) > 0 {
		return strings.Join(out, " or ")
	}
	types := rule.list("type")
	if one := rule.text("type"); one != "" {
		types = []any{one}
	}
	for _, one := range types {
		if one != "array" {
			out = append(out, valueType(fmt.Sprint(one), rule))
		}
	}
	single, item := strings.Join(out, " or "), typeOf(rule.object("items"))
	switch {
	case !slices.Contains(types, any("array")):
		return single
	case single != "":
		return single + ", or a list"
	case item == "":
		return "list"
	}
	return "list of " + item
}

func valueType(name string, rule object) string {
	switch of := typeOf(rule.object("additionalProperties")); {
	case name == "string":
		return stringType(rule.text("pattern"))
	case name == "object" && of != "":
		return "mapping of names to " + of
	case name == "object":
		return "mapping"
	}
	return name
}

// stringType names the strings that a pattern accepts, if many keys have it.
func stringType(pattern string) string {
	switch {
	case strings.Contains(pattern, "ms|s|m|h"):
		return "duration"
	case strings.Contains(pattern, "unlimited"):
		return "`unlimited`"
	case strings.HasSuffix(pattern, "[kMG]$"):
		return "count"
	case strings.HasPrefix(pattern, "^sha256"):
		return "digest"
	}
	return "string"
}

// tidy escapes what Markdown would take as a tag, outside of backquotes.
func tidy(text string) string {
	pieces := strings.Split(text, "`")
	for i := 0; i < len(pieces); i += 2 {
		pieces[i] = strings.NewReplacer("<", "&lt;", "*", `\*`).Replace(pieces[i])
	}
	return strings.Join(pieces, "`")
}

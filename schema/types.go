package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/resetplan/resetplan/schema/tree"
)

// wrongType reports a value whose type is not the rule's. owner is the rule's place
// in the schema.
func (t *translator) wrongType(rule map[string]any, owner string, value any, path string) {
	if t.toWithoutKey(value, path) {
		return
	}
	if strings.Contains(path, ".env.") {
		t.reportSecret(path, notAVariable, variableRemedy)
		return
	}
	wanted := fmt.Sprint(rule["type"])
	reason, remedy := "", ""
	switch v := value.(type) {
	case string:
		reason, remedy = t.textFor(wanted, v, path)
	case json.Number:
		reason, remedy = t.numberFor(rule, wanted, v.String(), path)
	case bool:
		remedy = t.booleanFor(wanted, v, path)
	case []any:
		remedy = t.listFor(wanted, owner, v, path)
	}
	if reason == "" {
		reason = fmt.Sprintf("expected %s, got %s", kinds(rule["type"]), kindOf(value))
	}
	if remedy == "" {
		remedy = instead(rule, wanted, path)
	}
	t.report(path, false, reason, remedy)
}

// textFor explains a string instead of another type.
func (t *translator) textFor(wanted, text, path string) (reason, remedy string) {
	lower := strings.ToLower(text)
	number := strings.Contains(wanted, "integer") || strings.Contains(wanted, "number")
	n, err := literal.Count(strings.NewReplacer(",", "", " ", "", "_", "").Replace(text))
	word := cmp.Or(literal.Boundaries[lower], lower)
	switch {
	case number && literal.IsInteger(text) && len(text) > literal.MostDigits:
		return "a number of " + strconv.Itoa(len(text)) + " digits is too large", "the maximum is 9223372036854775807"
	case number && (literal.IsInteger(text) || wanted == "number" && literal.IsDecimal(text)), wanted == "boolean" &&
		(text == "true" || text == "false"):
		return "", t.unquote(path, diag.Shorten(text), wanted)
	case wanted == "boolean" && (lower == "yes" || lower == "on" || lower == "y" || lower == "true"):
		return "", "write true"
	case wanted == "boolean" && (lower == "no" || lower == "off" || lower == "n" || lower == "false"):
		return "", "write false"
	case strings.HasSuffix(path, ".executionMode"):
		return "", "0 is standalone, 1 is cluster"
	case number && strings.Contains(path, ".to.") && (word == "latest" || word == "earliest"):
		return strconv.Quote(diag.Shorten(text)) + " is not an offset", "write to: " + word
	case number && err == nil && text != "":
		return fmt.Sprintf("%q is not written in plain digits", diag.Shorten(text)), fmt.Sprintf("write %d", n)
	case number && strings.HasSuffix(path, "shards"):
		if numbersInText.MatchString(text) {
			return "", "write a list: [" + strings.Join(partsOf(text), ", ") + "]"
		}
		return "", "write a list, such as [0, 1]"
	case number:
		if what := diag.Lookalike(text, tree.TextColumn(t.index.Values[path])); what != "" {
			return fmt.Sprintf("%q is not a number", diag.Shorten(text)), what
		}
	case strings.HasSuffix(path, ".sasl"):
		return "", "write sasl: {mechanism: …}"
	case strings.HasSuffix(path, ".idle") && literal.IsDuration(text):
		return "", fmt.Sprintf("write idle: {wait: %s}", text)
	case strings.HasSuffix(path, ".guards") && path != "guards":
		return "", "write guards: {maxSkip: 0}"
	case strings.HasPrefix(path, "params.") && strings.Count(path, ".") == 1:
		return "", fmt.Sprintf("write %s: {type: string}", diag.Shorten(strings.TrimPrefix(path, "params.")))
	case path == "":
		return "", "`resetplan init` writes a plan to start from"
	}
	return "", ""
}

var numbersInText = pattern.New(`^(?:0|[1-9][0-9]*)(?:[, ]+(?:0|[1-9][0-9]*))+$`)

// numberFor explains a number instead of another type or a whole number.
func (t *translator) numberFor(rule map[string]any, wanted, text, path string) (reason, remedy string) {
	written := t.written(path, text)
	isLabel := strings.HasPrefix(path, "labels.")
	switch {
	case strings.Contains(wanted, "integer") && strings.HasSuffix(path, ".timestamp"):
		seconds, fraction, _ := strings.Cut(text, ".")
		return written + " is not a whole number", "write milliseconds since 1970: " + seconds + (fraction + "000")[:3]
	case strings.Contains(wanted, "integer"):
		remedy = "write a whole number such as " + strings.Split(text, ".")[0]
		if isLabel || strings.HasPrefix(path, "params.") {
			remedy += fmt.Sprintf(", or %q in quotes if it is text", written)
		}
		return written + " is not a whole number", remedy
	case rule["pattern"] == durationPattern && strings.HasPrefix(text, "-"):
		return written + " is negative", "write a duration such as 30s"
	case rule["pattern"] == durationPattern:
		if z := zeroOf(path); z != nil && isZero(text) {
			return z.reason, z.remedy
		}
		unit := unitOf(rule)
		if len(text) > 3 && unit == "s" && literal.IsInteger(text) {
			return "a unit is missing", fmt.Sprintf("write %sms for milliseconds, or %ss for seconds", text, text)
		}
		if unit == "m" {
			return "a unit is missing", fmt.Sprintf("write %ss or %sm", text, text)
		}
		return "a unit is missing", "write " + text + unit
	case strings.Contains(path, "bootstrapServers"):
		return "", "write host:port, such as b1.example.com:9092"
	case strings.HasSuffix(path, ".endpoint"):
		return "", "write https://host"
	case wanted == "boolean" && (text == "1" || text == "0"):
		return "", "write " + strconv.FormatBool(text == "1")
	case strings.Contains(wanted, "string") && !atTo.MatchString(path) && !t.index.MayBeSecret(path):
		return "", fmt.Sprintf("put quotes around it: %q", written)
	}
	return "", ""
}

func (t *translator) booleanFor(wanted string, value bool, path string) string {
	switch {
	case strings.HasSuffix(path, ".tls") && value:
		return "write tls: {}"
	case strings.HasSuffix(path, ".tls"):
		return "remove the key: without it there is no TLS"
	case strings.HasSuffix(path, ".wait"), strings.HasSuffix(path, ".idle"):
		return when(value, "write idle: {wait: 5m}", "remove the key")
	case wanted == "string" && !strings.HasSuffix(path, ".maxAge") && !strings.HasSuffix(path, ".timeout") && !t.index.MayBeSecret(path):
		return fmt.Sprintf("put quotes around it: %q", strconv.FormatBool(value))
	}
	return ""
}

// listFor explains a list instead of a single value.
func (t *translator) listFor(wanted, owner string, value []any, path string) string {
	name := path[strings.LastIndexByte(path, '.')+1:]
	if name == "offsets" {
		if pairs := offsetPairs(value); pairs != "" {
			return "write {" + pairs + "}"
		}
	}
	if at := strings.LastIndexByte(owner, '/'); at >= 0 && wanted == "string" {
		if among, _ := lookup(t.definition.text, owner[:at]).(map[string]any); among[name+"s"] != nil {
			return fmt.Sprintf("write %ss: […] for several", name)
		}
	}
	if atTo.MatchString(path) {
		return "write one target, such as to: latest"
	}
	if len(value) == 1 && scalar(value[0]) != "" && !strings.Contains(wanted, "object") {
		return "write one value without brackets"
	}
	if strings.Contains(path, ".target.") {
		return "write one value; use one step for each"
	}
	return ""
}

// offsetPairs returns a list of partitions and offsets as a mapping, or "".
func offsetPairs(list []any) string {
	var out []string
	for _, item := range list {
		o := object(item)
		n, isNumber := whole(o["partition"])
		at, isOffset := whole(o["offset"])
		if !isNumber || !isOffset || n < 0 || at < 0 || len(o) != 2 || len(list) > 20 {
			return ""
		}
		out = append(out, fmt.Sprintf("%d: %d", n, at))
	}
	return strings.Join(out, ", ")
}

// instead is the remedy if nothing is known about what was written.
func instead(rule map[string]any, wanted, path string) string {
	properties, _ := rule["properties"].(map[string]any)
	examples, _ := rule["examples"].([]any)
	switch {
	case path == "":
		return "`resetplan init` writes a plan to start from"
	case atTo.MatchString(path):
		return "write for example to: latest, or to: {timestamp: 2026-11-18T00:00:00Z}"
	case strings.HasSuffix(path, "].until"):
		return "write for example until: former, or until: {offset: 200}"
	case rule["pattern"] == limitPattern:
		return "write a number such as 5000 or 5M, or unlimited"
	case rule["pattern"] == partPattern:
		return "write a number, or a range such as 0-11"
	case strings.HasSuffix(path, "bootstrapServers"):
		return "write a list of host:port"
	case len(examples) > 0 && !strings.Contains(wanted, "object"):
		return fmt.Sprintf("write for example %v", examples[0])
	case strings.HasSuffix(path, ".timestamp"):
		return "write 2026-11-18T00:00:00Z, epoch milliseconds, now or now-24h"
	case strings.HasSuffix(path, ".target"):
		return "write its keys, such as target: {group: NAME, topic: NAME}"
	case path == "steps":
		return "begin each step with a dash"
	case wanted == "object" && len(properties) > 0:
		return "write its keys and values; the keys are " + strings.Join(sortedKeys(properties), ", ")
	case wanted == "object":
		return "write its keys and values"
	case wanted == "boolean":
		return "write true or false"
	case strings.HasPrefix(wanted, "[array"):
		return "write one value, or a list in brackets"
	case strings.Contains(wanted, "integer"):
		return "write a whole number such as 100"
	case wanted == "number":
		return "write a number such as 10"
	case wanted == "string":
		return fmt.Sprintf("write one text: %s: TEXT", path[strings.LastIndexByte(path, '.')+1:])
	}
	return ""
}

package draft

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema"
)

// A OneStep is a plan with one step whose keys come from the command line. Its
// values are not checked: its text is read and checked like any other plan.
type OneStep struct {
	Head []string // comment lines at the top
	Type string   // of the provider; also the name of the connection, if Connection is ""
	// Connection is a connection of the operator's configuration; Keys then has none of
	// a provider.
	Connection string
	Name       string // of the plan and of its step
	Keys       map[schema.Section]map[string]any
	// To is the target position: a word, or a mapping. Its numbers, and all others
	// of the plan, are json.Number, in the digits in which they were typed.
	To any
}

// Set adds a value under the keys that lead to it.
func (o *OneStep) Set(section schema.Section, path []string, value any) {
	if o.Keys == nil {
		o.Keys = map[schema.Section]map[string]any{}
	}
	if o.Keys[section] == nil {
		o.Keys[section] = map[string]any{}
	}
	at := o.Keys[section]
	for _, key := range path[:len(path)-1] {
		inner, ok := at[key].(map[string]any)
		if !ok {
			inner = map[string]any{}
			at[key] = inner
		}
		at = inner
	}
	last := path[len(path)-1]
	if inner, ok := value.(map[string]any); ok && len(inner) == 0 && at[last] != nil {
		return // the mapping has keys already
	}
	at[last] = value
}

// YAML returns the text of the plan. The same keys and values have the same text.
func (o *OneStep) YAML() []byte {
	var out strings.Builder
	comment(&out, "", o.Head)
	fmt.Fprintf(&out, "version: 1\nname: %s\n", text.Scalar(o.Name))
	if o.Connection == "" {
		fmt.Fprintf(&out, "providers:\n  %s:\n    type: %s\n", text.Scalar(o.Type), text.Scalar(o.Type))
	}
	connection := o.Keys[schema.OfProvider]
	for _, key := range slices.Sorted(maps.Keys(connection)) {
		fmt.Fprintf(&out, "    %s: %s\n", text.Scalar(key), flow(connection[key]))
	}
	fmt.Fprintf(&out, "steps:\n  - id: %s\n    provider: %s\n", text.Scalar(o.Name), text.Scalar(cmp.Or(o.Connection, o.Type)))
	target := o.Keys[schema.OfTarget]
	if target == nil {
		target = map[string]any{}
	}
	fmt.Fprintf(&out, "    target: %s\n", flow(target))
	if o.To != nil {
		fmt.Fprintf(&out, "    to: %s\n", position(o.To))
	}
	for _, section := range []schema.Section{schema.OfGuards, schema.OfIdle, schema.OfStart} {
		if keys := o.Keys[section]; len(keys) > 0 {
			fmt.Fprintf(&out, "    %s: %s\n", section, flow(keys))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(o.Keys[schema.OfStep])) {
		fmt.Fprintf(&out, "    %s: %s\n", text.Scalar(key), flow(o.Keys[schema.OfStep][key]))
	}
	return []byte(out.String())
}

// position formats a target position. Numbers that are keys are ordered by value
// and written without quotes.
func position(to any) string {
	keys, ok := to.(map[string]any)
	if !ok {
		return flow(to)
	}
	var parts []string
	for _, k := range slices.SortedFunc(maps.Keys(keys), byNumber) {
		name := text.Scalar(k)
		if isNumber(k) {
			name = k
		}
		parts = append(parts, name+": "+position(keys[k]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func isNumber(key string) bool {
	n, err := strconv.ParseUint(key, 10, 63)
	return err == nil && strconv.FormatUint(n, 10) == key
}

// byNumber orders keys that are numbers by value, before the others.
func byNumber(a, b string) int {
	if isNumber(a) && isNumber(b) && len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// numberLike is a text that YAML may read as a number, or that begins like one.
var numberLike = pattern.New(`^[-+]?[0-9][0-9A-Za-z_.-]*$`)

// Typed returns a text from the command line as a value of a plan. If the key
// accepts a number or a duration, a text that begins like one is written without
// quotes, so that the plan's own rules for numbers apply to it.
func Typed(in schema.Input, given string) any {
	if in.Boolean && (given == "true" || given == "false") {
		return given == "true"
	}
	if (in.Number || in.Duration) && numberLike.MatchString(given) {
		return json.Number(given)
	}
	return given
}

package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	safe "github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/tree"
	"gopkg.in/yaml.v3"
)

// mostFlow bounds a value in a remedy.
const mostFlow = 400

// flow formats a value as YAML in one line. What may be a secret is left out.
func (r *rewriter) flow(v any, path string) string {
	text := r.inOneLine(v, path, 0)
	if len(text) > mostFlow {
		return when(strings.HasPrefix(text, "["), "[…]", "{…}")
	}
	return text
}

func (r *rewriter) inOneLine(v any, path string, depth int) string {
	const deep, many = 6, 30
	name := path[strings.LastIndexByte(path, '.')+1:]
	if r.index.Hides(path) || r.index.MayBeSecret(path) || diag.SecretName(name) || depth > deep || len(list(v)) > many || len(object(v)) > many {
		return "…"
	}
	var parts []string
	switch v := v.(type) {
	case map[string]any:
		for _, key := range inPlanOrder(r.written(v, path)) {
			parts = append(parts, safe.Scalar(key)+": "+r.inOneLine(v[key], tree.Join(path, key), depth+1))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		for i, item := range v {
			parts = append(parts, r.inOneLine(item, fmt.Sprintf("%s[%d]", path, i), depth+1))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case string:
		return inFlow(v)
	}
	return "…"
}

// inFlow formats a text as YAML between brackets, without quotes if it needs none.
func inFlow(text string) string {
	var n yaml.Node
	if !strings.ContainsAny(text, "#\n") && yaml.Unmarshal([]byte("["+text+"]"), &n) == nil && len(n.Content) == 1 && len(n.Content[0].Content) == 1 {
		if one := n.Content[0].Content[0]; one.Value == text && one.Style == 0 && (one.ShortTag() == "!!str" || one.ShortTag() == "!!timestamp") &&
			safe.Safe(text) == text {
			return text
		}
	}
	return safe.Scalar(text)
}

// inPlanOrder puts the keys that plans begin with first.
func inPlanOrder(keys []string) []string {
	first := []string{"id", "provider", "type", "target", "to"}
	slices.SortStableFunc(keys, func(a, b string) int {
		return cmp.Compare(uint(slices.Index(first, a)), uint(slices.Index(first, b)))
	})
	return keys
}

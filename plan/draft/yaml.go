package draft

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema"
)

// YAML returns the draft's text.
func (d *Draft) YAML() []byte {
	var out strings.Builder
	comment(&out, "", d.Head)
	fmt.Fprintf(&out, "version: 1\nname: %s\n", literal(d.Name))
	if d.Description != "" {
		fmt.Fprintf(&out, "description: %s\n", literal(d.Description))
	}
	if len(d.Labels) > 0 {
		labels := map[string]any{}
		for k, v := range d.Labels {
			labels[k] = v
		}
		fmt.Fprintf(&out, "labels: %s\n", flow(labels))
	}
	own := slices.DeleteFunc(slices.Clone(d.Providers), func(p schema.Provider) bool {
		return p.Shared || !slices.ContainsFunc(d.Steps, func(s Step) bool { return s.Provider == p.Name })
	})
	if len(own) > 0 {
		out.WriteString("providers:\n")
	}
	for _, p := range own {
		provider(&out, p)
	}
	if g := guards(d.Guards); len(g) > 0 {
		fmt.Fprintf(&out, "guards: %s\n", flow(g))
	}
	out.WriteString("steps:\n")
	for _, s := range d.Steps {
		s.yaml(&out)
	}
	return []byte(out.String())
}

// provider writes a connection.
func provider(out *strings.Builder, p schema.Provider) {
	fmt.Fprintf(out, "  %s:\n    type: %s\n", p.Name, literal(p.Type))
	keys := maps.Clone(p.Config)
	if keys == nil {
		keys = map[string]any{}
	}
	if p.Endpoint != "" {
		keys["endpoint"] = p.Endpoint
	}
	if p.Insecure {
		keys["insecure"] = true
	}
	if p.Timeout != 0 && p.Timeout != 30*time.Second {
		keys["timeout"] = p.Timeout.String()
	}
	if p.RateLimit != 0 {
		keys["rateLimit"] = json.Number(strconv.FormatFloat(p.RateLimit, 'f', -1, 64))
	}
	credentials := map[string]any{}
	if p.Credentials.Profile != "" {
		credentials["profile"] = p.Credentials.Profile
	}
	for k, v := range p.Credentials.Env {
		env, _ := credentials["env"].(map[string]any)
		if env == nil {
			env = map[string]any{}
			credentials["env"] = env
		}
		env[k] = v
	}
	if len(credentials) > 0 {
		keys["credentials"] = credentials
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		fmt.Fprintf(out, "    %s: %s\n", text.Scalar(k), flow(keys[k]))
	}
}

// yaml writes a step.
func (s Step) yaml(out *strings.Builder) {
	comment(out, "  ", s.Comment)
	fmt.Fprintf(out, "  - id: %s\n", text.Scalar(s.ID))
	if s.Description != "" {
		fmt.Fprintf(out, "    description: %s\n", literal(s.Description))
	}
	fmt.Fprintf(out, "    provider: %s\n", literal(s.Provider))
	target := maps.Clone(s.Target)
	for _, one := range s.Select {
		target[one.Key] = one.Names
	}
	if s.Exclude != nil {
		target["exclude"] = s.Exclude
	}
	fmt.Fprintf(out, "    target: %s\n", flow(target))
	switch s.To.Form {
	case schema.ToOffsets:
		fmt.Fprintf(out, "    to:\n      offsets: %s\n", numbered(s.To.Offsets[""], func(n int64) string { return strconv.FormatInt(n, 10) }))
	case schema.ToCheckpoints:
		fmt.Fprintf(out, "    to:\n      checkpoints: %s\n", numbered(s.To.Checkpoints, literal))
	default:
		fmt.Fprintf(out, "    to: %s\n", s.To.Form)
	}
	if g := guards(s.Guards); len(g) > 0 {
		fmt.Fprintf(out, "    guards: %s\n", flow(g))
	}
	if s.Idle.Wait > 0 {
		fmt.Fprintf(out, "    idle: %s\n", flow(map[string]any{"wait": s.Idle.Wait.String()}))
	}
}

// guards returns the guards that a draft may have, by key.
func guards(g schema.Guards) map[string]any {
	out := map[string]any{}
	if g.MaxSkip != nil && g.MaxSkip.Unlimited {
		out["maxSkip"] = "unlimited"
	}
	if g.AllowNew {
		out["allowNew"] = true
	}
	if g.Clamp {
		out["clamp"] = true
	}
	return out
}

// lineWidth is the width at which a list of partitions continues on the next line.
const lineWidth = 100

// numbered formats a mapping of partition numbers, wrapped at lineWidth.
func numbered[V any](m map[int]V, show func(V) string) string {
	var out strings.Builder
	out.WriteString("{")
	column := len("      checkpoints: {")
	for i, n := range slices.Sorted(maps.Keys(m)) {
		entry := strconv.Itoa(n) + ": " + show(m[n])
		switch {
		case i == 0:
		case column+2+len(entry) > lineWidth:
			out.WriteString(",\n        ")
			column = 8
		default:
			out.WriteString(", ")
			column += 2
		}
		out.WriteString(entry)
		column += len(entry)
	}
	return out.String() + "}"
}

// flow formats a JSON value on one line.
func flow(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, text.Scalar(k)+": "+flow(v[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, flow(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []string:
		var parts []string
		for _, e := range v {
			parts = append(parts, literal(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		return literal(v)
	}
	return fmt.Sprint(v) // a json.Number or a bool
}

// literal formats a string so that it reads back unchanged; a text that looks like a
// parameter is escaped.
func literal(s string) string { return text.Scalar(strings.ReplaceAll(s, "${", "$${")) }

// comment formats text as YAML comment lines.
func comment(out *strings.Builder, indent string, lines []string) {
	for _, line := range lines {
		column := lineWidth
		for i, word := range strings.Fields(text.Safe(line)) {
			switch {
			case i == 0:
				column, word = len(indent), indent+"# "+word
			case column+len(word) > lineWidth:
				column, word = len(indent), "\n"+indent+"#   "+word
			default:
				word = " " + word
			}
			column += len(word)
			out.WriteString(word)
		}
		out.WriteString("\n")
	}
}

package operator

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema"
)

// InForce is what holds, and why.
type InForce struct {
	File     string    `json:"file,omitempty"`
	FoundBy  string    `json:"foundBy,omitempty"`
	Searched []string  `json:"searched,omitempty"`
	Settings []Setting `json:"settings"`
}

// A Setting is one key of the configuration.
type Setting struct {
	Key    string   `json:"key"`
	Values []string `json:"values"` // of a default, what it means
	Source string   `json:"source"` // a file, a variable, or "default"
}

// InForce lists the settings. No secret is in it: an address to which outcomes are
// posted is reduced to its host.
func (c *Configuration) InForce(allowEnv string) InForce {
	out := InForce{File: c.File, FoundBy: c.FoundBy, Searched: c.Searched}
	add := func(key, source string, values ...string) {
		out.Settings = append(out.Settings, Setting{key, values, source})
	}
	for _, p := range c.Connections {
		add("connections."+p.Name, c.File, described(p)...)
	}
	if len(c.Connections) == 0 {
		add("connections", "default", "none")
	}
	either := func(key string, values []string, otherwise string) {
		if values == nil {
			add(key, "default", otherwise)
			return
		}
		add(key, c.File, values...)
	}
	either("allow.hosts", c.Allow.Hosts, "every address")
	either("allow.env", c.Allow.Env, "the vendors' own variables")
	if named := strings.FieldsFunc(allowEnv, func(r rune) bool { return r == ',' || r == ' ' }); len(named) > 0 {
		add("allow.env", "RESETPLAN_ALLOW_ENV", named...)
	}
	only := "false: plans may define connections"
	if c.Allow.ConnectionsOnly {
		only = "true: plans may only name connections"
	}
	add("allow.connectionsOnly", c.origin(c.Allow.ConnectionsOnly), only)
	for key, limit := range map[string]*int64{"limits.maxReplay": c.Limits.MaxReplay, "limits.maxSkip": c.Limits.MaxSkip} {
		if limit == nil {
			add(key, "default", "no limit; the guards of each plan")
			continue
		}
		add(key, c.File, text.Grouped(*limit))
	}
	for _, w := range c.Workloads {
		add("workloads."+w.Name, c.File, workload(w)...)
	}
	if len(c.Workloads) == 0 {
		add("workloads", "default", "none")
	}
	for i, r := range c.Notify {
		add(fmt.Sprintf("notify[%d]", i), c.File, receiver(r)...)
	}
	if len(c.Notify) == 0 {
		add("notify", "default", "none")
	}
	slices.SortStableFunc(out.Settings, func(a, b Setting) int { return rank(a.Key) - rank(b.Key) })
	return out
}

// rank orders settings as the schema does.
func rank(key string) int {
	order := []string{"connections", "allow.hosts", "allow.env", "allow.connectionsOnly", "limits.maxReplay", "limits.maxSkip", "workloads", "notify"}
	return slices.IndexFunc(order, func(first string) bool { return strings.HasPrefix(key, first) })
}

// described returns the type, the address and the variables of a connection.
func described(p schema.Provider) []string {
	out := []string{p.Type}
	if p.Endpoint != "" {
		out = append(out, "endpoint "+p.Endpoint)
	}
	for _, key := range slices.Sorted(maps.Keys(p.Config)) {
		switch v := p.Config[key].(type) {
		case []any:
			out = append(out, key+" "+strings.Trim(fmt.Sprint(v), "[]"))
		case map[string]any:
			out = append(out, key)
		default:
			out = append(out, fmt.Sprintf("%s %v", key, v))
		}
	}
	if p.Credentials.Profile != "" {
		out = append(out, "profile "+p.Credentials.Profile)
	}
	for _, name := range p.Variables() {
		out = append(out, "$"+name)
	}
	return out
}

// workload returns the commands of a workload, as a shell would need them, and its times.
func workload(w schema.Workload) []string {
	var out []string
	for _, one := range []struct {
		verb  string
		words []string
	}{{"stop", w.Stop}, {"start", w.Start}, {"status", w.Status}} {
		if one.words == nil {
			continue
		}
		line := one.verb
		for _, word := range one.words {
			line += " " + text.ShellWord(word)
		}
		out = append(out, line)
	}
	out = append(out, "stopped within "+text.Span(w.Stopped), "started within "+text.Span(w.Started), "timeout "+text.Span(w.Timeout))
	for _, name := range w.Env {
		out = append(out, "$"+name)
	}
	return out
}

func receiver(r schema.Receiver) []string {
	at := "$" + r.URLEnv
	if u, err := url.Parse(r.URL); r.URL != "" && err == nil {
		at = u.Scheme + "://" + u.Host
	}
	out := []string{at, "on " + strings.Join(r.On, ", "), "timeout " + text.Span(r.Timeout)}
	for _, header := range slices.Sorted(maps.Keys(r.Headers)) {
		out = append(out, header+" from $"+r.Headers[header])
	}
	return out
}

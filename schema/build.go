package schema

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// A builder makes a Document of a JSON value and checks on the way what a
// JSON Schema cannot say. Where the schema has found faults, it looks at what
// can be looked at and the Document is thrown away.
type builder struct {
	index  *nodeIndex
	clean  bool // the value fits the schema
	faults Faults
}

func (b *builder) fault(path string, key bool, reason, remedy string) {
	b.faults = append(b.faults, b.index.fault(path, key, reason, remedy))
}

func (b *builder) document(v any) *Document {
	o := object(v)
	d := &Document{
		Name: scalar(o["name"]), Description: scalar(o["description"]), OnError: "stop", History: 20,
		Labels: map[string]string{},
	}
	for k, v := range object(o["labels"]) {
		d.Labels[k] = scalar(v)
	}
	if s := scalar(o["onError"]); s != "" {
		d.OnError = s
	}
	if n, ok := whole(o["history"]); ok {
		d.History = int(n)
	}
	b.params(object(o["params"]))
	for _, name := range sortedKeys(object(o["providers"])) {
		d.Providers = append(d.Providers, b.provider(name, object(object(o["providers"])[name])))
	}
	common := b.guards(object(o["guards"]), Guards{}, "guards")
	for i, s := range list(o["steps"]) {
		d.Steps = append(d.Steps, b.step(object(s), i, common, d.Providers))
	}
	b.ids(d.Steps)
	return d
}

func (b *builder) provider(name string, o map[string]any) Provider {
	at := "providers." + name
	if branch := branches()["provider-"+scalar(o["type"])]; branch != nil {
		b.faults = append(b.faults, b.index.validate(branch(), any(o), at)...)
	}
	p := Provider{Name: name, Type: scalar(o["type"]), Endpoint: scalar(o["endpoint"]), Timeout: 30 * time.Second, Config: map[string]any{}}
	p.Insecure, _ = o["insecure"].(bool)
	p.Timeout = b.span(o["timeout"], at+".timeout", p.Timeout)
	if n, ok := o["rateLimit"].(json.Number); ok {
		p.RateLimit, _ = n.Float64()
	}
	credentials := object(o["credentials"])
	p.Credentials.Profile = scalar(credentials["profile"])
	for k, v := range object(credentials["env"]) {
		if p.Credentials.Env == nil {
			p.Credentials.Env = map[string]string{}
		}
		p.Credentials.Env[k] = scalar(v)
	}
	for k, v := range o {
		if !slices.Contains([]string{"type", "endpoint", "insecure", "timeout", "rateLimit", "credentials"}, k) {
			p.Config[k] = v
		}
	}
	b.endpoint(p, at)
	b.clear(p, at)
	if p.Type == "aliyun-sls" && p.Endpoint == "" && p.Config["region"] == nil {
		b.fault(at, true, "region is missing", "write region or endpoint")
	}
	return p
}

func (b *builder) step(o map[string]any, i int, common Guards, providers []Provider) Step {
	at := "steps[" + strconv.Itoa(i) + "]"
	s := Step{ID: scalar(o["id"]), Description: scalar(o["description"]), Provider: scalar(o["provider"]), Needs: texts(o["needs"])}
	s.Target = maps.Clone(object(o["target"]))
	s.Approximate, _ = o["approximate"].(bool)
	s.Start = object(o["start"])
	b.target(&s, at, providers)
	s.To = b.to(o["to"], at+".to")
	s.Guards = b.guards(object(o["guards"]), common, at+".guards")
	idle := object(o["idle"])
	s.Idle.Wait = b.span(idle["wait"], at+".idle.wait", 0)
	s.Idle.Assume, _ = idle["assume"].(bool)
	s.Idle.Pause, _ = idle["pause"].(bool)
	if s.Start != nil && !s.Idle.Pause {
		b.fault(at+".start", true, "start settings are used only after a pause", "write idle: {pause: true} beside it, or remove start")
	}
	return s
}

func (b *builder) guards(o map[string]any, g Guards, at string) Guards {
	g.MaxReplay = limitOf(o["maxReplay"], g.MaxReplay)
	g.MaxSkip = limitOf(o["maxSkip"], g.MaxSkip)
	if o["maxAge"] != nil {
		age := b.span(o["maxAge"], at+".maxAge", 0)
		g.MaxAge = &age
	}
	for key, into := range map[string]*bool{"allowGap": &g.AllowGap, "allowNew": &g.AllowNew, "clamp": &g.Clamp} {
		if v, ok := o[key].(bool); ok {
			*into = v
		}
	}
	return g
}

func limitOf(v any, inherited *Limit) *Limit {
	if n, ok := whole(v); ok {
		return &Limit{N: n}
	}
	if scalar(v) == "unlimited" {
		return &Limit{Unlimited: true}
	}
	return inherited
}

func (b *builder) span(v any, at string, otherwise time.Duration) time.Duration {
	s, ok := v.(string)
	if !ok {
		return otherwise
	}
	d, err := parseDuration(s)
	if err != nil && b.clean {
		b.fault(at, false, err.Error(), "")
	}
	return d
}

func object(v any) map[string]any { o, _ := v.(map[string]any); return o }
func list(v any) []any            { l, _ := v.([]any); return l }

func texts(v any) []string {
	var out []string
	for _, t := range list(v) {
		out = append(out, scalar(t))
	}
	return out
}

// scalar returns the text of a scalar; numbers and truth values have one too.
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// whole returns the integer of a number, exactly.
func whole(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

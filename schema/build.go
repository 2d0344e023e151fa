package schema

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/resetplan/resetplan/schema/tree"
)

// A builder makes a Document of a JSON value and also checks what a
// JSON Schema cannot express. From a value with errors it makes as much of the
// Document as it can.
type builder struct {
	index  *tree.Index
	wrong  map[string]bool // paths of values that have an error already
	chosen int             // partitions and shards of all steps
	errors diag.Errors

	connections []Provider // of the operator's configuration
}

func newBuilder(x *tree.Index) *builder {
	b := &builder{index: x, wrong: map[string]bool{}}
	for path := range x.Placeholders {
		b.wrong[path] = true
	}
	return b
}

// report reports an error; with key set the error is about the key. Of the
// errors about a value only the first is reported.
func (b *builder) report(path string, key bool, reason, remedy string) {
	if !key {
		if _, isPlaceholder := b.index.Placeholders[path]; b.wrong[path] && !isPlaceholder {
			return
		}
		b.wrong[path] = true
	}
	if b.many() {
		b.errors[0].Omitted++
		return
	}
	b.errors = append(b.errors, b.index.ErrorAt(path, key, reason, remedy))
}

// many reports whether there are so many errors that others are only counted.
func (b *builder) many() bool { return len(b.errors) > 2*diag.MostCollected }

// reportError reports an error of a value: a diag.Fault.
func (b *builder) reportError(path string, err error) {
	if reason, remedy := diag.Split(err); reason != "" {
		b.report(path, false, reason, remedy)
	}
}

func (b *builder) validate(d *definition, value any, base string) {
	found := d.validate(b.index, value, base)
	for _, f := range found {
		b.wrong[f.Path] = true
	}
	if b.many() {
		b.errors[0].Omitted += len(found)
		return
	}
	b.errors = append(b.errors, found...)
}

// misspelledNumbers reports the numbers that are not written in plain digits and whose
// values would otherwise be accepted.
func (b *builder) misspelledNumbers() {
	paths := sortedKeys(b.index.Numbers)
	if more := len(paths) - diag.MostCollected; more > 0 {
		slices.SortStableFunc(paths, func(a, c string) int {
			m, n := b.index.Values[a], b.index.Values[c]
			return cmp.Or(cmp.Compare(m.Line, n.Line), cmp.Compare(m.Column, n.Column))
		})
		paths = paths[:diag.MostCollected]
		b.errors = append(b.errors, diag.Error{Omitted: more})
	}
	for _, path := range paths {
		m := b.index.Numbers[path]
		if inConnection(path) && strings.HasSuffix(path, ".rateLimit") && m.Fraction {
			continue
		}
		text := strings.HasPrefix(path, "labels.") || strings.HasPrefix(path, "params.")
		if !b.index.MayBeSecret(path) {
			b.report(path, false, m.Reason(), m.Remedy(text))
		}
	}
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
	b.secretNames(o)
	b.params(object(o["params"]))
	for _, name := range sortedKeys(object(o["providers"])) {
		d.Providers = append(d.Providers, b.provider("providers", name, object(object(o["providers"])[name])))
	}
	d.Providers = append(d.Providers, b.shared(d.Providers)...)
	slices.SortFunc(d.Providers, func(a, c Provider) int { return cmp.Compare(a.Name, c.Name) })
	common := b.guards(object(o["guards"]), Guards{}, "guards")
	for i, s := range list(o["steps"]) {
		b.validate(stepRules(), s, "steps["+strconv.Itoa(i)+"]")
		d.Steps = append(d.Steps, b.step(object(s), i, common, d.Providers))
	}
	d.Providers = slices.DeleteFunc(d.Providers, func(p Provider) bool {
		return p.Shared && !slices.ContainsFunc(d.Steps, func(s Step) bool { return s.Provider == p.Name })
	})
	b.ids(d.Steps)
	return d
}

// shared returns the operator's connections that the plan does not define itself.
func (b *builder) shared(own []Provider) []Provider {
	return slices.DeleteFunc(slices.Clone(b.connections), func(p Provider) bool {
		return slices.ContainsFunc(own, func(o Provider) bool { return o.Name == p.Name })
	})
}

func (b *builder) provider(under, name string, o map[string]any) Provider {
	at := under + "." + name
	if branch := branches()["provider-"+scalar(o["type"])]; branch != nil {
		b.validate(branch(), any(o), at)
	}
	p := Provider{Name: name, Type: scalar(o["type"]), Endpoint: scalar(o["endpoint"]), Timeout: 30 * time.Second, Config: map[string]any{}}
	p.Insecure, _ = o["insecure"].(bool)
	if p.Timeout = b.span(o["timeout"], at+".timeout", p.Timeout); p.Timeout <= 0 {
		b.notZero(at + ".timeout")
	}
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
	if p.Credentials.Profile != "" && p.Credentials.Env != nil {
		b.report(at+".credentials.env", true, "profile and env are mutually exclusive", "keep one of them")
	}
	for k, v := range o {
		switch k {
		case "type", "endpoint", "insecure", "timeout", "rateLimit", "credentials":
		case "bootstrapServers":
			p.Config[k] = any(items(v))
		default:
			p.Config[k] = v
		}
	}
	b.variables(object(credentials["env"]), at+".credentials.env")
	b.variables(object(object(o["sasl"])["env"]), at+".sasl.env")
	b.endpoint(p, at)
	b.tokens(p, at)
	b.brokers(o["bootstrapServers"], at+".bootstrapServers")
	b.cleartext(p, at)
	b.oneOf(p, at)
	return p
}

func (b *builder) step(o map[string]any, i int, common Guards, providers []Provider) Step {
	at := "steps[" + strconv.Itoa(i) + "]"
	s := Step{ID: scalar(o["id"]), Description: scalar(o["description"]), Provider: scalar(o["provider"]), Needs: texts(o["needs"])}
	s.Target = maps.Clone(object(o["target"]))
	s.Approximate, _ = o["approximate"].(bool)
	s.Start = object(o["start"])
	kind := b.target(&s, at, providers)
	s.To = b.to(o["to"], at+".to")
	b.unselected(&s, kind, at)
	b.ownGroup(&s, at)
	b.distinct(o["needs"], at+".needs")
	s.Guards = b.guards(object(o["guards"]), common, at+".guards")
	s.Idle = b.idle(object(o["idle"]), at+".idle")
	b.replay(&s, o, at)
	switch {
	case o["start"] == nil:
	case kind != "" && !slices.Contains(startTypes(), kind):
		b.report(at+".start", true, "start is only allowed for "+strings.Join(startTypes(), " and "), "remove it")
	case !s.Idle.Pause:
		b.report(at+".start", true, "start settings are used only after a pause", "add idle: {pause: true}, or remove start")
	}
	return s
}

func (b *builder) guards(o map[string]any, g Guards, at string) Guards {
	g.MaxReplay = b.limit(o["maxReplay"], g.MaxReplay, at+".maxReplay")
	g.MaxSkip = b.limit(o["maxSkip"], g.MaxSkip, at+".maxSkip")
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

func (b *builder) limit(v any, inherited *Limit, at string) *Limit {
	switch text := scalar(v); {
	case v == nil || text == "":
		return inherited
	case text == "unlimited":
		return &Limit{Unlimited: true}
	case b.wrong[at]:
		return inherited
	default:
		n, err := literal.Count(text)
		b.reportError(at, err)
		return &Limit{N: n}
	}
}

func (b *builder) span(v any, at string, otherwise time.Duration) time.Duration {
	s, ok := v.(string)
	if !ok || b.wrong[at] {
		return otherwise
	}
	d, err := literal.ParseDuration(s, "s")
	b.reportError(at, err)
	return d
}

func object(v any) map[string]any { o, _ := v.(map[string]any); return o }
func list(v any) []any            { l, _ := v.([]any); return l }

// items is a list, or the single value that may be written instead of one.
func items(v any) []any {
	switch v := v.(type) {
	case nil, map[string]any:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func texts(v any) []string {
	var out []string
	for _, t := range items(v) {
		out = append(out, scalar(t))
	}
	return out
}

// scalar returns the text of a scalar; numbers and booleans have one too.
func scalar(v any) string {
	text, _ := scalarText(v)
	return text
}

func scalarText(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
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

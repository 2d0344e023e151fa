package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
)

// connections reads a list of connections, or one without a name.
func (r *rewriter) connections() {
	switch v := r.root["providers"].(type) {
	case []any:
		named, from := map[string]any{}, map[string]string{}
		if len(v) > mostRewrites {
			return
		}
		for i, item := range v {
			o := maps.Clone(object(item))
			name := cmp.Or(scalar(o["name"]), scalar(o["id"]))
			if _, twice := named[name]; name == "" || twice || !connectionName.MatchString(name) {
				return
			}
			delete(o, "name")
			delete(o, "id")
			named[name], from[name] = o, fmt.Sprintf("providers[%d]", i)
		}
		for _, name := range sortedKeys(from)[:min(len(from), mostRewrites)] {
			r.under(from[name], "providers."+name)
		}
		r.report("providers", false, "expected a mapping, got a list", "write each name as a key: providers: "+r.flow(named, "providers"))
		r.root["providers"] = named
	case map[string]any:
		if kind, ok := v["type"].(string); ok && slices.Contains(providerTypes(), kind) {
			r.under("providers", "providers."+kind)
			named := map[string]any{kind: v}
			r.report("providers", false, "the connection has no name", "write it under a name: providers: "+r.flow(named, "providers"))
			r.root["providers"] = named
		}
	}
	named := object(r.root["providers"])
	if len(named) > mostRewrites {
		return
	}
	for name, c := range named {
		if o := object(c); o != nil && connectionName.MatchString(name) {
			r.connectionType(name, o)
		}
	}
}

var connectionName = pattern.New(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// connectionType adds the type of a connection if its name or its keys leave one.
func (r *rewriter) connectionType(name string, o map[string]any) {
	at := "providers." + name
	if kind, ok := o["kind"].(string); ok && o["type"] == nil && slices.Contains(providerTypes(), kind) {
		o["type"] = kind
		delete(o, "kind")
		r.report(at+".kind", true, `unknown key "kind"`, "did you mean type?")
		r.index.Unknown[at+".kind"] = true
	}
	kind := scalar(o["type"])
	if word := typeLike(kind); kind != "" && word != "" && word != kind {
		o["type"] = word
		r.report(at+".type", false, "unknown value "+strconv.Quote(diag.Shorten(kind)), fmt.Sprintf("did you mean %s?", word))
		kind = word
	}
	if _, written := o["type"]; !written && misspelled(o, "type", at) == "" && r.copies < mostRewrites {
		if kind = typeOf(name, o); kind != "" {
			o["type"] = kind
			r.report(at, true, "the key type is missing", "add type: "+kind)
		}
	}
	if rules := object(lookup(planText(), "/$defs/provider-"+kind+"/properties")); rules != nil {
		r.alias(at, o, rules)
	}
}

// typeLike returns the type that was probably meant, also by a part of its name, or "".
func typeLike(written string) string {
	var found []string
	for _, kind := range providerTypes() {
		if slices.Contains(strings.Split(kind, "-"), strings.ToLower(written)) {
			found = append(found, kind)
		}
	}
	if slices.Contains(found, strings.ToLower(written)) {
		return strings.ToLower(written)
	}
	if len(found) == 1 {
		return found[0]
	}
	return meant(written, providerTypes())
}

// typeOf returns the type of a connection by its keys or its name, or "".
func typeOf(name string, o map[string]any) string {
	var found []string
	for _, kind := range providerTypes() {
		definition := object(lookup(planText(), "/$defs/provider-"+kind))
		known := object(definition["properties"])
		required := texts(definition["required"])
		for _, one := range items(definition["anyOf"]) {
			required = append(required, texts(object(one)["required"])...)
		}
		if slices.ContainsFunc(required, func(key string) bool { return key != "type" && misspelledOr(o, key, known) }) {
			found = append(found, kind)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	if slices.Contains(providerTypes(), name) && (len(found) == 0 || slices.Contains(found, name)) {
		return name
	}
	return ""
}

// misspelledOr reports whether a key is written, in any spelling.
func misspelledOr(o map[string]any, key string, known map[string]any) bool {
	for written := range o {
		if written == key || known[written] == nil && exactly(written, []string{key}) != "" {
			return true
		}
	}
	return false
}

// misspelled returns the spelling in which a missing key is written, or "".
func misspelled(o map[string]any, key, path string) string {
	for written := range o {
		if _, word := replacement(written, path, []string{key}); word == key {
			return written
		}
	}
	return ""
}

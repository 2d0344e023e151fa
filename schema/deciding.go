package schema

import (
	"regexp"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// deciding returns what a compiled schema needs of a schema: the definition with a name,
// "" for the schema itself, what it refers to, and only the keywords that decide. The
// compiler checks each keyword that it is given against the schema of its draft.
func deciding(schema map[string]any, name string) map[string]any {
	s := selection{all: object(schema["$defs"]), kept: map[string]any{}}
	out := map[string]any{}
	if name == "" {
		out = object(s.copied(schema))
	} else {
		s.keep(name)
	}
	out["$id"], out["$defs"] = schema["$id"], s.kept
	return out
}

// A selection is the definitions that something refers to.
type selection struct{ all, kept map[string]any }

func (s selection) keep(name string) {
	if _, ok := s.kept[name]; ok || s.all[name] == nil {
		return
	}
	s.kept[name] = true // it may refer to itself
	s.kept[name] = s.copied(s.all[name])
}

// copied copies a schema without what is written for people.
func (s selection) copied(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for word, inner := range v {
			switch word {
			case "$defs", "$id", "description", "examples", "title", "default":
			case "properties", "patternProperties", "dependencies":
				named := make(map[string]any, len(object(inner)))
				for name, rule := range object(inner) {
					named[name] = s.copied(rule)
				}
				out[word] = named
			case "pattern":
				out[lazily] = inner
			case "const", "enum", "required":
				out[word] = inner
			case "$ref":
				s.keep(strings.TrimPrefix(scalar(inner), "#/$defs/"))
				out[word] = inner
			default:
				out[word] = s.copied(inner)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = s.copied(inner)
		}
		return out
	}
	return v
}

// lazily is the keyword of patterns in a compiled schema. The compiler compiles the
// expression of each "pattern" twice, wherever it is repeated; a document needs few.
const lazily = "x-pattern"

// A lazyPattern is the keyword "pattern" with an expression that is compiled when the
// first text is compared with it.
type lazyPattern struct{ expression func() *regexp.Regexp }

var (
	_ jsonschema.ExtCompiler = lazyPattern{}
	_ jsonschema.ExtSchema   = lazyPattern{}
)

// Compile reads the keyword of a schema; it returns nil if the schema does not have it.
func (lazyPattern) Compile(_ jsonschema.CompilerContext, schema map[string]any) (jsonschema.ExtSchema, error) {
	expression, ok := schema[lazily].(string)
	if !ok {
		return nil, nil //nolint:nilnil // as the interface requires
	}
	return lazyPattern{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })}, nil
}

// Validate reports a text that does not match, as the library does.
func (p lazyPattern) Validate(ctx jsonschema.ValidationContext, v any) error {
	if text, ok := v.(string); ok && !p.expression().MatchString(text) {
		return ctx.Error("pattern", "does not match the pattern")
	}
	return nil
}

package tree

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"gopkg.in/yaml.v3"
)

func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Place returns the node of a path, of the key that names it if key is set,
// or of its nearest ancestor that exists.
func (x *Index) Place(path string, key bool) *yaml.Node {
	for {
		if n := x.Keys[path]; key && n != nil {
			return n
		}
		if n := x.Values[path]; n != nil {
			return n
		}
		if path == "" {
			return nil
		}
		path, key = Parent(path), true
	}
}

// Parent returns the path of the mapping or list that holds a path. A key may
// itself contain brackets and dots; no value is found at such a path.
func Parent(path string) string {
	if at := strings.LastIndexByte(path, '['); at >= 0 && strings.HasSuffix(path, "]") {
		return path[:at]
	}
	if at := strings.LastIndexByte(path, '.'); at >= 0 {
		return path[:at]
	}
	return ""
}

// ErrorAt places an error at a path; with key set it points at the key that
// names the value. For a placeholder it returns the error that explains it,
// and Report shows repeated errors once.
func (x *Index) ErrorAt(path string, key bool, reason, remedy string) diag.Error {
	if f, ok := x.Placeholders[path]; ok && !key {
		return f
	}
	line, column := 1, 1
	if n := x.Place(path, key); n != nil {
		line, column = n.Line, n.Column
	}
	f := x.source.Error(line, column, reason, remedy)
	f.Path, f.Step = diag.MaskSecret(path), x.stepOf(path)
	if name, ok := x.Filled[path]; ok && !key {
		f.Reason += fmt.Sprintf(" (the value of parameter %s)", diag.Shorten(diag.MaskSecret(name)))
		if at := x.Origins[name]; at != nil {
			f.File, f.Line, f.Column, f.Source = at.File, at.Line, at.Column, at.Source
		}
	}
	return f
}

// stepOf returns the id of the step that a path is in, or "".
func (x *Index) stepOf(path string) string {
	if end := strings.IndexByte(path, ']'); strings.HasPrefix(path, "steps[") && end > 0 {
		if id := ScalarOf(x.Values[path[:end+1]+".id"]); namePlain.MatchString(id) {
			return id
		}
	}
	return ""
}

// TextColumn returns the column at which the text of a node begins, behind its
// opening quote.
func TextColumn(n *yaml.Node) int {
	switch {
	case n == nil:
		return 1
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return n.Column + 1
	}
	return n.Column
}

// NamePattern is the schema's pattern for the names of steps and plans.
const NamePattern = `^[a-z0-9][a-z0-9-]{0,62}$`

var namePlain = pattern.New(NamePattern)

// An Index has the place of each key and value of a document.
type Index struct {
	source       *diag.Source
	Values       map[string]*yaml.Node          // by path: "steps[0].to"
	Keys         map[string]*yaml.Node          // the key that names the value
	Filled       map[string]string              // paths of values that are one parameter, and its name
	Origins      map[string]*diag.Error         // by parameter: the place of a value in a file, without a reason
	Placeholders map[string]diag.Error          // values that replace an unknown one, and the error that explains it
	Unknown      map[string]bool                // unknown keys that are reported
	Merged       map[string]bool                // mappings with merge keys, which may have more keys than are written
	Numbers      map[string]literal.Misspelling // numbers that are not written in plain digits
}

// Item is the path of an item of a list, or of the single value that is
// written instead of one.
func (x *Index) Item(path string, i int) string {
	if at := fmt.Sprintf("%s[%d]", path, i); x.Values[at] != nil {
		return at
	}
	return path
}

// UnderUnknown reports whether a path is that of an unknown key, or under it.
func (x *Index) UnderUnknown(path string) bool {
	for ; path != ""; path = Parent(path) {
		if x.Unknown[path] {
			return true
		}
	}
	return false
}

// KeysOf records the places of the top-level keys and the parameters, which are
// needed before the values are converted.
func (x *Index) KeysOf(root *yaml.Node) {
	x.Values[""] = root
	if root.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key := root.Content[i].Value
		x.Keys[key], x.Values[key] = root.Content[i], root.Content[i+1]
	}
	params := Child(root, "params")
	if params == nil || params.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(params.Content); i += 2 {
		at := "params." + params.Content[i].Value
		x.Keys[at], x.Values[at] = params.Content[i], params.Content[i+1]
		if d := Child(params.Content[i+1], "default"); d != nil {
			x.Values[at+".default"] = d
		}
	}
}

// MayBeSecret reports whether the value at a path may be a secret, by the names
// that lead to it.
func (x *Index) MayBeSecret(path string) bool {
	if strings.HasPrefix(path, "steps[") || !diag.SecretName(path) {
		return strings.Contains(path, ".env.")
	}
	if rest, ok := strings.CutPrefix(path, "params."); ok {
		name, _, _ := strings.Cut(rest, ".")
		return diag.SecretName(name)
	}
	return true
}

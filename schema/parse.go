package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/resetplan/resetplan/schema/tree"
	"github.com/resetplan/resetplan/schema/yamltext"
	"gopkg.in/yaml.v3"
)

// Parse reads a plan. values are the texts set for its parameters, by name.
// The result is a whole Document or every error of the file, in the order of
// its lines.
func Parse(file string, source []byte, values map[string]string) (*Document, diag.Errors) {
	doc, errs := Read(file, source, GivenTexts(values), nil)
	if len(errs) > 0 {
		return nil, errs
	}
	return doc, nil
}

// Read reads a plan as Parse does, and returns with the errors what could be read
// despite them, so that checks of a Document can run in the same pass. The Document
// is nil only if the text is not valid YAML, is too large or has another version; its
// Sound reports which parts of it are valid. Its steps may also name connections of
// the operator's configuration: it has those that they name.
func Read(file string, source []byte, given Given, connections []Provider) (*Document, diag.Errors) {
	t := diag.NewSource(file, source)
	root, invalid := yamltext.Parse(t, yamltext.PlanLimit)
	if invalid != nil {
		return nil, diag.Errors{*invalid}
	}
	if f := versionError(t, root, "version"); f != nil {
		return nil, diag.Errors{*f}
	}
	inputs := declared(t, root)
	c := tree.NewConverter(t, nil)
	c.Index.KeysOf(root)
	filled, errs := fill(c.Index, inputs, given)
	c.Params = filled
	c.Index.Origins = given.origins()
	value := c.Value(root, "", 0)
	if c.Full {
		return nil, c.Errors.Report()
	}
	errs = append(errs, c.Errors...)
	errs = append(errs, reform(c.Index, file, value, connections)...)
	b := newBuilder(c.Index)
	b.connections = connections
	rules := definitions[Plan]
	if len(connections) > 0 {
		rules = planOfConnections
	}
	b.validate(rules(), value, "")
	doc := b.document(value)
	b.misspelledNumbers()
	errs = slices.DeleteFunc(append(errs, b.errors...), func(f diag.Error) bool { return f.Reason == tree.NoValue && c.Index.UnderUnknown(f.Path) })
	sum := sha256.Sum256(source)
	doc.File, doc.Source, doc.nodes = file, source, c.Index
	for i := range doc.Providers {
		if own := &doc.Providers[i]; !own.Shared {
			own.Folder = filepath.Dir(file)
		}
	}
	doc.Digest = "sha256:" + hex.EncodeToString(sum[:])
	doc.Params, doc.Values = inputs, filled.Values
	doc.wrong = map[string]bool{}
	for _, f := range errs {
		doc.unsound(f.Path)
	}
	for path := range c.Index.Placeholders {
		doc.unsound(path)
	}
	return doc, errs.Report()
}

// versionError reports a file that a newer resetplan wrote, before anything
// else is checked.
func versionError(t *diag.Source, root *yaml.Node, key string) *diag.Error {
	n := tree.Child(root, key)
	if n == nil || n.ShortTag() != "!!int" || n.Value == "1" {
		return nil
	}
	if _, m := literal.ParseNumber(n.Value); m.Write == "1" {
		return nil // reported as a number
	}
	f := t.Error(n.Line, n.Column, fmt.Sprintf("version %s is not supported: this resetplan reads version 1", diag.Shorten(n.Value)),
		"write version: 1"+when(n.Value == "0" || n.Value[0] == '-', "", ", or use a newer resetplan for a newer file"))
	f.Path = key
	return &f
}

// An Outline has the declarations and the step ids of a plan that is still being
// written and may have any errors elsewhere.
type Outline struct {
	Params []Param  // in the document's order
	Steps  []string // ids, in the document's order; a saved plan has them too
}

// Sketch reads the outline of a plan. Only errors that make
// it unreadable are returned.
func Sketch(file string, source []byte) (*Outline, diag.Errors) {
	t := diag.NewSource(file, source)
	root, invalid := yamltext.Parse(t, yamltext.PlanLimit)
	if invalid != nil {
		return nil, diag.Errors{*invalid}
	}
	o := &Outline{Params: declared(t, root)}
	if steps := tree.Child(root, "steps"); steps != nil && steps.Kind == yaml.SequenceNode {
		for _, s := range steps.Content {
			if id := tree.ScalarOf(tree.Child(s, "id")); id != "" {
				o.Steps = append(o.Steps, id)
			}
		}
	}
	return o, nil
}

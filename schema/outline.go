package schema

import (
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/tree"
	"github.com/resetplan/resetplan/schema/yamltext"
	"gopkg.in/yaml.v3"
)

// An Outline is what is known of a plan that is still being written: what
// it declares, and the ids of its steps, whatever else is wrong in it.
type Outline struct {
	Params []Param  // in the document's order
	Steps  []string // ids, in the document's order; a saved plan has them too
}

// Sketch reads the outline of a plan. Its errors are those that stop reading.
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

package schema

import "gopkg.in/yaml.v3"

// An Outline is what is known of a plan that is still being written: what
// it declares, and the ids of its steps, whatever else is wrong in it.
type Outline struct {
	Params []Param  // in the document's order
	Steps  []string // ids, in the document's order; a saved plan has them too
}

// Sketch reads the outline of a plan. Its faults are those that stop reading.
func Sketch(file string, source []byte) (*Outline, Faults) {
	t := newText(file, source)
	root, fault := t.node(plansLimit)
	if fault != nil {
		return nil, Faults{*fault}
	}
	o := &Outline{Params: t.declared(root)}
	if steps := child(root, "steps"); steps != nil && steps.Kind == yaml.SequenceNode {
		for _, s := range steps.Content {
			if id := scalarOf(child(s, "id")); id != "" {
				o.Steps = append(o.Steps, id)
			}
		}
	}
	return o, nil
}

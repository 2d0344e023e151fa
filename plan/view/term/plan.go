package term

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
)

// Plan writes a plan: why it is made, each step with its parts, what blocks it and its
// warnings, then the summary and the digest.
func Plan(w io.Writer, p *plan.Plan, o view.Options) error {
	var out strings.Builder
	planHead(&out, p, o)
	families := view.Families(p.Steps)
	var single []*plan.Step
	for _, f := range families {
		if !f.Many(o) {
			single = append(single, f.Steps...)
		}
	}
	tables, err := stepTables(single, p.Undo, o)
	if err != nil {
		return err
	}
	for _, f := range families {
		if f.Many(o) {
			if err := groups(&out, f, p.Undo, o); err != nil {
				return err
			}
			continue
		}
		for _, s := range f.Steps {
			step(&out, s, p.Undo, o)
			out.WriteString(tables[0])
			tables = tables[1:]
		}
	}
	for _, paused := range p.LeftPaused {
		out.WriteString("\n" + wrapped("Still paused by this program: "+paused+". Run `resetplan resume` with the plan, or start it manually.", "", o))
	}
	for _, replay := range p.LeftReplaying {
		out.WriteString("\n" + wrapped("A replay is not over, and no apply of this plan continues it: "+replay, "", o))
	}
	planEnd(&out, p, o)
	_, err = io.WriteString(w, out.String())
	return err
}

// planHead writes the plan's name, run, description, labels and parameters.
func planHead(out *strings.Builder, p *plan.Plan, o view.Options) {
	title := p.Name + ", run " + p.Run
	if p.Undo {
		title = "Rollback of " + title
	}
	out.WriteString(alarm(title, "", bold, o))
	if p.Description != "" {
		out.WriteString(wrapped(p.Description, "  ", o))
	}
	if labels := pairs(p.Labels); labels != "" {
		out.WriteString(wrapped("Labels: "+labels, "  ", o))
	}
	if params := pairs(p.Params); params != "" {
		out.WriteString(wrapped("Parameters: "+params, "  ", o))
	}
}

// pairs lists values by name: "a=1, b=2".
func pairs[V any](values map[string]V) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		out = append(out, fmt.Sprintf("%s=%v", name, values[name]))
	}
	return strings.Join(out, ", ")
}

// planEnd writes what the whole plan loses, the summary and the digest.
func planEnd(out *strings.Builder, p *plan.Plan, o view.Options) {
	out.WriteString("\n")
	if lost := p.Summary.Lost(); lost != "" && !p.Undo && len(view.Families(p.Steps)) > 1 {
		out.WriteString(alarm("Loss: "+lost+" in all will never be delivered.", "", red, o))
	}
	if o.Columns > 0 {
		out.WriteString(wrapped(p.Summary.Line(), "", o))
	} else {
		out.WriteString(p.Summary.Line() + "\n")
	}
	labelled(out, "Digest:", p.Digest, o)
	if expires := p.Expires(); expires != "" {
		out.WriteString(alarm("Warning: "+expires, "", yellow, o))
	}
}

// step writes a step without its parts.
func step(out *strings.Builder, s *plan.Step, undo bool, o view.Options) {
	h := view.StepHeading(s, undo)
	heading(out, h.Sign+" "+h.Words, h.Tone, s.ID, o)
	address(out, s.Address, "  ")
	out.WriteString(wrapped("to "+s.To+view.StepFacts(s), "  ", o))
	if why := whyText(s); why != "" {
		out.WriteString(wrapped(why, "  ", o))
	}
	if s.Action == plan.Reset && !undo {
		if sum := s.Sum(); sum.Lost() != "" {
			out.WriteString(alarm("Loss: "+sum.Lost()+" will never be delivered to "+cmp.Or(groupName(s), "its consumers")+".", "  ", red, o))
		}
	}
	if impact := view.Impact(s.Impact); impact != "" {
		out.WriteString(wrapped(impact, "  ", o))
	}
	for _, warning := range s.Warnings {
		out.WriteString(alarm("Warning: "+warning, "  ", yellow, o))
	}
}

// whyText is why a step has its action.
func whyText(s *plan.Step) string {
	if s.Action == plan.Blocked && s.Why != "" {
		return "Blocked: " + s.Why
	}
	return s.Why
}

func groupName(s *plan.Step) string {
	if s.Group == "" {
		return ""
	}
	return "group " + s.Group
}

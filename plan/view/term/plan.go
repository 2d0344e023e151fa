package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
)

// Plan writes a plan: each step with its parts, what blocks it and its
// warnings, then the summary and the digest.
func Plan(w io.Writer, p *plan.Plan, o view.Options) error {
	var out strings.Builder
	title := fmt.Sprintf("%s, run %s", view.Plain(p.Name), view.Plain(p.Run))
	if p.Undo {
		title = "Rollback of " + title
	}
	out.WriteString(paint(o, bold, title) + "\n")
	tables, err := stepTables(p.Steps, o)
	if err != nil {
		return err
	}
	for i := range p.Steps {
		step(&out, &p.Steps[i], o)
		out.WriteString(tables[i])
	}
	for _, paused := range p.LeftPaused {
		out.WriteString("\n" + wrapped("Still paused by this program: "+paused+". Apply a plan that has the step, or start it manually.", ""))
	}
	fmt.Fprintf(&out, "\n%s\nDigest: %s\n", p.Summary.Line(), view.Plain(p.Digest))
	_, err = io.WriteString(w, out.String())
	return err
}

// step writes a step without its parts.
func step(out *strings.Builder, s *plan.Step, o view.Options) {
	heading(out, string(s.Action), view.ActionTone(s.Action), s.ID, o)
	if s.Address != "" {
		fmt.Fprintf(out, "  %s\n", o.Short(s.Address, view.Width-2))
	}
	fmt.Fprintf(out, "  to %s%s\n", o.Short(s.To, 70), view.StepFacts(s))
	if s.Why != "" {
		why := s.Why
		if s.Action == plan.Blocked {
			why = "Blocked: " + why
		}
		out.WriteString(wrapped(why, "  "))
	}
	if impact := view.Impact(s.Impact); impact != "" {
		out.WriteString(wrapped(impact, "  "))
	}
	for _, warning := range s.Warnings {
		out.WriteString(wrapped("Warning: "+warning, "  "))
	}
}

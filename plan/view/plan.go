package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan"
)

// Plan writes a plan for a person: each step with its parts, what blocks it
// and what to know, then what all of it comes to, and the digest.
func Plan(w io.Writer, p *plan.Plan, o Options) error {
	var out strings.Builder
	title := fmt.Sprintf("%s, run %s", Plain(p.Name), Plain(p.Run))
	if p.Undo {
		title = "Rollback of " + title
	}
	out.WriteString(o.paint(bold, title) + "\n")
	sheets, err := sheets(p.Steps, o)
	if err != nil {
		return err
	}
	for i := range p.Steps {
		step(&out, &p.Steps[i], o)
		out.WriteString(sheets[i])
	}
	for _, left := range p.LeftPaused {
		out.WriteString("\n" + wrapped("Still paused by this program: "+left+". Apply a plan that has the step, or start it manually.", ""))
	}
	fmt.Fprintf(&out, "\n%s\nDigest: %s\n", Summary(p), Plain(p.Digest))
	_, err = io.WriteString(w, out.String())
	return err
}

// Summary is the one line that says what a plan comes to.
func Summary(p *plan.Plan) string { return p.Summary.Line() }

var actionColour = map[plan.Action]string{plan.Reset: yellow, plan.Keep: green, plan.Done: green, plan.Blocked: red}

// step writes all of a step but its parts.
func step(out *strings.Builder, s *plan.Step, o Options) {
	heading(out, string(s.Action), actionColour[s.Action], s.ID, o)
	if s.Address != "" {
		fmt.Fprintf(out, "  %s\n", short(s.Address, width-2, o))
	}
	fmt.Fprintf(out, "  to %s; consumers %s\n", short(s.To, 70, o), Plain(s.Activity))
	if s.Why != "" {
		text := s.Why
		if s.Action == plan.Blocked {
			text = "Blocked: " + text
		}
		out.WriteString(wrapped(text, "  "))
	}
	if text := impact(s.Impact); text != "" {
		out.WriteString(wrapped(text, "  "))
	}
	for _, warning := range s.Warnings {
		out.WriteString(wrapped("Warning: "+warning, "  "))
	}
}

// heading writes the line that a step begins with: a word for what is done
// with it or became of it, and its id.
func heading(out *strings.Builder, word, colour, id string, o Options) {
	fmt.Fprintf(out, "\n%s  %s\n", o.paint(colour, Plain(word)), o.paint(bold, short(id, 80, o)))
}

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
	fmt.Fprintf(&out, "\n%s\nDigest: %s\n", Summary(p), Plain(p.Digest))
	_, err = io.WriteString(w, out.String())
	return err
}

// Summary is the one line that says what a plan comes to.
func Summary(p *plan.Plan) string {
	s := p.Summary
	done := ""
	if s.Done > 0 {
		done = fmt.Sprintf(", %s done in this run", grouped(int64(s.Done)))
	}
	unknown := ""
	if s.Unknown > 0 {
		unknown = fmt.Sprintf(" On %s the effect cannot be told.", count(s.Unknown, "partition"))
	}
	return fmt.Sprintf("Plan: %s to reset, %s already there%s, %s blocked. %s records replayed, %s skipped, on %s.%s",
		count(s.Reset, "step"), grouped(int64(s.Keep)), done, grouped(int64(s.Blocked)),
		upTo(s.Replay, s.Bound), upTo(s.Skip, s.Bound), count(s.Partitions, "partition"), unknown)
}

// upTo writes a number of records as what it is: exact, or an upper bound.
// That there are none is always exact.
func upTo(n int64, b plan.Bound) string {
	if n == 0 || b != plan.BoundUpper {
		return grouped(n)
	}
	return "up to " + grouped(n)
}

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

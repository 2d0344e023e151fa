// Package markdown renders plans and statuses for a comment on a change, in
// GitHub's Markdown.
//
// The invariant: text from outside is shown verbatim and is never markup, a
// mention or a link, and a comment is never longer than GitHub accepts. What
// does not fit is counted at the end, never dropped silently. The package
// computes no figures.
package markdown

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// Plan writes a plan: its digest in the first line, the summary, and each step
// with a table. If not all fits, summary and refusals take precedence.
func Plan(w io.Writer, p *plan.Plan, o view.Options) error {
	chapters := make([]chapter, len(p.Steps))
	for i := range p.Steps {
		chapters[i] = stepChapter(&p.Steps[i], o)
	}
	_, err := io.WriteString(w, fitted(opening(p), chapters))
	return err
}

// nameBytes is the maximum length of a name in bytes.
const nameBytes = 200

// opening is the head of a plan.
func opening(p *plan.Plan) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Digest: %s\n\n", view.Plain(p.Digest))
	name, _ := coded(p.Name, nameBytes)
	run, _ := coded(p.Run, nameBytes)
	undo := ""
	if p.Undo {
		undo = "Rollback of "
	}
	fmt.Fprintf(&out, "%s%s, run %s\n\n**%s**\n\n", undo, name, run, p.Summary.Line())
	if n := p.Summary.Blocked; n > 0 {
		fmt.Fprintf(&out, "**Blocked: apply sends nothing while %s blocked.**\n\n", stepsAre(n))
	}
	return out.String()
}

func stepsAre(n int) string {
	if n == 1 {
		return "1 step is"
	}
	return text.Plural(n, "step") + " are"
}

// stepChapter is a planned step.
func stepChapter(s *plan.Step, o view.Options) chapter {
	c := chapter{heading: heading(string(s.Action), s.ID, view.Total(view.PlanParts(s.Parts, o))), important: s.Action == plan.Blocked}
	if s.Action == plan.Blocked {
		c.pieces[0] = sentences{{label: "**Blocked:** ", text: s.Why}}
	}
	c.pieces[1] = details(s)
	if t := planTable(s, o); len(t.rows) > 0 {
		c.pieces[2] = t
	}
	return c
}

// heading returns a function that writes a step's heading in so many bytes: its
// action or outcome, its id and, if there is room, a summary.
func heading(word, id, sum string) func(most int) string {
	if sum != "" {
		sum = ": " + sum
	}
	return func(most int) string {
		room := min(most-len("### ")-len(word)-len(" ")-len("\n\n"), nameBytes)
		name, cut := coded(id, room-len(sum))
		if cut && room-len(sum) < leastHeading {
			sum = ""
			name, _ = coded(id, room)
		}
		return "### " + word + " " + name + sum + "\n\n"
	}
}

// details are the sentences about a step except its refusal.
func details(s *plan.Step) sentences {
	out := sentences{{name: s.Address, text: "to " + s.To + view.StepFacts(s)}}
	if s.Why != "" && s.Action != plan.Blocked {
		out = append(out, sentence{text: text.Sentence(s.Why)})
	}
	for _, warning := range s.Warnings {
		out = append(out, sentence{label: "**Warning:** ", text: warning})
	}
	if impact := view.Impact(s.Impact); impact != "" {
		out = append(out, sentence{text: impact})
	}
	return out
}

func planTable(s *plan.Step, o view.Options) table {
	t := table{head: view.PlanColumns()}
	for _, r := range view.Fold(view.PlanParts(s.Parts, o), o) {
		cells := r.PlanCells()
		if r.Note() != "" {
			cells[4] += "; " + r.Note()
		}
		cells[5] = strings.ReplaceAll(cells[5], "->", "→")
		t.add(r, cells)
	}
	return t
}

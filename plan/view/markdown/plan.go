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

// manySteps is the number of steps from which their details are collapsed together.
const manySteps = 9

// Plan writes a plan: its digest in the first line, the result in one line, what a
// review has to know, a table of the steps, and the partitions of each step. If not
// all fits, refusals and losses take precedence.
func Plan(w io.Writer, p *plan.Plan, o view.Options) error {
	var left omissions
	opening, closing := opening(p, o, &left), closing(p, o)
	opening += summary(p, (commentBytes-len(opening)-len(closing))*2/5, &left)
	chapters := make([]chapter, len(p.Steps))
	for i := range p.Steps {
		chapters[i] = stepChapter(&p.Steps[i], o)
	}
	if len(p.Steps) >= manySteps {
		opening += fmt.Sprintf("<details><summary>Partitions of %s</summary>\n\n", text.Plural(len(p.Steps), "step"))
		closing = "</details>\n\n" + closing
	}
	_, err := io.WriteString(w, fitted(opening, chapters, closing, left))
	return err
}

// nameBytes is the maximum length of a name in bytes.
const nameBytes = 200

func stepsAre(n int) string {
	if n == 1 {
		return "1 step is"
	}
	return text.Plural(n, "step") + " are"
}

// stepChapter is a planned step, collapsed.
func stepChapter(s *plan.Step, o view.Options) chapter {
	sum := s.Sum()
	c := chapter{
		heading:   foldHeading(string(s.Action), s.ID, view.Total(view.PlanParts(s.Parts, o))),
		important: s.Action == plan.Blocked || sum.Loses(), ending: "</details>\n\n",
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
	return headed("### "+word+" ", id, sum, "\n\n", code)
}

// foldHeading returns a function that begins a collapsed step in the same way.
func foldHeading(word, id, sum string) func(most int) string {
	return headed("<details><summary>"+word+" ", id, sum, "</summary>\n\n", tagged)
}

func headed(before, id, sum, after string, write func(string) string) func(most int) string {
	if sum != "" {
		sum = ": " + sum
	}
	return func(most int) string {
		room := min(most-len(before)-len(after), nameBytes)
		name, cut := shortened(id, room-len(sum), write)
		if cut && room-len(sum) < leastHeading {
			sum = ""
			name, _ = shortened(id, room, write)
		}
		return before + name + sum + after
	}
}

// details are the sentences about a step except its refusal and its warnings, which
// are at the top.
func details(s *plan.Step) sentences {
	out := sentences{{name: s.Address, text: "to " + s.To + view.StepFacts(s)}}
	if s.Why != "" && s.Action != plan.Blocked {
		out = append(out, sentence{text: text.Sentence(s.Why)})
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
		cells[4] = r.EffectEach()
		if r.Note() != "" {
			cells[4] += "; " + r.Note()
		}
		cells[4] = view.EffectSign(plan.Effect(r.Parts[0].Effect)) + " " + cells[4]
		cells[5] = strings.ReplaceAll(cells[5], "->", "→")
		t.add(r, cells)
	}
	return t
}

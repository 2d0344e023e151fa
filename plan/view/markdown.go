package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// Markdown writes a plan for a comment on a change: its digest in the first
// line, what all of it comes to, and each step with a table. It is never longer
// than GitHub takes; what is left out is said. Totals and refusals come first.
func Markdown(w io.Writer, p *plan.Plan, o Options) error {
	chapters := make([]chapter, len(p.Steps))
	for i := range p.Steps {
		chapters[i] = chapterOf(&p.Steps[i], o)
	}
	_, err := io.WriteString(w, fitted(opening(p), chapters))
	return err
}

// nameBytes is how many bytes a name takes in a line of names.
const nameBytes = 200

func opening(p *plan.Plan) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Digest: %s\n\n", Plain(p.Digest))
	name, _ := coded(p.Name, nameBytes)
	run, _ := coded(p.Run, nameBytes)
	undo := ""
	if p.Undo {
		undo = "Rollback of "
	}
	fmt.Fprintf(&out, "%s%s, run %s\n\n**%s**\n\n", undo, name, run, Summary(p))
	if n := p.Summary.Blocked; n > 0 {
		fmt.Fprintf(&out, "**Blocked: an apply sends nothing while %s.**\n\n", isAre(n))
	}
	return out.String()
}

func isAre(n int) string {
	if n == 1 {
		return "1 step is refused"
	}
	return grouped(int64(n)) + " steps are refused"
}

func chapterOf(s *plan.Step, o Options) chapter {
	c := chapter{heading: titled(string(s.Action), s.ID, total(s.Parts)), weighty: s.Action == plan.Blocked}
	if s.Action == plan.Blocked {
		c.pieces[0] = sentences{{label: "**Blocked:** ", text: s.Why}}
	}
	c.pieces[1] = about(s)
	if t := planSheet(s, o); len(t.rows) > 0 {
		c.pieces[2] = t
	}
	return c
}

// titled returns how a step's heading is written in so many bytes: what is
// done with it, its id and, where there is room, what that comes to.
func titled(word, id, sum string) func(most int) string {
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

// about are the sentences on a step beside its refusal.
func about(s *plan.Step) sentences {
	out := sentences{{name: s.Address, text: fmt.Sprintf("to %s; consumers %s", s.To, s.Activity)}}
	if s.Why != "" && s.Action != plan.Blocked {
		out = append(out, sentence{text: text.Sentence(s.Why)})
	}
	for _, warning := range s.Warnings {
		out = append(out, sentence{label: "**Warning:** ", text: warning})
	}
	if text := impact(s.Impact); text != "" {
		out = append(out, sentence{text: text})
	}
	return out
}

func planSheet(s *plan.Step, o Options) sheet {
	t := sheet{head: oneRow(o).head}
	for _, f := range foldsOf(counted(s.Parts, o), o) {
		l := lineOf(f)
		what := l.effect
		if l.note != "" {
			what += "; " + l.note
		}
		t.add(len(f), partsName(l.name, len(f)), cell(l.low.String()), cell(l.now.String()), cell(l.target.String()), cell(l.high.String()),
			cell(what), cell(strings.ReplaceAll(l.lag, "->", "→")))
	}
	return t
}

// partsName writes the parts of a row; where not all of the name is there, how
// many they are.
func partsName(name string, parts int) string {
	text, cut := coded(name, nameBytes)
	if cut && parts > 1 {
		text += fmt.Sprintf(" (%s)", count(parts, "partition"))
	}
	return text
}

// cellBytes is how many bytes any other cell takes.
const cellBytes = 400

func cell(s string) string {
	text, _ := spelt(s, cellBytes)
	return text
}

// statusName is the name of a fold of a status's parts.
func statusName(f fold[reconcile.StatusPart]) string {
	return partsName(f.name(func(p *reconcile.StatusPart) providers.Part { return p.Part }), len(f))
}

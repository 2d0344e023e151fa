package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

// Plan writes a plan for a person: each step with its parts, what blocks it
// and what to know, then what all of it comes to, and the digest.
func Plan(w io.Writer, p *plan.Plan, o Options) error {
	var out strings.Builder
	title := fmt.Sprintf("%s, run %s", plain(p.Name), plain(p.Run))
	if p.Undo {
		title = "Rollback of " + title
	}
	out.WriteString(o.paint(bold, title) + "\n")
	sheets, err := tables(p.Steps, o)
	if err != nil {
		return err
	}
	for i := range p.Steps {
		step(&out, &p.Steps[i], o)
		out.WriteString(sheets[i])
	}
	fmt.Fprintf(&out, "\n%s\nDigest: %s\n", Summary(p), p.Digest)
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
	upTo := ""
	if s.Bound == plan.BoundUpper {
		upTo = "up to "
	}
	unknown := ""
	if s.Unknown > 0 {
		unknown = fmt.Sprintf(" On %s the effect cannot be told.", count(s.Unknown, "partition"))
	}
	return fmt.Sprintf("Plan: %s to reset, %s already there%s, %s blocked. %s%s records replayed, %s%s skipped, on %s.%s",
		count(s.Reset, "step"), grouped(int64(s.Keep)), done, grouped(int64(s.Blocked)), zeroOr(upTo, s.Replay), grouped(s.Replay), zeroOr(upTo, s.Skip), grouped(s.Skip), count(s.Partitions, "partition"), unknown)
}

func zeroOr(upTo string, n int64) string {
	if n == 0 {
		return ""
	}
	return upTo
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(int64(n)) + " " + noun + "s"
}

var actionColour = map[plan.Action]string{plan.Reset: yellow, plan.Keep: green, plan.Done: green, plan.Blocked: red}

func step(out *strings.Builder, s *plan.Step, o Options) {
	fmt.Fprintf(out, "\n%s  %s\n", o.paint(actionColour[s.Action], string(s.Action)), o.paint(bold, short(s.ID, 80, o)))
	if s.Address != "" {
		fmt.Fprintf(out, "  %s\n", short(s.Address, width-2, o))
	}
	fmt.Fprintf(out, "  to %s; consumers %s\n", short(s.To, 70, o), s.Activity)
	if s.Why != "" {
		text := s.Why
		if s.Action == plan.Blocked {
			text = "Blocked: " + text
		}
		out.WriteString(wrapped(text, "  "))
	}
	for _, warning := range s.Warnings {
		out.WriteString(wrapped("Warning: "+warning, "  "))
	}
}

// tables lays the parts of all steps out in one set of columns, and returns
// each step's share of it with the notes below.
func tables(steps []plan.Step, o Options) ([]string, error) {
	head := []string{"PARTITION", "LOW", "NOW", "TARGET", "HIGH", "EFFECT", "LAG"}
	right := []bool{false, true, true, true, true, false, false}
	var rows [][]string
	counts, notes := make([]int, len(steps)), make([]string, len(steps))
	for i := range steps {
		for _, f := range folds(steps[i].Parts, o) {
			rows = append(rows, f.row(o))
			counts[i]++
			if note := f.parts[0].Note; note != "" {
				notes[i] += wrapped(f.name()+": "+note, "  ")
			}
		}
	}
	lines, err := aligned(head, right, rows)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(steps))
	next := 1
	for i, n := range counts {
		if n > 0 {
			out[i] = lines[0] + strings.Join(lines[next:next+n], "") + notes[i]
			next += n
		}
	}
	return out, nil
}

// row is a fold's line in the table.
func (f fold) row(o Options) []string {
	target := f.span(func(p plan.Part) providers.Position { return p.After })
	if !f.parts[0].After.Exact() && f.parts[0].After.Kind() != providers.Unset {
		target += " (known after apply)"
	}
	return []string{
		short(f.name(), 30, o),
		f.span(func(p plan.Part) providers.Position { return p.Low }),
		f.span(func(p plan.Part) providers.Position { return p.Before }),
		target,
		f.span(func(p plan.Part) providers.Position { return p.High }),
		f.effect(), f.lag(),
	}
}

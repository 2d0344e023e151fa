package term

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// mostRemarks is the number of different sentences about groups that are shown.
const mostRemarks = 5

// groups writes the steps of many groups: one line per group, those that need attention
// and the largest first, the others folded, and below them what is to be known.
func groups(out *strings.Builder, f view.Family, undo bool, o view.Options) error {
	all := f.Sorted()
	h := view.StepsHeading(all, undo)
	words := h.Sign + " " + h.Words
	if n := blocked(all); n > 0 && n < len(all) {
		words = fmt.Sprintf("! %s of %d blocked", text.Grouped(int64(n)), len(all))
	}
	heading(out, words, h.Tone, f.ID+": "+text.Plural(len(all), "group"), o)
	address(out, f.Address(), "  ")
	out.WriteString(wrapped("to "+all[0].To+"; consumers: "+f.Consumers(), "  ", o))
	if lost := sumOf(all).Lost(); lost != "" && !undo {
		out.WriteString(alarm("Loss: "+lost+" will never be delivered to these groups.", "  ", red, o))
	}
	shown := all
	if len(all) > view.MostGroups+1 {
		shown = all[:view.MostGroups]
	}
	if err := groupTable(out, shown, undo, o); err != nil {
		return err
	}
	if rest := all[len(shown):]; len(rest) > 0 {
		out.WriteString(wrapped(fmt.Sprintf("and %s: %s; --wide shows them", text.Plural(len(rest), "more group"), folded(sumOf(rest))), "  ", o))
	}
	reasons := func(blocked bool) []view.Remark {
		return f.Remarks(func(s *plan.Step) []string {
			if s.Why == "" || (s.Action == plan.Blocked) != blocked {
				return nil
			}
			return []string{s.Why}
		})
	}
	remarks(out, reasons(true), "Blocked", red, o)
	remarks(out, f.Remarks(func(s *plan.Step) []string { return s.Warnings }), "Warning", yellow, o)
	remarks(out, reasons(false), "", "", o)
	return nil
}

// groupTable writes one line per group.
func groupTable(out *strings.Builder, steps []*plan.Step, undo bool, o view.Options) error {
	names, cells, tones := make([]string, len(steps)), make([][]string, len(steps)), make([]view.Tone, len(steps))
	for i, s := range steps {
		h := view.StepHeading(s, undo)
		names[i], tones[i] = view.GroupOf(s.ID), h.Tone
		effects, lag := view.EffectsAndLag(s.AllParts())
		effect := strings.Join(effects, ", ")
		if s.Action != plan.Reset || effect == "" {
			effect = h.Sign + " " + h.Words
		}
		cells[i] = []string{effect, text.Grouped(int64(s.Len())), lag, view.Plain(s.Activity)}
	}
	full := layout{
		head:  []view.Column{{Name: "GROUP"}, {Name: "EFFECT"}, {Name: "PARTITIONS", Number: true}, {Name: "LAG"}, {Name: "CONSUMERS"}},
		cells: func(i int) []string { return cells[i] }, least: 24,
	}
	head, lines, err := inColumns([]layout{full, full.without(20, "PARTITIONS"), full.without(16, "PARTITIONS", "CONSUMERS"),
		full.without(12, "PARTITIONS", "CONSUMERS", "LAG")}, names, o)
	if err != nil {
		return err
	}
	out.WriteString(head)
	for i, c := range cells {
		if lines == nil {
			out.WriteString(wrapped(fmt.Sprintf("%s: %s; lag %s; consumers %s", o.Name(names[i], view.NameWidth), c[0], c[2], c[3]), "  ", o))
			continue
		}
		out.WriteString(painted(o, lines[i], c[0], tones[i]))
	}
	return nil
}

// remarks writes sentences about groups, each with the groups that it is about.
func remarks(out *strings.Builder, all []view.Remark, label, style string, o view.Options) {
	for i, r := range all {
		if i == mostRemarks {
			fmt.Fprintf(out, "  and %s; --wide shows them\n", text.Plural(len(all)-i, "more sentence"))
			return
		}
		line := text.JoinNames(r.Groups, 3) + ": " + r.Text
		if label == "" {
			out.WriteString(wrapped(line, "  ", o))
			continue
		}
		out.WriteString(alarm(label+": "+line, "  ", style, o))
	}
}

// folded describes steps that are not shown: "3 blocked, 77 to reset: up to 900 records
// delivered again, on 231 partitions".
func folded(s plan.Summary) string {
	var out []string
	for _, c := range []struct {
		steps int
		word  string
	}{{s.Blocked, "blocked"}, {s.Keep, "unchanged"}, {s.Done, "done"}, {s.Reset, "to reset"}} {
		if c.steps > 0 {
			out = append(out, text.Grouped(int64(c.steps))+" "+c.word)
		}
	}
	line := strings.Join(out, ", ")
	if s.Reset > 0 {
		line += " (" + s.Moves() + ")"
	}
	return line
}

func sumOf(steps []*plan.Step) plan.Summary {
	out := plan.Summarise(nil)
	for _, s := range steps {
		out.AddStep(s)
	}
	return out
}

func blocked(steps []*plan.Step) (n int) {
	for _, s := range steps {
		if s.Action == plan.Blocked {
			n++
		}
	}
	return n
}

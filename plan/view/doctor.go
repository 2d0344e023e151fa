package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan/doctor"
	"github.com/resetplan/resetplan/providers"
)

// Diagnosis writes what is wrong with commits: the targets that have
// something, what each kind of it means, and then what all of it comes to.
func Diagnosis(w io.Writer, d *doctor.Diagnosis, o Options) error {
	var out strings.Builder
	for _, p := range d.Patients {
		if err := patient(&out, &p, o); err != nil {
			return err
		}
	}
	if len(d.Found) > 0 {
		out.WriteString("\n")
	}
	for _, a := range doctor.Ailments() {
		if d.Found[a] > 0 {
			out.WriteString(wrapped(string(a)+": "+a.Explanation(), "  "))
		}
	}
	if out.Len() > 0 {
		out.WriteString("\n")
	}
	out.WriteString(verdictOf(d) + "\n")
	// A heading stands off from what is above it, and above the first is nothing.
	_, err := io.WriteString(w, strings.TrimPrefix(out.String(), "\n"))
	return err
}

// verdictOf is the one line that says what a diagnosis comes to.
func verdictOf(d *doctor.Diagnosis) string {
	text := fmt.Sprintf("Doctor: %s with %s looked at. ", count(d.Targets, "target"), count(d.Partitions, "partition"))
	var found []string
	for _, a := range doctor.Ailments() {
		if n := d.Found[a]; n > 0 {
			found = append(found, fmt.Sprintf("%s %s", grouped(int64(n)), a))
		}
	}
	switch {
	case len(found) > 0:
		text += "Found: " + strings.Join(found, ", ") + fmt.Sprintf("; a plan heals %s.", grouped(int64(d.Healable)))
	case d.Unread == 0:
		text += "All is well."
	default:
		text += "Nothing was found in what could be read."
	}
	if d.Unread > 0 {
		text += fmt.Sprintf(" %s could not be read.", count(d.Unread, "target"))
	}
	if d.Skipped > 0 {
		text += fmt.Sprintf(" %s without committed positions of this kind.", count(d.Skipped, "target"))
	}
	return text
}

func patient(out *strings.Builder, p *doctor.Patient, o Options) error {
	word, colour := "found", yellow
	if p.Error != "" {
		word, colour = "unread", red
	}
	heading(out, word, colour, p.ID, o)
	if p.Address != "" {
		fmt.Fprintf(out, "  %s; consumers %s\n", short(p.Address, width-24, o), Plain(p.Activity))
	}
	for _, text := range []string{p.Error, p.Note} {
		if text != "" {
			out.WriteString(wrapped(text, "  "))
		}
	}
	return findings(out, p.Findings, o)
}

// findings writes what is wrong with a target's parts, those alike together,
// and below what is special about some.
func findings(out *strings.Builder, all []doctor.Finding, o Options) error {
	if len(all) == 0 {
		return nil
	}
	type key struct {
		same
		kind        doctor.Ailment
		why         string
		heals, gone bool
	}
	few := len(all) <= fewParts
	var rows [][]string
	var notes strings.Builder
	for _, f := range folds(all, o, func(f *doctor.Finding) key {
		return key{likeness(f.Part, few, [4]providers.Position{f.Low, f.Committed, f.High, f.Heal}), f.Kind, f.Why, !f.Heal.IsZero(), f.Gone != nil}
	}) {
		name := short(f.name(func(f *doctor.Finding) providers.Part { return f.Part }), nameRoom, o)
		gone := ""
		if f[0].Gone != nil {
			gone = f.sum(func(f *doctor.Finding) *int64 { return f.Gone })
		}
		heal := "-"
		if !f[0].Heal.IsZero() {
			heal = f.span(func(f *doctor.Finding) providers.Position { return f.Heal }).String()
		}
		rows = append(rows, []string{name, string(f[0].Kind),
			f.span(func(f *doctor.Finding) providers.Position { return f.Low }).String(),
			f.span(func(f *doctor.Finding) providers.Position { return f.Committed }).String(),
			f.span(func(f *doctor.Finding) providers.Position { return f.High }).String(),
			gone, heal})
		if f[0].Why != "" {
			notes.WriteString(wrapped(name+": "+f[0].Why, "  "))
		}
	}
	head := []column{{"PARTITION", false}, {"FOUND", false}, {"LOW", true}, {"NOW", true}, {"HIGH", true}, {"GONE", true}, {"HEALED AT", true}}
	if breadth(head, rows) <= width || o.Wide {
		if err := table(out, head, rows); err != nil {
			return err
		}
	} else {
		for _, r := range rows {
			out.WriteString(wrapped(fmt.Sprintf("%s: %s; low %s, now %s, high %s; healed at %s", r[0], r[1], r[2], r[3], r[4], r[6]), "  "))
		}
	}
	out.WriteString(notes.String())
	return nil
}

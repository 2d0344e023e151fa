package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan/doctor"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// Diagnosis writes the problems with commits: the targets that have any, the
// meaning of each kind of problem, and the summary.
func Diagnosis(w io.Writer, d *doctor.Diagnosis, o view.Options) error {
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
			out.WriteString(wrapped(string(a)+": "+a.Explanation(), "  ", o))
		}
	}
	if out.Len() > 0 {
		out.WriteString("\n")
	}
	if summary := diagnosisSummary(d); o.Columns > 0 {
		out.WriteString(wrapped(summary, "", o))
	} else {
		out.WriteString(summary + "\n")
	}
	// A heading starts with an empty line, and the first one needs none.
	_, err := io.WriteString(w, strings.TrimPrefix(out.String(), "\n"))
	return err
}

// diagnosisSummary is the last line of a diagnosis.
func diagnosisSummary(d *doctor.Diagnosis) string {
	out := fmt.Sprintf("Doctor: %s with %s checked. ", text.Plural(d.Targets-d.Skipped, "target"), text.Plural(d.Partitions, "partition"))
	var found []string
	for _, a := range doctor.Ailments() {
		if n := d.Found[a]; n > 0 {
			found = append(found, fmt.Sprintf("%s %s", text.Grouped(int64(n)), a))
		}
	}
	switch {
	case len(found) > 0:
		out += "Found: " + strings.Join(found, ", ") + remedy(d.Healable)
	case d.Unread > 0:
		out += "No problems in the targets that could be read."
	case d.Skipped > 0:
		out += "No problems in these."
	default:
		out += "No problems."
	}
	if d.Unread > 0 {
		out += fmt.Sprintf(" %s could not be read.", text.Plural(d.Unread, "target"))
	}
	if blind := d.Skipped - len(d.Unsupported); blind > 0 {
		out += fmt.Sprintf(" %s not checked: %s reports no committed positions; look at the consumers' lag in the service's console.",
			text.Plural(blind, "target"), strings.Join(d.NotChecked, ", "))
	}
	if n := len(d.Unsupported); n > 0 {
		out += fmt.Sprintf(" %s not checked: %s.", text.Plural(n, "target"), strings.TrimSuffix(strings.Join(d.Unsupported, "; "), "."))
	}
	return out
}

// remedy is how many of the problems have a nearest valid position, to which a plan moves them.
func remedy(healable int) string {
	if healable == 0 {
		return "; --out cannot fix them."
	}
	return fmt.Sprintf("; --out FILE writes a plan that fixes %s.", text.Grouped(int64(healable)))
}

// patient writes the findings on one target.
func patient(out *strings.Builder, p *doctor.Patient, o view.Options) error {
	word, tone := "found", view.Warn
	if p.Error != "" {
		word, tone = "unread", view.Bad
	}
	heading(out, word, tone, p.ID, o)
	if p.Address != "" {
		address(out, p.Address, "  ")
		fmt.Fprintf(out, "  consumers %s\n", view.Plain(p.Activity))
	}
	for _, sentence := range []string{p.Error, p.Note} {
		if sentence != "" {
			out.WriteString(wrapped(sentence, "  ", o))
		}
	}
	return findings(out, p.Findings, o)
}

// findings writes the findings on a target's parts, like ones together, and
// the remarks on some of them below.
func findings(out *strings.Builder, all []doctor.Finding, o view.Options) error {
	if len(all) == 0 {
		return nil
	}
	var rows [][]string
	var notes strings.Builder
	for _, r := range view.Fold(view.FindingParts(all, o), o) {
		name := r.Name()
		heal := "-"
		if !r.Target.From.IsZero() {
			heal = r.Target.String()
		}
		rows = append(rows, []string{name, r.Effect(), r.Low.String(), r.Now.String(), r.High.String(), r.Gone, heal})
		if r.Note() != "" {
			notes.WriteString(wrapped(o.Name(name, view.NameWidth)+": "+r.Note(), "  ", o))
		}
	}
	head := []view.Column{
		{Name: "PARTITION"}, {Name: "FOUND"}, {Name: "LOW", Number: true}, {Name: "NOW", Number: true}, {Name: "HIGH", Number: true},
		{Name: "GONE", Number: true}, {Name: "TARGET", Number: true},
	}
	err := table(out, head, rows, []string{"GONE", "LOW", "HIGH"}, func(r []string) string {
		return fmt.Sprintf("%s: %s; low %s, now %s, high %s; target %s", r[0], r[1], r[2], r[3], r[4], r[6])
	}, o)
	out.WriteString(notes.String())
	return err
}

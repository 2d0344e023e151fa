// Package commands renders a plan as a shell script: the same moves as commands
// of the vendors' own clients, which a person reviews and runs by hand.
//
// The invariant: every line that is not a command of a provider is a comment,
// and text from outside in a comment cannot end it. The package writes no
// commands of its own and never reports that a step was run.
package commands

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// Plan writes a plan as a script for a POSIX shell. The commands come quoted
// from the providers; everything else is a comment.
func Plan(w io.Writer, p *plan.Plan, scripts []reconcile.Script, o view.Options) error {
	var out strings.Builder
	out.WriteString("#!/bin/sh\n")
	comment(&out, 0, fmt.Sprintf("%s, run %s: the same plan as shell commands.", p.Name, p.Run))
	fmt.Fprintf(&out, "# Digest: %s\n# %s\n#\n", view.Plain(p.Digest), p.Summary.Line())
	comment(&out, 0, "`sh -eu FILE` stops at the first command that fails. Commands run by hand are not guarded, verified or recorded "+
		"in the lock, and the plan may be out of date: each step shows the positions that it was planned with. "+
		"A later apply keeps steps you have already run by hand.")
	for i := range scripts {
		step(&out, fmt.Sprintf("%d of %d", i+1, len(scripts)), &scripts[i], o)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// step writes one step.
func step(out *strings.Builder, number string, script *reconcile.Script, o view.Options) {
	s := script.Step
	out.WriteString("\n")
	comment(out, 0, fmt.Sprintf("%s: %s %s", number, s.Action, view.Plain(s.ID)))
	if s.Address != "" {
		comment(out, 1, view.Plain(s.Address))
	}
	comment(out, 1, "to "+view.Plain(s.To))
	switch {
	case s.Action == plan.Blocked:
		comment(out, 1, "Blocked, no commands: "+s.Why)
	case s.Action != plan.Reset:
		comment(out, 1, "No commands needed: "+s.Why)
	case script.Commands == nil:
		comment(out, 1, "Not available as commands: "+script.Why)
	}
	if s.Action == plan.Reset {
		for _, r := range view.Fold(view.PlanParts(s.Parts, o), view.Options{}) {
			comment(out, 1, r.PlanSentence(o))
		}
		if s.Why != "" {
			comment(out, 1, text.Sentence(s.Why))
		}
	}
	for _, warning := range s.Warnings {
		comment(out, 1, "Warning: "+warning)
	}
	if len(script.First) > 0 {
		comment(out, 1, "First:")
	}
	for _, requirement := range script.First {
		comment(out, 2, requirement)
	}
	for _, command := range script.Commands {
		out.WriteString(command + "\n")
	}
}

// comment writes a text as comments, indented by a level.
func comment(out *strings.Builder, level int, s string) {
	for l := range strings.Lines(view.Wrap(s, "", view.Width)) {
		out.WriteString("# " + strings.Repeat("  ", level) + l)
	}
}

package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
)

// Commands writes a plan as what a person would type to carry it out without
// this program: a script for a POSIX shell, in which everything but the
// commands is a comment. The commands come from the providers, quoted; foreign
// text in comments is made safe, so that none of it becomes a command.
func Commands(w io.Writer, p *plan.Plan, scripts []reconcile.Script, o Options) error {
	var out strings.Builder
	out.WriteString("#!/bin/sh\n")
	remark(&out, 0, fmt.Sprintf("%s, run %s: what this plan does, to be typed by hand.", p.Name, p.Run))
	fmt.Fprintf(&out, "# Digest: %s\n# %s\n#\n", Plain(p.Digest), Summary(p))
	remark(&out, 0, "`sh -eu FILE` ends at the first command that fails. By hand, nothing is guarded, read back or written into a lock; the plan may be out of date: what it saw stands beside each step. What is done by hand a later apply finds there, and keeps.")
	for i := range scripts {
		script(&out, fmt.Sprintf("%d of %d", i+1, len(scripts)), &scripts[i], o)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// script writes one step.
func script(out *strings.Builder, number string, s *reconcile.Script, o Options) {
	step := s.Step
	out.WriteString("\n")
	remark(out, 0, fmt.Sprintf("%s: %s %s", number, step.Action, short(step.ID, 80, o)))
	if step.Address != "" {
		remark(out, 1, short(step.Address, width-4, o))
	}
	remark(out, 1, fmt.Sprintf("to %s", short(step.To, 70, o)))
	switch {
	case step.Action == plan.Blocked:
		remark(out, 1, "Blocked, so nothing is to be typed: "+step.Why)
	case step.Action != plan.Reset:
		remark(out, 1, "Nothing is to be typed: "+step.Why)
	case s.Commands == nil:
		remark(out, 1, "It cannot be written as commands: "+s.Why)
	}
	if step.Action == plan.Reset {
		for _, l := range linesOf(counted(step.Parts, o), Options{}) {
			remark(out, 1, l.sentence(o))
		}
		if step.Why != "" {
			remark(out, 1, text.Sentence(step.Why))
		}
	}
	for _, warning := range step.Warnings {
		remark(out, 1, "Warning: "+warning)
	}
	if len(s.First) > 0 {
		remark(out, 1, "First:")
	}
	for _, text := range s.First {
		remark(out, 2, text)
	}
	for _, command := range s.Commands {
		out.WriteString(command + "\n")
	}
}

// remark writes a text as comments, a level deep.
func remark(out *strings.Builder, level int, text string) {
	for l := range strings.Lines(wrapped(text, "")) {
		out.WriteString("# " + strings.Repeat("  ", level) + l)
	}
}

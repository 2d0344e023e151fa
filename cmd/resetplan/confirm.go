package main

import (
	"bufio"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// approve asks for confirmation, unless there is nothing to do or the plan was
// approved in advance. A loss is confirmed by its number, which is not typed by habit.
func (proc process) approve(c *cli.Context, p *reconcile.Prepared, stop <-chan struct{}) error {
	if c.Bool("auto-approve") || p.Summary.Reset == 0 && !p.Paused() {
		return nil
	}
	want, question := "yes", "Only 'yes' applies this plan: "
	if lost := p.Summary.Lost(); lost != "" && !p.Undo {
		want = strconv.FormatInt(p.Summary.Skip, 10)
		question = view.Wrap("This plan skips "+lost+", which will never be delivered.", "", proc.messageWidth()) +
			fmt.Sprintf("Only the number of lost records, %s, applies this plan: ", text.Grouped(p.Summary.Skip))
	}
	if lost := p.Summary.Lost(); lost != "" && p.Undo {
		question = view.Wrap("The group had passed the skipped records before the run: the rollback returns to the positions from before it.", "",
			proc.messageWidth()) + question
	}
	if wantsJSON(c) { // the plan was not shown
		question = view.Wrap(p.Summary.Line(), "", proc.messageWidth()) + question
	}
	fmt.Fprint(proc.stderr, "\n"+question)
	answer := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(proc.stdin).ReadString('\n') // a missing answer counts as no
		if err != nil {
			fmt.Fprintln(proc.stderr) // ends the line of the question
		}
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-stop:
		fmt.Fprintln(proc.stderr) // ends the line of the question
		return errStopped
	case line := <-answer:
		return approvedBy(line, want)
	}
}

// approvedBy returns nil if an answer is the one that applies a plan. The error of another
// one names what was expected, unless the answer is a plain no; it repeats no answer,
// which may be anything that was pasted.
func approvedBy(answer, want string) error {
	switch {
	case answer == want || want != "yes" && strings.ReplaceAll(answer, ",", "") == want:
		return nil
	case slices.Contains([]string{"", "n", "no"}, strings.ToLower(answer)):
		return errNotApproved
	case want == "yes":
		return fmt.Errorf("%w; the answer is not the word yes", errNotApproved)
	}
	return fmt.Errorf("%w; the answer is not %s, the number of lost records", errNotApproved, want)
}

// errNotApproved means that a person did not confirm the plan.
var errNotApproved = &plan.Refusal{Reason: "not approved: nothing was sent"}

// messageWidth is the number of columns at which messages wrap.
func (proc process) messageWidth() int {
	if n := proc.stderrColumns(); n > 0 {
		return max(n, view.LeastWidth)
	}
	return view.Width
}

func (proc process) showResult(c *cli.Context, t *task, r *reconcile.Result) error {
	if wantsJSON(c) {
		return view.ResultJSON(proc.stdout, r)
	}
	fmt.Fprintln(proc.stdout)
	return term.Result(proc.stdout, r, t.next(c, r), proc.look(c))
}

// next returns the commands that follow an apply or a rollback; none if the plan is in no
// file that they could name.
func (t *task) next(c *cli.Context, r *reconcile.Result) []term.Next {
	file := t.doc.File
	if !hasFile(file) {
		return nil
	}
	if r.Undo {
		return []term.Next{{Label: "Compare", Command: t.command(c, "status", file)}}
	}
	moved := slices.ContainsFunc(r.Steps, func(s lock.Step) bool { return reconcile.Reversible(&s) })
	if !moved && slices.ContainsFunc(r.Steps, func(s lock.Step) bool { return !s.Outcome.Done() && s.Outcome != lock.Undone }) {
		return []term.Next{{Label: "Try again", Command: t.command(c, "apply", file)}}
	}
	var out []term.Next
	if slices.ContainsFunc(r.Steps, t.may(func(c providers.Capabilities) bool { return c.Reads != providers.No })) {
		out = append(out, term.Next{Label: "Watch", Command: t.command(c, "watch", file)})
	}
	if moved && slices.ContainsFunc(r.Steps, t.may(func(c providers.Capabilities) bool { return c.Undo != providers.No })) {
		out = append(out, term.Next{Label: "Roll back", Command: t.command(c, "rollback", file)})
	}
	return out
}

// may returns whether the service of a recorded step has a capability.
func (t *task) may(has func(providers.Capabilities) bool) func(lock.Step) bool {
	return func(s lock.Step) bool {
		step, _ := t.r.StepOf(s.ID)
		return step == nil || has(t.r.Connections[step.Provider].Caps)
	}
}

// command returns the call of another command for the same plan, run, lock, steps and
// parameters, as a shell reads it.
func (t *task) command(c *cli.Context, name, file string) string {
	if strings.HasPrefix(file, "-") {
		file = "./" + file
	}
	words := []string{"resetplan", name, file}
	add := func(flag, value string) { words = append(words, "--"+flag, value) }
	if t.sel.Run != schema.DefaultRun {
		add("run", t.sel.Run)
	}
	if given := c.String("lock"); given != "" {
		add("lock", given)
	}
	if given := c.String("config"); given != "" {
		add("config", given)
	}
	for _, id := range c.StringSlice("step") {
		add("step", id)
	}
	if given := c.String("params"); given != "" && given != "-" {
		add("params", given)
	}
	for _, given := range c.StringSlice("set") {
		add("set", given)
	}
	if t.saved != nil {
		for _, set := range assignments(t.saved.Params) {
			add("set", set)
		}
	}
	for i, w := range words {
		words[i] = text.ShellWord(w)
	}
	return strings.Join(words, " ")
}

// assignments are parameters as --set accepts them.
func assignments(params schema.Values) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(params)) {
		out = append(out, fmt.Sprintf("%s=%v", name, params[name]))
	}
	return out
}

package markdown

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// The maximum lengths of the texts of a head in bytes.
const (
	textBytes    = 2_000 // the description, the labels, the parameters
	calloutBytes = 6_000 // the sentences of a callout
)

// opening is the head of a plan: all that precedes the table of its steps.
func opening(p *plan.Plan, o view.Options, left *omissions) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Digest: %s\n\n%s\n\n", view.Plain(p.Digest), result(p.Summary, p.Undo))
	name, _ := coded(p.Name, nameBytes)
	run, _ := coded(p.Run, nameBytes)
	if p.Undo {
		name = "Rollback of " + name
	}
	fmt.Fprintf(&out, "%s, run %s, planned at %s", name, run, text.Minute(p.CreatedAt))
	if p.CreatedBy != "" {
		by, _ := coded(p.CreatedBy, nameBytes)
		out.WriteString(" by " + by)
	}
	if o.Version != "" {
		version, _ := coded(o.Version, nameBytes)
		out.WriteString(" with resetplan " + version)
	}
	out.WriteString("\n\n")
	if p.Description != "" {
		out.WriteString(sentences{{label: "**Why:** ", text: p.Description}}.write(textBytes, left))
	}
	out.WriteString(named("Labels", p.Labels, left) + named("Parameters", p.Params, left))
	out.WriteString(callouts(p, left))
	return out.String()
}

// result is the effect of a plan in one line, and then its actions. A rollback skips
// only what had been read before, which is no loss.
func result(s plan.Summary, undo bool) string {
	if s.Reset == 0 {
		return "**No step is reset**\n\n" + s.Line()
	}
	again := s.Again()
	if len(s.Units) == 0 {
		again += " " + text.Noun(s.Replay, plan.UnitName(""))
	}
	lost := "**" + s.Loss() + " lost**"
	if undo {
		lost = s.Loss() + " skipped"
	}
	out := fmt.Sprintf("%s delivered again, %s, ", text.Sentence(again)[:1]+again[1:], lost)
	if rest := s.Remainder(); rest != "" {
		out += rest + ", "
	}
	return out + text.Plural(s.Reset, "step") + "\n\n" + s.Line()
}

// named is a list of names and values in one line.
func named[T any](what string, values map[string]T, left *omissions) string {
	if len(values) == 0 {
		return ""
	}
	out := what + ":"
	for i, key := range slices.Sorted(maps.Keys(values)) {
		name, _ := coded(key, nameBytes)
		value, cut := coded(fmt.Sprint(values[key]), 2*nameBytes)
		one := " " + name + " = " + value
		if len(out)+len(one) > textBytes {
			left.texts += len(values) - i
			break
		}
		if cut {
			left.texts++
		}
		if i > 0 {
			out += ","
		}
		out += one
	}
	return out + "\n\n"
}

// A note is a sentence about some steps.
type note struct {
	text  string
	steps []string
}

// notes collects sentences about steps: equal ones are one note.
type notes []note

func (all *notes) add(step, text string) {
	for i := range *all {
		if (*all)[i].text == text {
			(*all)[i].steps = append((*all)[i].steps, step)
			return
		}
	}
	*all = append(*all, note{text, []string{step}})
}

// callouts are what a review must not miss: refusals, losses and warnings.
func callouts(p *plan.Plan, left *omissions) string {
	var blocked, warnings, paused, replays notes
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Action == plan.Blocked {
			blocked.add(s.ID, s.Why)
		}
		for _, w := range s.Warnings {
			warnings.add(s.ID, w)
		}
		if s.Paused != "" {
			paused.add(s.ID, s.Paused)
		}
	}
	for _, s := range p.LeftPaused {
		paused.add("", "Not part of this plan: "+s)
	}
	for _, s := range p.LeftReplaying {
		replays.add("", s)
	}
	out := ""
	if n := p.Summary.Blocked; n > 0 {
		out += callout("CAUTION", fmt.Sprintf("**Blocked: apply sends nothing while %s blocked.**", stepsAre(n)), blocked, left)
	}
	out += callout("CAUTION", "**Consumers are still paused by resetplan.**", paused, left)
	out += callout("CAUTION", "**A replay is not over, and no apply of this plan continues it.**", replays, left)
	if losing := p.Losing(); len(losing) > 0 {
		var lost notes
		for _, s := range losing {
			lost.add(s.ID, s.Sum().Lost())
		}
		out += callout("CAUTION", "**Records would be lost: these consumers would never receive them.**", lost, left)
	}
	var expires notes
	if text := p.Expires(); text != "" {
		expires.add("", text)
	}
	return out + callout("WARNING", "", warnings, left) + callout("WARNING", "", expires, left)
}

// callout is an alert of GitHub's with a list of notes. Without notes it is "".
func callout(kind, title string, all notes, left *omissions) string {
	if len(all) == 0 {
		return ""
	}
	out := "> [!" + kind + "]\n"
	if title != "" {
		out += "> " + title + "\n>\n"
	}
	each := calloutBytes / len(all)
	for i, n := range all {
		if len(out) > calloutBytes-leastHeading {
			left.texts += len(all) - i
			break
		}
		body, cut := literal(n.text, max(min(calloutBytes-len(out), max(each, 500)), leastHeading))
		if cut {
			left.texts++
		}
		out += "> - " + stepNames(n.steps) + body + "\n"
	}
	return out + "\n"
}

// stepNames names the steps of a note, some of them if there are many.
func stepNames(ids []string) string {
	if ids[0] == "" {
		return ""
	}
	names := make([]string, min(len(ids), plan.MostListed))
	for i := range names {
		names[i], _ = coded(ids[i], nameBytes/2)
	}
	out := strings.Join(names, ", ")
	if n := len(ids) - len(names); n > 0 {
		out += " and " + text.Grouped(int64(n)) + " more"
	}
	return out + ": "
}

// closing is what follows the review of a file: what merging does, and how to roll back.
func closing(p *plan.Plan, o view.Options) string {
	if p.Undo || o.File == "" {
		return ""
	}
	switch {
	case p.Summary.Blocked > 0:
		return fmt.Sprintf("**After the merge** apply sends nothing: %s blocked.\n", stepsAre(p.Summary.Blocked))
	case p.Summary.Reset == 0 && p.Replaying():
		return "**After the merge** apply resets nothing and continues the replay.\n"
	case p.Summary.Reset == 0:
		return "**After the merge** apply finds nothing to do.\n"
	}
	apply, back := o.Command("apply", "--expect-digest", p.Digest), o.Command("rollback")
	out := fmt.Sprintf("**After the merge** an apply with this digest resets %s. It sends nothing if anything differs from this plan.\n\n",
		text.Plural(p.Summary.Reset, "step"))
	out += "```sh\n" + apply + "\n```\n\n"
	out += "**To roll back** after an apply, restore the positions that it has recorded in the lock. " +
		"What consumers have done with the records is not undone.\n\n"
	return out + "```sh\n" + back + "\n```\n\n"
}

package plan

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// RequestText describes a `to` for people, with the moment that a relative time means:
// "timestamp 2026-11-26 12:39 UTC (now-36h)".
func RequestText(to schema.To, now time.Time) string {
	if to.Form != schema.ToTimestamp || !to.Time.FromNow || now.IsZero() {
		return TargetText(to)
	}
	return "timestamp " + text.Minute(to.Time.At(now)) + " (" + to.Time.Text + ")"
}

// RelativeText returns the time of a `to` as written if it is relative to now, else "".
func RelativeText(to schema.To) string {
	if to.Form != schema.ToTimestamp || !to.Time.FromNow {
		return ""
	}
	return to.Time.Text
}

// RequestedTime returns the time that a `to` means, nil if it is not a time.
func RequestedTime(to schema.To, now time.Time) *time.Time {
	if to.Form != schema.ToTimestamp || to.Time.FromNow && now.IsZero() {
		return nil
	}
	return new(to.Time.At(now).UTC().Truncate(time.Millisecond))
}

// RelativeTimes warns about the times of a valid document that are relative to now: an
// approval by digest then expires within a minute. It is "" if there are none.
func RelativeTimes(doc *schema.Document) string {
	var all []Step
	if doc != nil {
		for i := range doc.Steps {
			all = append(all, Step{ID: doc.Steps[i].ID, Relative: RelativeText(doc.Steps[i].To)})
		}
	}
	return (&Plan{Steps: all}).Expires()
}

// Expires warns that an approval of the plan by its digest expires within a minute,
// because of times that are relative to now. It is "" if there are none; a step that is
// blocked cannot be approved.
func (p *Plan) Expires() string {
	var ids []string
	first := ""
	for _, s := range p.Steps {
		if s.Relative == "" || s.Action == Blocked {
			continue
		}
		id, _, _ := strings.Cut(s.ID, "[") // of all groups of a step once
		if first = cmp.Or(first, s.Relative); len(ids) == 0 || ids[len(ids)-1] != id {
			ids = append(ids, id)
		}
	}
	switch len(ids) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("The digest changes by the minute, and an approval with it expires: the time %s of step %s is relative to now. "+
			"For an approval that lasts, write the time in full.", first, ids[0])
	}
	return fmt.Sprintf("The digest changes by the minute, and an approval with it expires: the times of %s are relative to now. "+
		"For an approval that lasts, write them in full.", StepNames(ids))
}

// TargetText describes a `to` for people.
func TargetText(to schema.To) string {
	switch to.Form {
	case schema.ToTimestamp:
		return "timestamp " + to.Time.Text
	case schema.ToOffset:
		return fmt.Sprintf("offset %d", to.Offset)
	case schema.ToShift:
		return fmt.Sprintf("shift %+d", to.Shift)
	case schema.ToGroup:
		return "the positions of group " + text.Quote(to.Group)
	case schema.ToLock:
		step, run := "its step", ""
		if to.Step != "" {
			step = "step " + to.Step
		}
		if to.Run != "" {
			run = " of run " + to.Run
		}
		return fmt.Sprintf("the positions before %s%s in %s", step, run, to.Lock)
	case schema.ToOffsets, schema.ToCheckpoints:
		return string(to.Form) + ", one by one"
	}
	return string(to.Form)
}

// ResolveDoubtCommands returns the commands that decide a step in doubt, quoted for a
// shell. file is the plan or its lock; parts are those that are still unknown, if a
// reading decides the others.
func ResolveDoubtCommands(file, run, id string, parts ...providers.Part) string {
	of := ""
	for _, p := range parts {
		of += " --part " + text.ShellWord(p.String())
	}
	return settledBy(file, run, id, "applied"+of) + " or `not-applied`"
}

// EndReplayCommand returns the command that ends the replay of a step that was applied.
func EndReplayCommand(file, run, id string) string { return settledBy(file, run, id, "applied") }

// ReleaseCommand returns the command that removes the record of stopped consumers.
func ReleaseCommand(file, run, id string) string { return settledBy(file, run, id, "released") }

func settledBy(file, run, id, verdict string) string {
	of := ""
	if run != "" && run != schema.DefaultRun {
		of = " --run " + text.ShellWord(run)
	}
	return fmt.Sprintf("`resetplan lock settle %s %s %s%s`", text.ShellWord(file), text.ShellWord(id), verdict, of)
}

package draft

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A Restore is a plan that restores the positions that were read, and the parts
// that no plan can restore.
type Restore struct {
	*Draft
	Left []Leftover
}

// A Leftover is a part of a target for which a draft has no step.
type Leftover struct {
	Step string
	Why  string // what is left out, why, and the nearest alternative
}

func (l Leftover) String() string { return "step " + l.Step + ": " + l.Why }

// Snapshot reads the positions of the selected targets and returns the plan that
// restores them. Globs become the groups that exist. It changes nothing.
func Snapshot(ctx context.Context, r *survey.Reader, selected survey.Steps) (*Restore, error) {
	jobs, err := r.Jobs(ctx, selected)
	if err != nil {
		return nil, err
	}
	all := r.ForReading(jobs)
	for _, t := range all {
		t.Internal = true
	}
	if err := r.Read(ctx, all); err != nil {
		return nil, err
	}
	at := r.Deps.Process.Now().UTC().Truncate(time.Second)
	s := &Restore{Draft: &Draft{
		Name: Slug(r.Doc.Name[:min(len(r.Doc.Name), 54)] + "-snapshot"), Labels: r.Doc.Labels, Providers: r.Doc.Providers,
		Description: "The positions of " + r.Doc.Name + " as they were at " + text.Stamp(at) + ".",
		Head: []string{
			"Written by `resetplan snapshot` from " + strings.Trim(r.Doc.File, "<>") + ".",
			"maxSkip is unlimited because every record that this plan skips had been read when the snapshot was taken.",
		},
		Guards: schema.Guards{MaxSkip: &schema.Limit{Unlimited: true}},
	}}
	for _, t := range all {
		s.step(t, at)
	}
	for _, l := range s.Left {
		s.Head = append(s.Head, "Not restored: "+l.String())
	}
	if len(s.Steps) == 0 {
		return s, plan.Refuse("`resetplan plan` shows the positions of its targets", "nothing that a plan can restore")
	}
	return s, nil
}

// leave records a part that the plan does not restore.
func (s *Restore) leave(t *survey.Target, format string, args ...any) {
	s.Left = append(s.Left, Leftover{t.ID, fmt.Sprintf(format, args...)})
}

// step adds the steps that restore one target, and the parts that they cannot.
func (s *Restore) step(t *survey.Target, at time.Time) {
	caps := t.Conn.Caps
	if t.NoTarget != "" {
		s.leave(t, "%s.", t.NoTarget)
		return
	}
	if err := t.Snapshot.Err; err != nil {
		s.leave(t, "%s.", strings.TrimSuffix(err.Error(), "."))
		return
	}
	for _, m := range t.Snapshot.Missing {
		if m.What != providers.GroupName {
			s.leave(t, "%s %s not found.", m.What, text.Quote(m.Name))
		}
	}
	if caps.Undo != providers.Exact || decide.ExactKind(caps) == providers.Unknown {
		s.leave(t, "%s cannot restore positions exactly.%s %s", t.Conn.Kind.Type(), nearestTime(t, at), text.Sentence(caps.Notes["undo"].String()))
		return
	}
	var restored []Placed
	var unset []providers.PartReading
	var lost plan.Remarks
	for _, p := range t.Snapshot.Parts {
		switch inside := t.Conn.Caps.Order.Nearest(p.Committed, p.Low, p.High); {
		case p.Committed.Kind() == providers.Unset:
			unset = append(unset, p)
		case !p.Committed.Exact():
			lost.Add(p.Part, "cannot be restored: the position is unknown, because a transaction is open or the service does not report it.")
		case inside != p.Committed:
			lost.Add(p.Part, "cannot be restored: the commit at %s is outside the log, which starts at %s and ends at %s. Nearest: %s; "+
				"`resetplan doctor` finds such commits.",
				p.Committed, p.Low, p.High, inside)
		default:
			restored = append(restored, Placed{p.Part, p.Committed})
			if p.Metadata[providers.ClientMetadata] != "" {
				lost.Add(p.Part, "is restored without commit metadata, which a plan cannot express. "+
					"`resetplan rollback` of an apply restores it.")
			}
		}
	}
	for _, line := range lost.Sentences() {
		s.leave(t, "%s", line)
	}
	s.place(t, restored, len(unset) > 0)
	s.unset(t, unset)
}

// place adds the steps for parts with a commit. If other parts of their topics have
// none, the steps name their partitions: two steps may not move the same part.
func (s *Restore) place(t *survey.Target, parts []Placed, named bool) {
	if len(parts) == 0 {
		return
	}
	_, chosen := t.Step.Target["partitions"]
	first := len(s.Steps)
	s.Place(StepFor(t.Job), KeysOf(t.Job), parts, nil)
	if named || chosen {
		s.Narrow(first)
	}
}

// unset adds the steps that remove later commits from parts without a commit.
func (s *Restore) unset(t *survey.Target, parts []providers.PartReading) {
	if len(parts) == 0 {
		return
	}
	if why := decide.Unreachable(t.Conn.Kind.Type(), t.Conn.Caps, schema.Step{To: schema.To{Form: schema.ToUnset}}); !why.IsZero() {
		var all []providers.Part
		for _, p := range parts {
			all = append(all, p.Part)
		}
		s.leave(t, "%s has no commit, and that cannot be restored: %s", plan.PartRanges(all), text.Sentence(why.String()))
		return
	}
	for from := 0; from < len(parts); {
		to := from
		var which []int
		for ; to < len(parts) && parts[to].Part.Topic == parts[from].Part.Topic; to++ {
			which = append(which, parts[to].Part.Number)
		}
		step := StepFor(t.Job)
		step.Target = KeysOf(t.Job)
		delete(step.Target, "topics")
		step.Target["topic"], step.Target["partitions"] = parts[from].Part.Topic, numbers(which)
		step.ID, step.To = s.NewID(step.ID+"-"+parts[from].Part.Topic+"-unset"), schema.To{Form: schema.ToUnset}
		step.Guards.AllowNew = t.Snapshot.GroupState != providers.Committed
		s.Steps = append(s.Steps, Step{step, []string{"There was no commit."}})
		from = to
	}
}

// nearestTime returns, for a service that accepts a time but no position, the time
// closest to the target's present position.
func nearestTime(t *survey.Target, at time.Time) string {
	if t.Conn.Caps.Moves[providers.Time] == providers.NoGrain || len(t.Snapshot.Parts) == 0 {
		return ""
	}
	var read time.Time
	var lagging int64
	known := true
	for _, p := range t.Snapshot.Parts {
		if n := t.Conn.Caps.Order.Lag(p.Committed, p.Low, p.High); n != nil {
			lagging += *n
		} else {
			known = false
		}
		if at := p.ReadUpTo; !at.IsZero() && (read.IsZero() || at.Before(read)) {
			read = at
		}
	}
	switch {
	case known && lagging == 0:
		return fmt.Sprintf(" Nearest: to: {timestamp: %s}, when everything had been read.", text.Stamp(at))
	case !read.IsZero():
		return fmt.Sprintf(" Nearest: to: {timestamp: %s}, up to which every part had been read.", text.Stamp(read))
	case !known:
		return fmt.Sprintf(" Nearest: to: {timestamp: …} from before %s.", text.Stamp(at))
	}
	unread := text.Plural(int(lagging), plan.UnitName(t.Conn.Caps.Unit))
	return fmt.Sprintf(" Nearest: to: {timestamp: …} from before %s, when up to %s were unread.", text.Stamp(at), unread)
}

// KeysOf returns a job's target as a document writes it.
func KeysOf(j *survey.Job) map[string]any { return maps.Clone(survey.TargetKeys(j.Step, j.ID)) }

// StepFor returns the step that all steps for a job in a draft start from.
func StepFor(j *survey.Job) schema.Step {
	return schema.Step{ID: strings.Trim(j.ID, "[]"), Provider: j.Step.Provider, Idle: schema.Idle{Wait: j.Step.Idle.Wait}}
}

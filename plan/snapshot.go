package plan

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

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
func (r *Reconciler) Snapshot(ctx context.Context, sel Selection) (*Restore, error) {
	jobs, err := r.jobs(ctx, sel)
	if err != nil {
		return nil, err
	}
	all := r.present(jobs)
	if err := r.read(ctx, all); err != nil {
		return nil, err
	}
	at := r.world.Env.Now().UTC().Truncate(time.Second)
	s := &Restore{Draft: &Draft{
		Name: slug(r.doc.Name[:min(len(r.doc.Name), 54)] + "-snapshot"), Labels: r.doc.Labels, Providers: r.doc.Providers,
		Description: "The positions of " + r.doc.Name + " as they were at " + stamp(at) + ".",
		Head: []string{
			"Written by `resetplan snapshot` of " + r.doc.File + ".",
			"maxSkip is unlimited because every record that this plan skips had been read when the snapshot was taken.",
		},
		Guards: schema.Guards{MaxSkip: &schema.Limit{Unlimited: true}},
	}}
	for _, w := range all {
		s.step(w, at)
	}
	for _, l := range s.Left {
		s.Head = append(s.Head, "Not restored: "+l.String())
	}
	if len(s.Steps) == 0 {
		return s, refuse("`resetplan plan` shows the positions of its targets", "nothing that a plan can restore")
	}
	return s, nil
}

// present returns targets for reading only: no move is requested, and neither lock
// nor guards are used.
func (r *Reconciler) present(jobs []*job) []*work {
	all := make([]*work, len(jobs))
	for i, j := range jobs {
		still := *j
		step := *j.step
		step.To, step.Guards = schema.To{Form: schema.ToCurrent}, schema.Guards{}
		still.step = &step
		all[i] = &work{job: &still, Case: Case{question: Question{ID: j.id, Step: &step, Capabilities: j.conn.caps, Now: r.world.Env.Now()}}}
	}
	return all
}

// keys returns a job's target as a document writes it.
func (j *job) keys() map[string]any { return maps.Clone(targetOf(j.step, j.id)) }

// draft returns the step that all steps for a job in a draft start from.
func (j *job) draft() schema.Step {
	return schema.Step{ID: strings.Trim(j.id, "[]"), Provider: j.step.Provider, Idle: schema.Idle{Wait: j.step.Idle.Wait}}
}

func (s *Restore) leave(w *work, format string, args ...any) {
	s.Left = append(s.Left, Leftover{w.id, fmt.Sprintf(format, args...)})
}

// step adds the steps that restore one target, and the parts that they cannot.
func (s *Restore) step(w *work, at time.Time) {
	caps := w.conn.caps
	if w.nothing != "" {
		s.leave(w, "%s.", w.nothing)
		return
	}
	if err := w.snapshot.Err; err != nil {
		s.leave(w, "%s.", strings.TrimSuffix(err.Error(), "."))
		return
	}
	for _, m := range w.snapshot.Missing {
		if m.What != "group" {
			s.leave(w, "there is no %s %s.", m.What, quote(m.Name))
		}
	}
	if caps.Undo != providers.Exact || exactKind(caps) == providers.Unknown {
		s.leave(w, "%s cannot restore positions exactly.%s %s", w.conn.kind.Type(), nearestTime(w, at), Sentence(caps.Notes["undo"]))
		return
	}
	var there []Placed
	var unset []providers.PartReading
	var lost remarks
	for _, p := range w.snapshot.Parts {
		switch inside := nearest(p.Committed, p.Low, p.High); {
		case p.Committed.Kind() == providers.Unset:
			unset = append(unset, p)
		case !p.Committed.Exact():
			lost.add(p.Part, "cannot be restored: its position is unknown, because a transaction is open or the service does not report it.")
		case inside != p.Committed:
			lost.add(p.Part, "cannot be restored: it is at %s, outside its log (%s to %s). Nearest: %s; `resetplan doctor` finds such commits.", p.Committed, p.Low, p.High, inside)
		default:
			there = append(there, Placed{p.Part, p.Committed})
			if p.Metadata["metadata"] != "" {
				lost.add(p.Part, "is restored without its commit metadata, which a plan cannot express. `resetplan rollback` of an apply restores it.")
			}
		}
	}
	for _, line := range lost.sentences() {
		s.leave(w, "%s", line)
	}
	s.place(w, there, len(unset) > 0)
	s.unset(w, unset)
}

// place adds the steps for parts with a commit. If other parts of their topics have
// none, the steps name their partitions: two steps may not move the same part.
func (s *Restore) place(w *work, parts []Placed, named bool) {
	if len(parts) == 0 {
		return
	}
	_, chosen := w.step.Target["partitions"]
	first := len(s.Steps)
	s.Place(w.draft(), w.keys(), parts, nil)
	if named || chosen {
		s.narrow(first)
	}
}

// unset adds the steps that remove later commits from parts without a commit.
func (s *Restore) unset(w *work, parts []providers.PartReading) {
	if len(parts) == 0 {
		return
	}
	if why := unreachable(w.conn.kind.Type(), w.conn.caps, schema.Step{To: schema.To{Form: schema.ToUnset}}); why != "" {
		var all []providers.Part
		for _, p := range parts {
			all = append(all, p.Part)
		}
		s.leave(w, "%s has no commit, and that cannot be restored: %s", named(all), Sentence(why))
		return
	}
	for from := 0; from < len(parts); {
		to := from
		var which []int
		for ; to < len(parts) && parts[to].Part.Topic == parts[from].Part.Topic; to++ {
			which = append(which, parts[to].Part.Number)
		}
		step := w.draft()
		step.Target = w.keys()
		delete(step.Target, "topics")
		step.Target["topic"], step.Target["partitions"] = parts[from].Part.Topic, numbers(which)
		step.ID, step.To = s.id(step.ID+"-"+parts[from].Part.Topic+"-unset"), schema.To{Form: schema.ToUnset}
		step.Guards.AllowNew = w.snapshot.GroupState != providers.Committed
		s.Steps = append(s.Steps, DraftStep{step, []string{"There was no commit."}})
		from = to
	}
}

// nearestTime returns, for a service that accepts a time but no position, the time
// closest to the target's present position.
func nearestTime(w *work, at time.Time) string {
	if w.conn.caps.Moves[providers.Time] == providers.NoGrain || len(w.snapshot.Parts) == 0 {
		return ""
	}
	var read time.Time
	var lagging int64
	known := true
	for _, p := range w.snapshot.Parts {
		if n := lag(p.High, p.Committed); n != nil {
			lagging += *n
		} else {
			known = false
		}
		if t := p.ReadUpTo; !t.IsZero() && (read.IsZero() || t.Before(read)) {
			read = t
		}
	}
	switch {
	case known && lagging == 0:
		return fmt.Sprintf(" Nearest: to: {timestamp: %s}, when everything had been read.", stamp(at))
	case !read.IsZero():
		return fmt.Sprintf(" Nearest: to: {timestamp: %s}, up to which every part had been read.", stamp(read))
	case !known:
		return fmt.Sprintf(" Nearest: to: {timestamp: …} from before %s.", stamp(at))
	}
	return fmt.Sprintf(" Nearest: to: {timestamp: …} from before %s, when up to %s were unread.", stamp(at), Plural(int(lagging), "record"))
}

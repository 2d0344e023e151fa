// Package doctor finds commits from which no consumer can go on: below or beyond
// their logs, on partitions that no longer exist, or soon to be overtaken by retention.
//
// The invariant: a finding names what was read, and the plan that heals it moves
// each position to the nearest one that its log still has. The package only reads;
// healing is a plan that a person reviews and applies.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// An Ailment is a problem with a commit.
type Ailment string

// The ailments, the most severe first.
const (
	Vanished   Ailment = "vanished"       // its partition no longer exists
	Negative   Ailment = "negative"       // it is not a valid offset
	BelowLow   Ailment = "below-low"      // retention has deleted its position
	BeyondHigh Ailment = "beyond-high"    // it is beyond the end of the log
	NearLow    Ailment = "near-retention" // retention will delete its position soon
	NoCommit   Ailment = "no-commit"      // the group has no commit at all
)

// Ailments returns all ailments, the most severe first.
func Ailments() []Ailment {
	return []Ailment{Vanished, Negative, BelowLow, BeyondHigh, NearLow, NoCommit}
}

// Explanation explains an ailment and its remedy.
func (a Ailment) Explanation() string {
	return map[Ailment]string{
		Vanished: "The partition no longer exists. Its commit cannot be removed separately: it disappears when it expires, or with the group.",
		Negative: "Not a valid offset; probably written by a faulty tool. The consumer falls back to auto.offset.reset.",
		BelowLow: "Retention has deleted the committed position. The consumer falls back to auto.offset.reset, which may be the end of the " +
			"log. A plan moves the group to the oldest record left.",
		BeyondHigh: "The commit is past the end of the log. If the topic was re-created or truncated, its present records may be unread: then " +
			"reset it to earliest instead.",
		NearLow: "Retention will soon delete unread records. A reset cannot help: only faster consumers or a longer retention can.",
		NoCommit: "The group has never committed anything, or its commits have expired. Check its name. To set its positions, plan a reset with " +
			"guards: {allowNew: true} (--allow-new).",
	}[a]
}

// A Diagnosis lists the problems with the commits of some targets.
type Diagnosis struct {
	Name       string          `json:"plan"`
	Healthy    bool            `json:"healthy"` // no problem was found, and every target was checked
	Targets    int             `json:"targets"` // groups and pipelines examined
	Partitions int             `json:"partitions"`
	Unread     int             `json:"unread"`  // targets that could not be read
	Skipped    int             `json:"skipped"` // targets that were not checked, because their service reports no committed positions of them
	Found      map[Ailment]int `json:"found"`   // findings by kind
	Healable   int             `json:"healable"`
	Patients   []Patient       `json:"patients"` // targets with findings, and targets that could not be read

	NotChecked  []string `json:"notChecked,omitempty"`  // the types of the services that report none at all
	Unsupported []string `json:"unsupported,omitempty"` // why a service reports none of a target

	healing *draft.Draft
}

// A Patient is a target with a problem, or a target that could not be read.
type Patient struct {
	ID       string    `json:"id"`
	Provider string    `json:"provider"`
	Address  string    `json:"address"`
	Activity string    `json:"activity"`
	Error    string    `json:"error,omitempty"` // it could not be read
	Findings []Finding `json:"findings"`
	Note     string    `json:"note,omitempty"` // why no plan can repair it
}

// A Finding is one problem. Unknown positions are zero; Heal is zero if no plan
// can repair it.
type Finding struct {
	Kind      Ailment            `json:"kind"`
	Part      providers.Part     `json:"part"` // zero: the group as a whole
	Low       providers.Position `json:"low"`
	Committed providers.Position `json:"committed"`
	High      providers.Position `json:"high"`
	Heal      providers.Position `json:"heal"`
	Gone      *int64             `json:"gone,omitempty"` // records deleted unread, if positions count records
	Why       string             `json:"why,omitempty"`  // a remark about this finding
	// FromLow is how far each position is after Low, if they are cursors.
	FromLow map[providers.Position]int64 `json:"fromLow,omitempty"`
}

// Options are the thresholds of Doctor.
type Options struct {
	// Near is a percentage of the retained log. A position within this share
	// of the log's oldest records counts as soon overtaken by retention.
	Near int
	// All means that the document covers every group of a cluster. Finding none
	// is then an error, because it looks the same as missing permission.
	All bool
}

// Diagnose reads the selected targets and reports problems with their commits. It
// changes nothing. A target that cannot be read is a patient with an error; only a
// failure common to all targets is an error of Diagnose.
func Diagnose(ctx context.Context, r *survey.Reader, selected survey.Steps, o Options) (*Diagnosis, error) {
	jobs, err := r.Jobs(ctx, selected)
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		if o.All && j.NoTarget != "" && j.Unread == nil {
			return nil, fmt.Errorf("provider %s lists no groups: either none exists, or these credentials lack permission to describe groups%s",
				j.Step.Provider, needed(j.Conn.Caps))
		}
	}
	if types, readable := blindTypes(jobs); len(types) > 0 && !readable {
		return nil, &Blind{Types: types}
	}
	all := r.ForReading(jobs)
	for _, t := range all {
		t.LowTime, t.Internal = true, true
	}
	if err := r.Read(ctx, all); err != nil && !everyRead(all) {
		return nil, err
	}
	d := &Diagnosis{Name: r.Doc.Name, Targets: len(all), Found: map[Ailment]int{}, Patients: []Patient{}, healing: newHealing(r)}
	near := nearRetention(ctx, r, all, o.Near)
	for _, t := range all {
		d.examine(t, near)
	}
	if d.Skipped > 0 && d.Skipped == d.Targets {
		return nil, &Blind{d.NotChecked, d.Unsupported}
	}
	d.Healthy = d.Unread == 0 && d.Skipped == 0 && len(d.Found) == 0
	return d, nil
}

// needed returns the permissions that listing targets requires.
func needed(c providers.Capabilities) string {
	var all []string
	for _, one := range c.Selects {
		if one.Permission != "" {
			all = append(all, one.Permission)
		}
	}
	if all == nil {
		return ""
	}
	return " (" + strings.Join(all, ", ") + ")"
}

// everyRead reports whether reading was attempted for every target.
func everyRead(all []*survey.Target) bool {
	for _, t := range all {
		if t.Target != nil && (t.ReadAt.IsZero() || errors.Is(t.Snapshot.Err, context.Canceled)) {
			return false
		}
	}
	return true
}

// newHealing returns an empty plan for repairs.
func newHealing(r *survey.Reader) *draft.Draft {
	at := text.Stamp(r.Deps.Process.Now().Truncate(time.Second))
	return &draft.Draft{
		Name: draft.Slug(r.Doc.Name[:min(len(r.Doc.Name), 55)] + "-healing"), Labels: r.Doc.Labels, Providers: r.Doc.Providers,
		Description: "Moves commits outside their logs to the nearest valid position, as of " + at + ".",
		Head: []string{"Written by `resetplan doctor`. Each position is the nearest one that still exists in its log: nothing more is lost.",
			"Stop the consumers first if their service requires it."},
		Guards: schema.Guards{Clamp: true},
	}
}

// Healing returns the plan with the smallest loss that repairs what a plan can
// repair, or nil if there is nothing to repair.
func (d *Diagnosis) Healing() *draft.Draft {
	if len(d.healing.Steps) == 0 {
		return nil
	}
	return d.healing
}

// examine adds one target to the diagnosis.
func (d *Diagnosis) examine(t *survey.Target, near map[*survey.Target]map[providers.Part]string) {
	p := Patient{ID: t.ID, Provider: t.Step.Provider, Address: t.Address(), Activity: t.Snapshot.Activity.State.String(), Findings: []Finding{}}
	switch {
	case t.NoTarget != "":
		p.Error = t.NoTarget
	case errors.Is(t.Snapshot.Err, providers.ErrUnsupported), t.Conn.Caps.Reads == providers.No:
		d.skip(t)
		return
	case t.Snapshot.Err != nil:
		p.Error = t.Snapshot.Err.Error()
	default:
		d.Partitions += len(t.Snapshot.Parts)
		p.Findings = problems(t.Question.Capabilities.Order, t.Snapshot, near[t])
		for _, m := range t.Snapshot.Missing {
			if m.What != providers.GroupName {
				p.Findings = append(p.Findings, Finding{Kind: Vanished, Why: fmt.Sprintf("%s %s not found", m.What, text.Quote(m.Name))})
			}
		}
	}
	if p.Error != "" {
		d.Unread++
	}
	for _, f := range p.Findings {
		d.Found[f.Kind]++
	}
	if len(p.Findings) == 0 && p.Error == "" {
		return
	}
	d.heal(t, &p)
	d.Patients = append(d.Patients, p)
}

// problems returns the problems with a target's commits. It is pure. near holds
// the parts whose position retention is about to delete, and how soon.
func problems(order providers.Order, s providers.Snapshot, near map[providers.Part]string) []Finding {
	out := []Finding{}
	if s.GroupState == providers.Absent || s.GroupState == providers.Blank {
		return append(out, Finding{Kind: NoCommit, Why: map[bool]string{true: "group not found"}[s.GroupState == providers.Absent]})
	}
	for _, p := range s.Orphans {
		out = append(out, Finding{Kind: Vanished, Part: p.Part, Committed: p.Committed})
	}
	for _, p := range s.Parts {
		f := Finding{Part: p.Part, Low: p.Low, Committed: p.Committed, High: p.High, Heal: order.Nearest(p.Committed, p.Low, p.High)}
		n, isOffset := p.Committed.Offset()
		below, _ := order.Distance(p.Committed, p.Low)
		switch {
		case isOffset && n < 0:
			f.Kind = Negative
		case below < 0:
			f.Kind, f.Gone = BelowLow, new(-below)
		case f.Heal != p.Committed:
			f.Kind = BeyondHigh
		case near[p.Part] != "":
			f.Kind, f.Heal, f.Why = NearLow, providers.Position{}, near[p.Part]
		default:
			continue
		}
		f.FromLow = plan.FromLow(order, f.Low, f.High, f.Committed, f.Heal)
		out = append(out, f)
	}
	return out
}

// heal adds the steps that repair a patient to the plan.
func (d *Diagnosis) heal(t *survey.Target, p *Patient) {
	var parts []draft.Placed
	for _, f := range p.Findings {
		if !f.Heal.IsZero() {
			parts = append(parts, draft.Placed{Part: f.Part, At: f.Heal})
		}
	}
	if len(parts) == 0 {
		return
	}
	var why string
	if decide.ExactKind(t.Conn.Caps) == providers.Unknown {
		why = decide.Unreachable(t.Conn.Kind.Type(), t.Conn.Caps, schema.Step{To: schema.To{Form: schema.ToOffsets}}).String()
	}
	if why != "" {
		p.Note = "No plan can repair single parts: " + why
		for i := range p.Findings {
			p.Findings[i].Heal = providers.Position{}
		}
		return
	}
	d.Healable += len(parts)
	first := len(d.healing.Steps)
	d.healing.Place(draft.StepFor(t.Job), draft.KeysOf(t.Job), parts, removed(t.ID, p.Findings))
	d.healing.Narrow(first)
}

// removed returns, for a step's comment, how many records are lost for good.
func removed(id string, findings []Finding) []string {
	var sum int64
	for _, f := range findings {
		if f.Gone != nil {
			sum += *f.Gone
		}
	}
	if sum == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s: %s were deleted before the group had read them.", id, text.Plural(int(sum), "position"))}
}

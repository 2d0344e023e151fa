package plan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// An Ailment is what is wrong with a commit.
type Ailment string

// The ailments, the gravest first.
const (
	Vanished   Ailment = "vanished"       // its partition is not there any more
	Negative   Ailment = "negative"       // it is no place in a log
	BelowLow   Ailment = "below-low"      // retention has overtaken it
	BeyondHigh Ailment = "beyond-high"    // the log ends before it
	NearLow    Ailment = "near-retention" // retention will overtake it soon
	NoCommit   Ailment = "no-commit"      // the group has none at all
)

// Ailments returns all of them, the gravest first.
func Ailments() []Ailment {
	return []Ailment{Vanished, Negative, BelowLow, BeyondHigh, NearLow, NoCommit}
}

// Says tells what an ailment means and what heals it.
func (a Ailment) Says() string {
	return map[Ailment]string{
		Vanished:   "The partition is not there any more, and a commit on it cannot be removed by itself: it goes when it expires, or with the group.",
		Negative:   "That is no place in a log: some tool wrote it. A consumer goes where its own default says.",
		BelowLow:   "Retention has removed what stood there. A consumer goes where its own default says, which may be the end; healed, it reads what is left.",
		BeyondHigh: "The log ends before that. If the topic was made again or cut, what it holds now may be unread: then reset it to earliest instead.",
		NearLow:    "Retention will remove what is not read soon. No reset heals that: only faster consumers, or a longer retention.",
		NoCommit:   "The group has never committed anything, or its commits have expired.",
	}[a]
}

// A Diagnosis is what is wrong with the commits of some targets.
type Diagnosis struct {
	Name       string          `json:"plan"`
	Healthy    bool            `json:"healthy"` // nothing was found, and all could be read
	Targets    int             `json:"targets"` // groups and pipelines looked at
	Partitions int             `json:"partitions"`
	Unread     int             `json:"unread"`  // targets that could not be read
	Skipped    int             `json:"skipped"` // targets that have no commits by their nature
	Found      map[Ailment]int `json:"found"`   // findings by kind
	Healable   int             `json:"healable"`
	Patients   []Patient       `json:"patients"` // targets with findings, and those that could not be read

	healing *Draft
}

// A Patient is a target with something wrong, or one that cannot be read.
type Patient struct {
	ID       string    `json:"id"`
	Provider string    `json:"provider"`
	Address  string    `json:"address"`
	Activity string    `json:"activity"`
	Error    string    `json:"error,omitempty"` // it could not be read
	Findings []Finding `json:"findings"`
	Note     string    `json:"note,omitempty"` // why nothing of it can be healed by a plan
}

// A Finding is one thing wrong. Positions that are not known are zero; Heal
// is zero where no plan heals it.
type Finding struct {
	Kind      Ailment            `json:"kind"`
	Part      providers.Part     `json:"part"` // zero: the group as a whole
	Low       providers.Position `json:"low"`
	Committed providers.Position `json:"committed"`
	High      providers.Position `json:"high"`
	Heal      providers.Position `json:"heal"`
	Gone      *int64             `json:"gone,omitempty"` // records that were removed unread, where positions count them
	Why       string             `json:"why,omitempty"`  // what is special about this one
}

// DoctorOptions say how strict Doctor is.
type DoctorOptions struct {
	// Near is the share of what retention keeps, in percent, in which a
	// position counts as soon to be overtaken.
	Near int
	// All says that the document was made to find every group: that there is
	// none is then an error, for it looks the same as a lack of permission.
	All bool
}

// Doctor reads the selected targets and tells what is wrong with their
// commits. It changes nothing. A target that cannot be read is a patient with
// an error; only a failure that all share is an error of Doctor.
func (r *Reconciler) Doctor(ctx context.Context, sel Selection, o DoctorOptions) (*Diagnosis, error) {
	jobs, err := r.jobs(ctx, sel)
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		if o.All && j.nothing != "" {
			return nil, fmt.Errorf("provider %s: it lists no group: either there is none, or these credentials may not describe groups%s", j.step.Provider, needed(j.conn.caps))
		}
	}
	all := r.present(jobs)
	for _, w := range all {
		w.lowTime = true
	}
	if err := r.read(ctx, all); err != nil && !everyRead(all) {
		return nil, err
	}
	d := &Diagnosis{Name: r.doc.Name, Targets: len(all), Found: map[Ailment]int{}, Patients: []Patient{}, healing: r.healing()}
	near := r.nearRetention(ctx, all, o.Near)
	for _, w := range all {
		d.look(w, near)
	}
	d.Healthy = d.Unread == 0 && len(d.Found) == 0
	return d, nil
}

// needed writes the permission without which a service lists no group.
func needed(c providers.Capabilities) string {
	if c.ListPermission == "" {
		return ""
	}
	return " (" + c.ListPermission + ")"
}

// everyRead reports whether each target was looked at, if in vain.
func everyRead(all []*work) bool {
	for _, w := range all {
		if w.target != nil && (w.readAt.IsZero() || errors.Is(w.snapshot.Err, context.Canceled)) {
			return false
		}
	}
	return true
}

func (r *Reconciler) healing() *Draft {
	at := stamp(r.world.Env.Now().Truncate(time.Second))
	return &Draft{
		Name: slug(r.doc.Name[:min(len(r.doc.Name), 55)] + "-healing"), Labels: r.doc.Labels, Providers: r.doc.Providers,
		Description: "Puts commits outside their logs at the nearest place inside, as of " + at + ".",
		Head:        []string{"Written by `resetplan doctor`. Each position is the nearest that its log still has: nothing more is lost.", "Consumers must be stopped where their service wants that."},
		Guards:      schema.Guards{Clamp: true},
	}
}

// Healing returns the plan with the smallest loss that heals what a plan can
// heal, or nil where there is nothing to heal.
func (d *Diagnosis) Healing() *Draft {
	if len(d.healing.Steps) == 0 {
		return nil
	}
	return d.healing
}

// look examines one target.
func (d *Diagnosis) look(w *work, near map[*work]map[providers.Part]string) {
	p := Patient{ID: w.id, Provider: w.step.Provider, Address: w.address(), Activity: w.snapshot.Activity.State.String(), Findings: []Finding{}}
	switch {
	case w.nothing != "":
		p.Error = w.nothing
	case errors.Is(w.snapshot.Err, providers.ErrUnsupported), w.conn.caps.Reads == providers.No:
		d.Skipped++
		return
	case w.snapshot.Err != nil:
		p.Error = w.snapshot.Err.Error()
	default:
		d.Partitions += len(w.snapshot.Parts)
		p.Findings = examine(w.snapshot, near[w])
		for _, m := range w.snapshot.Missing {
			if m.What != "group" {
				p.Findings = append(p.Findings, Finding{Kind: Vanished, Why: fmt.Sprintf("there is no %s %s", m.What, quote(m.Name))})
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
	d.heal(w, &p)
	d.Patients = append(d.Patients, p)
}

// examine tells what is wrong with a target's commits. It is pure. near says
// of which parts retention is about to overtake the position, and how soon.
func examine(s providers.Snapshot, near map[providers.Part]string) []Finding {
	out := []Finding{}
	if s.GroupState == providers.Absent || s.GroupState == providers.Blank {
		return append(out, Finding{Kind: NoCommit, Why: map[bool]string{true: "there is no such group"}[s.GroupState == providers.Absent]})
	}
	for _, p := range s.Orphans {
		out = append(out, Finding{Kind: Vanished, Part: p.Part, Committed: p.Committed})
	}
	for _, p := range s.Parts {
		f := Finding{Part: p.Part, Low: p.Low, Committed: p.Committed, High: p.High, Heal: nearest(p.Committed, p.Low, p.High)}
		n, isOffset := p.Committed.Offset()
		below, _ := p.Committed.Distance(p.Low)
		switch {
		case isOffset && n < 0:
			f.Kind = Negative
		case below < 0:
			f.Kind, f.Gone = BelowLow, number(-below)
		case f.Heal != p.Committed:
			f.Kind = BeyondHigh
		case near[p.Part] != "":
			f.Kind, f.Heal, f.Why = NearLow, providers.Position{}, near[p.Part]
		default:
			continue
		}
		out = append(out, f)
	}
	return out
}

// heal adds to the plan that heals what it can of a patient.
func (d *Diagnosis) heal(w *work, p *Patient) {
	var parts []Placed
	for _, f := range p.Findings {
		if !f.Heal.IsZero() {
			parts = append(parts, Placed{f.Part, f.Heal})
		}
	}
	if len(parts) == 0 {
		return
	}
	var why string
	if exactKind(w.conn.caps) == providers.Unknown {
		why = unreachable(w.conn.kind.Type(), w.conn.caps, schema.Step{To: schema.To{Form: schema.ToOffsets}})
	}
	if why != "" {
		p.Note = "No plan heals it part by part: " + why
		for i := range p.Findings {
			p.Findings[i].Heal = providers.Position{}
		}
		return
	}
	d.Healable += len(parts)
	first := len(d.healing.Steps)
	d.healing.Place(w.draft(), w.keys(), parts, removed(w.id, p.Findings))
	d.healing.narrow(first)
}

// removed tells for a step's comment how many records no reset brings back.
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
	return []string{fmt.Sprintf("%s: %s were removed before it had read them.", id, Plural(int(sum), "position"))}
}

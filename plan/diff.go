package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A Question is a step as it was asked, with all that Diff may use besides
// what was read.
type Question struct {
	ID           string
	Provider     string // its name in the document
	Type         string
	Address      string
	Digest       string
	Run          string // the run's key
	Step         *schema.Step
	Capabilities providers.Capabilities
	Now          time.Time
	Record       *lock.Step                   // what this run knows of the step; nil = nothing
	Fixed        []lock.Part                  // parts whose After is already decided: a saved plan, a step to resume, an undo, a lock's run
	ByGlob       bool                         // the group is named by a glob alone: nobody has said that it reads what is to be moved
	Undo         bool                         // Fixed holds what stood before a reset; only what had been read is skipped
	Holder       string                       // the apply that is at work on the lock now; "" = none
	Ceded        bool                         // another step of the same rollback takes back the parts that are not in Fixed
	Oldest       map[providers.Part]time.Time // when the first record at each target was written, where known
}

// Diff compares what a step asks for with what its service reports and says
// what is to be done. It is pure: it asks nobody, reads no clock, and the
// same question and snapshot give the same step.
func Diff(q Question, s providers.Snapshot) Step {
	d := &differ{q: q, s: s, step: Step{
		ID: q.ID, Provider: q.Provider, Type: q.Type, Address: q.Address, Digest: q.Digest,
		To: words(q.Step.To), Action: Reset, Warnings: []string{}, Activity: s.Activity.State.String(), Parts: []Part{},
	}}
	if q.Undo {
		d.step.To = "where it stood before this run"
		if q.Capabilities.Undo == providers.Inferred {
			d.step.To = "about where it stood before this run, by time"
			d.warn("It is taken back by the time up to which it had been read, not to the same offsets: some records are delivered again.")
		}
	}
	d.run()
	d.step.Warnings = append(d.step.Warnings, d.partWarnings.sentences()...)
	if d.reasons = append(d.reasons, d.partReasons.sentences()...); len(d.reasons) > 0 {
		d.step.Action = Blocked
		d.step.Why = strings.Join(d.reasons, " ")
	}
	return d.step
}

// A differ works out one step.
type differ struct {
	q       Question
	s       providers.Snapshot
	step    Step
	reasons []string // why the step is blocked, a sentence each
	left    bool     // some part keeps its place because nothing lies at or after the time

	partReasons, partWarnings remarks // the same, about single parts
}

func (d *differ) blocked() bool { return len(d.reasons)+len(d.partReasons) > 0 }

// block adds a reason. The first goes on where "Blocked: " ends; the others
// begin as sentences do, but for a name, which keeps its letters.
func (d *differ) block(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(d.reasons) > 0 && !strings.HasPrefix(format, "%") {
		text = Sentence(text)
	}
	d.reasons = append(d.reasons, text)
}

func (d *differ) warn(sentence string) { d.step.Warnings = append(d.step.Warnings, sentence) }

func (d *differ) run() {
	if d.settled() {
		return
	}
	if d.s.Err != nil {
		d.block("%s.", strings.TrimSuffix(d.s.Err.Error(), "."))
		return
	}
	d.step.Warnings = append(d.step.Warnings, d.s.Notes...)
	d.missing()
	d.destinations()
	misplaced := len(d.partReasons) > 0
	if d.step.Parts = d.effects(); !d.blocked() && d.stands() {
		d.step.Action = Keep
		d.step.Why = "it stands there already"
		if d.left {
			d.step.Why = "it is left where it stands: no record lies at or after the time"
		}
		return
	}
	d.activity()
	if !misplaced { // what a move to nowhere would replay or skip means nothing
		d.guards()
	}
}

// stands reports whether every part is where it was asked to be. A step
// without parts that can be read never is.
func (d *differ) stands() bool {
	for _, p := range d.step.Parts {
		if p.Effect != EffectKeep {
			return false
		}
	}
	return len(d.step.Parts) > 0
}

// missing blocks a step whose target names what is not there.
func (d *differ) missing() {
	group := false
	var strange []providers.Part
	needed := d.q.Capabilities.Notes["allowNew"] // a group must be there before a reset
	for _, m := range d.s.Missing {
		if p, err := providers.ParsePart(m.Name); err == nil && m.What == "partition" {
			strange = append(strange, p)
			continue
		}
		if len(m.Fresh) > 0 {
			d.block("the group has no commits on the topics that match %s (%s). Name them under topics, or set guards: {allowNew: true} to include them.", quote(m.Name), some(m.Fresh))
			continue
		}
		near := ""
		if n := schema.Nearest(m.Name, m.Known); n != "" {
			near = fmt.Sprintf(" (did you mean %s?)", quote(n))
		}
		if m.What == "group" && d.s.Standing == providers.Absent && d.isOwn(m.Name) {
			group = true
			if needed != "" {
				d.block("there is no group %s%s. %s", quote(m.Name), near, Sentence(needed))
			} else if !d.q.Step.Guards.AllowNew {
				d.block("there is no group %s%s; a reset would create it. Correct the name, or write guards: {allowNew: true} to prepare a group before its first start.", quote(m.Name), near)
			}
			continue
		}
		if near != "" {
			d.block("there is no %s %s%s.", m.What, quote(m.Name), near)
		} else {
			d.block("there is no %s %s. Correct the name%s.", m.What, quote(m.Name), listed(m))
		}
	}
	if len(strange) > 0 {
		d.block("there is no partition %s. Correct the number, or leave partitions out to mean all.", quote(named(strange)))
	}
	switch {
	case group, d.q.Undo:
		return
	case d.s.Standing == providers.Absent && needed != "":
		d.block("the group does not exist. %s", Sentence(needed))
		return
	case d.q.Step.Guards.AllowNew:
		return
	}
	switch d.s.Standing {
	case providers.Absent:
		d.block("the group does not exist; a reset would create it. Correct the name, or write guards: {allowNew: true} to prepare a group before its first start.")
	case providers.Blank:
		d.block("the group has never committed anything. Correct the name, or write guards: {allowNew: true} to prepare a group before its first start.")
	case providers.Committed:
		if d.q.ByGlob && d.q.Step.To.Form != schema.ToUnset && blank(d.s.Parts) {
			d.block("the group is found by a glob and has never committed anything on what is to be moved. Exclude it, name it in full, or write guards: {allowNew: true}.")
		}
	}
}

// blank reports whether nothing is committed on any part.
func blank(parts []providers.PartReading) bool {
	for _, p := range parts {
		if p.Committed.Kind() != providers.Unset {
			return false
		}
	}
	return len(parts) > 0
}

// isOwn reports whether a missing group is the step's own and not the one
// whose place is asked for.
func (d *differ) isOwn(name string) bool {
	return d.q.Step.To.Form != schema.ToGroup || d.q.Step.To.Group != name
}

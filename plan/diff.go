package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// Question is everything Diff needs except the snapshot.
type Question struct {
	ID           string
	Provider     string // its path or name, for messages
	Type         string
	Address      string
	Identity     string // identifies the target, by whatever names the document reaches it
	Group        string // the consumer group; "" = the service has none
	Digest       string
	Run          string // the run's key
	File         string // of the plan, for the commands in messages
	Step         *schema.Step
	Capabilities providers.Capabilities
	Now          time.Time
	Record       *lock.Step                   // the record of the step in this run; nil = none
	Paused       *lock.Paused                 // the consumers were paused by this program, in any run; nil = no
	Fixed        []lock.Part                  // parts whose After is already decided: a saved plan, a step to resume, an undo, a lock's run; sorted
	Complete     bool                         // Fixed holds every part of the target: any other part was added since
	ByGlob       bool                         // the group is matched only by a glob, so it may not read these topics
	Undo         bool                         // Fixed holds the positions before a reset
	Past         bool                         // an undo may go back further than the consumers had read before the reset
	Retry        bool                         // a step that another client has committed over is sent again
	Holder       string                       // the apply that holds the lock now; "" = none
	Ceded        bool                         // another step of the same rollback restores the parts that are not in Fixed
	Oldest       map[providers.Part]time.Time // when the first record at each target was written, if known
	Nothing      string                       // why the step has no target; "" = it has one
}

// A decision is a decided step, with details that only Apply uses.
type decision struct {
	Step
	promise  bool       // Reset, because the user promised that the consumers are stopped
	resolved *lock.Step // the record of a step that was in doubt, as the reading resolves it; nil = nothing to record
}

// Diff compares the request of a step with the report of its service and decides
// what to do. It is pure: it uses no network and no clock, and the same question
// and snapshot give the same step.
func Diff(q Question, s providers.Snapshot) decision {
	if q.Nothing != "" {
		return decision{Step: Step{ID: q.ID, Provider: q.Provider, Type: q.Type, To: words(q.Step.To), Digest: q.Digest, Action: Blocked, Why: q.Nothing,
			Warnings: []string{}, Activity: providers.UnknownState.String(), Parts: []Part{}}}
	}
	d := &differ{q: q, s: s, decision: decision{Step: Step{
		ID: q.ID, Provider: q.Provider, Type: q.Type, Address: q.Address, Group: q.Group, Digest: q.Digest, RolledBack: rolledBack(q.Record),
		To: words(q.Step.To), Action: Reset, Warnings: []string{}, Activity: s.Activity.State.String(), Parts: []Part{},
	}}}
	if q.Identity != q.Address {
		d.Identity = q.Identity
	}
	if q.Undo {
		d.To = "the positions before this run"
		if q.Capabilities.Undo == providers.Inferred {
			d.To = "about the positions before this run, by time"
			d.warn("The rollback goes by the time up to which the group had read, not to the same offsets: some records are delivered again.")
		}
	}
	d.run()
	d.stillPaused()
	d.Warnings = append(d.Warnings, d.partWarnings.sentences()...)
	if d.reasons = append(d.reasons, d.partReasons.sentences()...); len(d.reasons) > 0 {
		d.Action = Blocked
		d.Why = strings.Join(d.reasons, " ")
	}
	return d.decision
}

func rolledBack(r *lock.Step) int {
	if r == nil {
		return 0
	}
	return r.Undone
}

// A differ decides one step.
type differ struct {
	q Question
	s providers.Snapshot
	decision
	reasons []string // why the step is blocked, one sentence each
	left    bool     // some part is left unchanged because it has no record at or after the time

	partReasons, partWarnings remarks // the same, about single parts
}

func (d *differ) blocked() bool { return len(d.reasons)+len(d.partReasons) > 0 }

// block adds a reason. The first one continues "Blocked: "; the others start with
// a capital letter, unless they start with a name.
func (d *differ) block(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(d.reasons) > 0 && !strings.HasPrefix(format, "%") {
		text = Sentence(text)
	}
	d.reasons = append(d.reasons, text)
}

func (d *differ) warn(sentence string) { d.Warnings = append(d.Warnings, sentence) }

func (d *differ) run() {
	if d.recorded() {
		return
	}
	if d.unreadable() {
		return
	}
	d.Warnings = append(d.Warnings, d.s.Notes...)
	d.missing()
	d.destinations()
	misplaced := len(d.partReasons) > 0
	if d.effects(); !d.blocked() && d.atTarget() {
		d.Action = Keep
		d.Why = "already at the target"
		if d.left {
			d.Why = "left unchanged: no record at or after that time"
		}
		return
	}
	d.activity()
	if !misplaced { // without a target the figures have no meaning
		d.guards()
	}
}

// unreadable blocks a step whose target could not be read.
func (d *differ) unreadable() bool {
	if d.s.Err == nil {
		return false
	}
	d.block("%s.", strings.TrimSuffix(d.s.Err.Error(), "."))
	if !answers(d.s.Err) {
		d.Error = d.s.Err.Error()
	}
	return true
}

// atTarget reports whether every part is at its target. A step without parts
// that can be read never is.
func (d *differ) atTarget() bool {
	for _, p := range d.Parts {
		if p.Effect != EffectKeep {
			return false
		}
	}
	return len(d.Parts) > 0
}

// stillPaused reports that this program has paused the consumers.
func (d *differ) stillPaused() {
	p := d.q.Paused
	if p == nil || d.s.Err == nil && d.s.Activity.State == providers.Active {
		return // they run again
	}
	d.Paused = fmt.Sprintf("paused by %s since %s", p.By, stamp(p.Since))
	if p.Why != "" {
		d.Paused += ": " + p.Why
	}
	d.warn(fmt.Sprintf("The consumers are still %s. The next apply starts them again.", d.Paused))
}

// missing blocks a step whose target names a group, topic or partition that does
// not exist.
func (d *differ) missing() {
	group := false
	var strange []providers.Part
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
		if m.What == "group" && d.s.GroupState == providers.Absent && d.isOwn(m.Name) {
			group = true
			if d.q.Capabilities.NeedsGroup {
				d.block("group %s not found%s. %s", quote(m.Name), near, Sentence(d.q.Capabilities.Notes["allowNew"]))
			} else if !d.q.Step.Guards.AllowNew {
				d.block("group %s not found%s; a reset would create it. Correct the name, or set guards: {allowNew: true} to prepare a group before its first start.", quote(m.Name), near)
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
	case d.s.GroupState == providers.Absent && d.q.Capabilities.NeedsGroup:
		d.block("the group does not exist. %s", Sentence(d.q.Capabilities.Notes["allowNew"]))
		return
	case d.q.Step.Guards.AllowNew:
		return
	}
	switch d.s.GroupState {
	case providers.Absent:
		d.block("the group does not exist; a reset would create it. Correct the name, or set guards: {allowNew: true} to prepare a group before its first start.")
	case providers.Blank:
		d.block("the group has never committed anything. Correct the name, or set guards: {allowNew: true} to prepare a group before its first start.")
	case providers.Committed:
		if d.q.ByGlob && d.q.Step.To.Form != schema.ToUnset && blank(d.s.Parts) {
			d.block("the group was matched only by a glob and has no commits on these partitions. Exclude it, name it in full, or set guards: {allowNew: true}.")
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

// isOwn reports whether a missing group is the step's own, not the group whose
// positions are copied.
func (d *differ) isOwn(name string) bool {
	return d.q.Step.To.Form != schema.ToGroup || d.q.Step.To.Group != name
}

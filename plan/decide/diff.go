// Package decide works out what a step would do and why not: its targets and
// effects, its preconditions and guards, and what a reading proves of an earlier
// reset of which the outcome is in doubt.
//
// Diff compares one Question with one snapshot. A Case is a step between its plan
// and its end: it is decided again on each new reading, and says how it differs
// from what was approved.
//
// The invariant: everything here is a pure function. There is no context, no
// clock, no file and no service; the same question and the same snapshot give the
// same decision. All policy is here and nowhere else: a provider reports facts,
// and package reconcile sends what was decided.
//
// The package has more than 15 files because the rules are parts of one decision and
// share its state, differ: each file has one rule. diff.go lists them in their order.
package decide

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// A Decision is a decided step, with details that only Apply uses.
type Decision struct {
	plan.Step
	promise  bool       // Reset, because the user promised that the consumers are stopped
	resolved *lock.Step // the record of a step that was in doubt, as the reading resolves it; nil = nothing to record
}

// Diff compares the request of a step with the report of its service and decides
// what to do. It is pure: it uses no network and no clock, and the same question
// and snapshot give the same step.
func Diff(q Question, s providers.Snapshot) Decision {
	if q.NoTarget != "" {
		out := Decision{Step: plan.Step{ID: q.ID, Provider: q.Provider, Type: q.Type,
			To: plan.RequestText(q.Step.To, q.Now), Relative: plan.RelativeText(q.Step.To), At: plan.RequestedTime(q.Step.To, q.Now),
			Digest: q.Digest, Action: plan.Blocked, Why: q.NoTarget,
			Warnings: []string{}, Activity: providers.UnknownState.String(), Parts: []plan.Part{}}}
		if s.Err != nil && !IsAnswer(s.Err) {
			out.Error = s.Err.Error()
		}
		if q.Undo {
			out.Address, out.To, out.Relative, out.At = q.Address, positionsBefore, "", nil
		}
		return out
	}
	d := &differ{q: q, s: s, Decision: Decision{Step: plan.Step{
		ID: q.ID, Provider: q.Provider, Type: q.Type, Address: q.Address, Group: q.Group, Digest: q.Digest, RolledBack: rolledBack(q.Record),
		To: plan.RequestText(q.Step.To, q.Now), Relative: plan.RelativeText(q.Step.To),
		At: plan.RequestedTime(q.Step.To, q.Now), Action: plan.Reset, Warnings: []string{}, Activity: s.Activity.State.String(), Parts: []plan.Part{},
	}}}
	if q.Identity != q.Address {
		d.Identity = q.Identity
	}
	if q.Undo {
		d.To, d.Relative, d.At = positionsBefore, "", nil
		if q.nearly() {
			d.To = "times near the positions before this run"
		} else if q.Capabilities.Undo == providers.Inferred {
			d.To = "about the positions before this run, by time"
			d.warn("The rollback goes by the time up to which the group had read, not to the same offsets: some records are delivered again.")
		}
	}
	if q.room != nil {
		d.Parts = slices.Grow(q.room.parts[:0], 1) // not nil: JSON has a list even of no parts
		defer func() { q.room.parts = d.Parts }()
	}
	d.run()
	d.stillPaused()
	d.Warnings = append(d.Warnings, d.partWarnings.Sentences()...)
	if d.reasons = append(d.reasons, d.partReasons.Sentences()...); len(d.reasons) > 0 {
		d.Action = plan.Blocked
		d.Why = strings.Join(d.reasons, " ")
	}
	if after := d.ReplayText(); after != "" {
		d.Why = strings.TrimSpace(text.Sentence(d.Why) + " " + after)
	}
	return d.Decision
}

// positionsBefore is the target of a rollback as text.
const positionsBefore = "the positions before this run"

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
	Decision
	reasons []string // why the step is blocked, one sentence each
	absent  bool     // the step is blocked because its target, or a part of it, does not exist
	left    bool     // some part is left unchanged because it has no record at or after the time

	partReasons, partWarnings plan.Remarks // the same, about single parts
}

func (d *differ) blocked() bool { return len(d.reasons)+len(d.partReasons) > 0 }

// block adds a reason. The first one continues "Blocked: "; the others start with
// a capital letter, unless they start with a name.
func (d *differ) block(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	if len(d.reasons) > 0 && !strings.HasPrefix(format, "%") {
		line = text.Sentence(line)
	}
	d.reasons = append(d.reasons, line)
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
	d.absent = d.blocked()
	d.destinations()
	misplaced := len(d.partReasons) > 0
	d.effects()
	d.replay()
	if !d.blocked() && d.atTarget() {
		d.Action = plan.Keep
		d.Why = "already at the target"
		if d.left {
			d.Why = "left unchanged: no record at or after that time"
		}
		return
	}
	d.risks()
	d.activity()
	if !misplaced && (!d.absent || len(d.s.Parts) > 0) { // without a target the figures have no meaning
		d.guards()
	}
}

// unreadable blocks a step whose target could not be read.
func (d *differ) unreadable() bool {
	if d.s.Err == nil {
		return false
	}
	d.block("%s.", strings.TrimSuffix(d.s.Err.Error(), "."))
	if !IsAnswer(d.s.Err) {
		d.Error = d.s.Err.Error()
	}
	return true
}

// atTarget reports whether every part is at its target. A step without parts
// that can be read never is.
func (d *differ) atTarget() bool {
	for i := range d.Parts {
		if d.Parts[i].Effect != plan.EffectKeep {
			return false
		}
	}
	return len(d.Parts) > 0
}

// missing blocks a step whose target names a group, topic or partition that does
// not exist.
func (d *differ) missing() {
	groupMissing := false
	var missingParts []providers.Part
	for _, m := range d.s.Missing {
		if p, err := providers.ParsePart(m.Name); err == nil && m.What == providers.PartitionName {
			missingParts = append(missingParts, p)
			continue
		}
		if len(m.Fresh) > 0 {
			d.block("the group has no commits on the topics that match %s (%s). Name them under topics, or set guards: {allowNew: true} to "+
				"include them.", text.Quote(m.Name), quoteSome(m.Fresh))
			continue
		}
		near := ""
		if n := diag.Nearest(m.Name, m.Known); n != "" {
			near = fmt.Sprintf(" (did you mean %s?)", text.Quote(n))
		}
		if m.What == providers.GroupName && d.s.GroupState == providers.Absent && d.isOwn(m.Name) {
			groupMissing = true
			if d.q.Capabilities.NeedsGroup {
				d.block("group %s not found%s. %s", text.Quote(m.Name), near, text.Sentence(d.q.Capabilities.Notes["allowNew"].String()))
			} else if !d.q.Step.Guards.AllowNew {
				d.block("group %s not found%s; a reset would create it. Correct the name, or set guards: {allowNew: true} to prepare a group "+
					"before its first start.", text.Quote(m.Name), near)
			}
			continue
		}
		if near != "" {
			d.block(string(m.What)+" %s not found%s.", text.Quote(m.Name), near)
		} else {
			d.block(string(m.What)+" %s not found. Correct the name%s.", text.Quote(m.Name), listed(m))
		}
	}
	if len(missingParts) > 0 {
		d.block("partition %s not found. Correct the number, or leave partitions out to mean all.", text.Quote(plan.PartRanges(missingParts)))
	}
	switch {
	case groupMissing, d.q.Undo:
		return
	case d.s.GroupState == providers.Absent && d.q.Capabilities.NeedsGroup:
		d.block("the group does not exist. %s", text.Sentence(d.q.Capabilities.Notes["allowNew"].String()))
		return
	case d.q.Step.Guards.AllowNew:
		return
	}
	switch d.s.GroupState {
	case providers.Absent:
		d.block("the group does not exist; a reset would create it. Correct the name, or set guards: {allowNew: true} to prepare a group before " +
			"its first start.")
	case providers.Blank:
		d.block("the group has never committed anything. Correct the name, or set guards: {allowNew: true} to prepare a group " +
			"before its first start.")
	case providers.Committed:
		if d.q.ByGlob && d.q.Step.To.Form != schema.ToUnset && blank(d.s.Parts) {
			d.block("the group was matched only by a glob and has no commits on these partitions. Exclude it, name it in full, or set guards: " +
				"{allowNew: true}.")
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

// IsAnswer reports whether an error is the service's answer about the target,
// which blocks its step, and not a failure to get one.
func IsAnswer(err error) bool {
	return errors.Is(err, providers.ErrUnsupported) || errors.Is(err, providers.ErrPrecondition) || errors.Is(err, providers.ErrNotFound)
}

// quoteSome quotes the first of several names, sorted, and counts the others.
func quoteSome(all []string) string {
	var names []string
	for i, name := range slices.Sorted(slices.Values(all)) {
		if i == plan.MostListed {
			names = append(names, "and "+text.Grouped(int64(len(all)-i))+" more")
			break
		}
		names = append(names, text.Quote(name))
	}
	return strings.Join(names, ", ")
}

// listed returns, for a name that does not exist, the existing names if the service
// lists them.
func listed(m providers.Missing) string {
	if len(m.Known) == 0 {
		return ""
	}
	return ": the service lists " + quoteSome(m.Known)
}

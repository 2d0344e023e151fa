package decide

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// activity checks the state of the target's consumers against what the service
// needs for a reset:
//
//	needs  trust     reported  without promise            with idle: {assume: true}
//	any    -         -         reset                      reset
//	idle   exact     idle      reset                      reset
//	idle   exact     active    blocked                    blocked: a promise does not override a fact
//	idle   inferred  idle      reset, "inferred from …"   reset
//	idle   inferred  active    blocked                    reset, promise recorded
//	idle   -         unknown   blocked, names the key     reset, promise recorded
//
// A service that needs its consumers active follows the same rows with idle
// and active exchanged. If the step waits for the needed state, or the service or a
// workload can stop its consumers, a state that is known to be the other one does not
// block.
func (d *differ) activity() {
	c, a, idle := d.q.Capabilities, d.s.Activity, d.q.Step.Idle
	needs := c.Needs
	if d.q.Paused != nil && a.State == needs {
		if d.q.NoWorkload != "" && !d.q.Undo {
			d.block("%s, so that the consumers cannot be started again. The operator of the configuration can add it under workloads.", d.q.NoWorkload)
			return
		}
		d.Pauses = true
		d.Why = d.resumes()
		return
	}
	if idle.Workload != "" && d.workload() {
		return
	}
	switch {
	case needs == providers.UnknownState:
	case a.State == needs && c.Activity == providers.Exact:
	case a.State == needs:
		d.Why = "inferred from " + a.Why
	case a.State == providers.Active && idle.Pause && needs == providers.Idle:
		d.Pauses = true
		d.Why = fmt.Sprintf("will pause the pipeline, reset it and start it again (currently %s)", ActivityText(a))
	case a.State != providers.UnknownState && idle.Wait > 0 && c.Activity != providers.No:
		d.Waits = true
		d.Why = fmt.Sprintf("will wait up to %s for the group to become %s (currently %s)", text.Span(idle.Wait), needs, ActivityText(a))
	case idle.Assume && (a.State == providers.UnknownState || c.Activity != providers.Exact):
		d.promise = true
		d.Why = fmt.Sprintf("relies on the promise idle: {assume: true}; the service reports: %s", ActivityText(a))
	case a.State == providers.UnknownState && d.absent: // a promise about its consumers would not help
	case a.State == providers.UnknownState:
		d.block("cannot determine whether the consumers are %s (%s). %s", needs, ActivityText(a), makeSure(needs))
	case idle.Assume:
		d.block("the group is %s; idle: {assume: true} cannot override that. %s%s", ActivityText(a), remedyFor(c), forgotten(a, needs))
	default:
		d.block("the group is %s. %s%s", ActivityText(a), remedyFor(c), forgotten(a, needs))
	}
}

// resumes describes a step whose consumers are stopped already by this program.
func (d *differ) resumes() string {
	if w := d.q.Paused.Workload; w != "" {
		return fmt.Sprintf("will reset the group and start the workload %s again (stopped by %s)", w, d.q.Paused.By)
	}
	return "will reset the pipeline and start it again (paused by " + d.q.Paused.By + ")"
}

// workload decides a step that stops its consumers by an operator's workload, and
// reports whether that decides the step. A group that is reported as idle needs no stop:
// its consumers may have been stopped on purpose, and stay stopped.
func (d *differ) workload() bool {
	a, name := d.s.Activity, d.q.Step.Idle.Workload
	switch {
	case d.q.NoWorkload != "" && (!d.q.Undo || a.State != providers.Idle):
		d.block("%s. The operator of the configuration can add it under workloads; or stop the consumers yourself and remove idle.workload.",
			d.q.NoWorkload)
	case a.State == providers.Active, a.State == providers.Idle && d.q.Capabilities.Activity != providers.Exact:
		d.Pauses = true
		d.Why = fmt.Sprintf("will stop the workload %s, reset the group and start the workload again (currently %s)", name, ActivityText(a))
	default:
		return false
	}
	return true
}

// remedyFor returns what to do if the consumers are not in the needed state.
func remedyFor(c providers.Capabilities) string {
	switch {
	case c.Needs == providers.Active:
		return "Start its consumers: the service resets through them."
	case c.CanPause:
		return "Pause or stop it, or set idle: {pause: true} with its start settings: it is then paused, reset and started again."
	}
	return "Stop its consumers, or let apply wait for them with --wait 5m: a live consumer would commit over the reset."
}

// forgotten returns how long members count that are gone already, if the service names
// members.
func forgotten(a providers.Activity, needs providers.State) string {
	switch {
	case needs != providers.Idle || len(a.Members) == 0:
		return ""
	case slices.ContainsFunc(a.Members, func(m providers.Member) bool { return m.InstanceID != "" }):
		return " A consumer that was killed, and a static one that was stopped, are forgotten after their session timeout."
	}
	return " A consumer that was killed is forgotten after its session timeout."
}

func makeSure(needs providers.State) string {
	if needs == providers.Active {
		return "Start them, then set idle: {assume: true}."
	}
	return "Stop them, then set idle: {assume: true}."
}

// ActivityText describes an activity, with the known members.
func ActivityText(a providers.Activity) string {
	text := a.State.String()
	if a.Why != "" {
		text += ": " + a.Why
	}
	const most = 3
	for i, m := range a.Members {
		if i == most {
			text += fmt.Sprintf(", and %d more", len(a.Members)-most)
			break
		}
		text += ", " + MemberText(m)
	}
	return text
}

// MemberText describes a member of a group so that a person can find it.
func MemberText(m providers.Member) string {
	out := cmp.Or(m.Client, m.ID)
	if m.InstanceID != "" {
		out += " (static, instance " + m.InstanceID + ")"
	}
	if m.Client != "" && m.Host != "" {
		out += " at " + m.Host
	}
	return out
}

// stillPaused reports that this program has paused the consumers.
func (d *differ) stillPaused() {
	if p := d.q.Stopped; p != nil && (d.s.Err != nil || d.s.Activity.State != providers.Active) {
		d.Stopped = p.What()
		d.warn(fmt.Sprintf("The consumers are %s, at the end of a replay, and stay stopped until `resetplan resume`.", d.Stopped))
	}
	if d.q.Unfinished != "" {
		d.warn(fmt.Sprintf("The replay of %s is not over. This step resets the group again, and what the replay has to do then is not done. "+
			"To end it first, apply the plan with which it began, or roll it back.", d.q.Unfinished))
	}
	p := d.q.Paused
	active := d.s.Err == nil && d.s.Activity.State == providers.Active
	if p == nil || active && p.Workload == "" {
		return // they run again
	}
	d.Paused = p.What()
	if p.Why != "" {
		d.Paused += ": " + p.Why
	}
	next := "The next apply starts them again, or `resetplan resume`."
	switch {
	case d.Phase == string(lock.Stopping) || d.Phase == string(lock.Returning):
		next = "The next apply continues with the end of the replay, and `resetplan resume` starts them."
	case d.q.NoWorkload != "":
		next = fmt.Sprintf("They can be started again after the operator has added it: %s. `resetplan lock settle` with released removes the record "+
			"of a workload that is gone for good.", d.q.NoWorkload)
	case active:
		next = "The service reports the group as active, which it does until the sessions of killed consumers end. " + next
	}
	d.warn(fmt.Sprintf("The consumers are still %s. %s", d.Paused, next))
}

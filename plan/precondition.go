package plan

import (
	"fmt"

	"github.com/resetplan/resetplan/providers"
)

// activity holds the state of the target's consumers against what the service
// needs for a reset:
//
//	needs  trust     reported  without promise            with idle: {assume: true}
//	any    -         -         reset                      reset
//	idle   exact     idle      reset                      reset
//	idle   exact     active    blocked                    blocked: a promise does not beat a fact
//	idle   inferred  idle      reset, "inferred from …"   reset
//	idle   inferred  active    blocked                    reset, promise recorded
//	idle   -         unknown   blocked, names the key     reset, promise recorded
//
// A service that needs its consumers active follows the same rows with idle
// and active exchanged. Where the step waits for the wanted state, or the
// service can be told to pause its consumers, a state that is known to be the
// other one is no block.
func (d *differ) activity() {
	c, a, idle := d.q.Capabilities, d.s.Activity, d.q.Step.Idle
	needs := c.Needs
	switch {
	case needs == providers.UnknownState:
	case a.State == needs && c.Activity == providers.Exact:
	case a.State == needs:
		d.step.Why = "inferred from " + a.Why
	case a.State == providers.Active && idle.Pause && needs == providers.Idle:
		d.step.Pauses = true
		d.step.Why = fmt.Sprintf("pauses it, resets it and starts it again; now it is %s", state(a))
	case a.State != providers.UnknownState && idle.Wait > 0 && c.Activity != providers.No:
		d.step.Waits = true
		d.step.Why = fmt.Sprintf("waits up to %s for the group to become %s; now it is %s", span(idle.Wait), needs, state(a))
	case idle.Assume && (a.State == providers.UnknownState || c.Activity != providers.Exact):
		d.step.promise = true
		d.step.Why = fmt.Sprintf("relies on the promise idle: {assume: true}; the service says: %s", state(a))
	case a.State == providers.UnknownState:
		d.block("whether the consumers are %s cannot be told (%s). Make sure that they are, and write idle: {assume: true}.", needs, state(a))
	case idle.Assume:
		d.block("the group is %s, and a promise does not beat a known fact. %s", state(a), remedyFor(c))
	default:
		d.block("the group is %s. %s", state(a), remedyFor(c))
	}
}

func remedyFor(c providers.Capabilities) string {
	switch {
	case c.Needs == providers.Active:
		return "Start its consumers: the service carries the reset out through them."
	case c.Notes["idle.pause"] == "":
		return "Pause or stop it, or write idle: {pause: true} with its start settings: it is then paused, reset and started again."
	}
	return "Stop its consumers, or write idle: {wait: 5m}: a live consumer would commit over the reset."
}

// state tells an activity in words, the members that are known among them.
func state(a providers.Activity) string {
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
		text += ", " + member(m)
	}
	return text
}

func member(m providers.Member) string {
	switch {
	case m.Client != "" && m.Host != "":
		return m.Client + " at " + m.Host
	case m.Client != "":
		return m.Client
	}
	return m.ID
}

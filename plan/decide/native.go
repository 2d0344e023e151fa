package decide

import (
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// native returns the position to be sent as it was requested, for services that
// accept no exact one, and whether that is the case.
func (d *differ) native() (providers.Position, bool) {
	c, to := d.q.Capabilities, d.q.Step.To
	switch to.Form {
	case schema.ToEarliest:
		return providers.At(providers.Earliest), !resolves(c, providers.Earliest)
	case schema.ToLatest:
		return providers.At(providers.Latest), !resolves(c, providers.Latest)
	case schema.ToTimestamp:
		return d.requestedTime(), !resolves(c, providers.Time)
	case schema.ToDefault:
		return providers.At(providers.Default), true
	}
	return providers.Position{}, false
}

// natively requests a position that the service itself resolves. Its effect is
// known as far as the service reports it before the reset: a present or future time
// leads to the end of the log unless the service reports a range, and the time of the
// last consumed record bounds any other.
func (d *differ) natively(p *plan.Part, r *providers.PartReading, native providers.Position) {
	p.After = native
	l := d.landing(*r, native)
	p.Lands = l.From
	if !l.Exact() {
		p.UpTo = l.UpTo
	}
	at, isTime := native.Time()
	if !isTime {
		return
	}
	future := !at.Before(d.q.Now.Truncate(time.Millisecond)) && !d.q.Undo
	if n, ok := r.Low.Offset(); l.Exact() && p.Lands == r.Low && (!ok || n > 0) && !future {
		d.partWarnings.Add(p.Part, "goes to the start of the log, %s: whether retention has deleted records of the requested time is unknown.", r.Low)
	}
	if future && l.Exact() {
		p.Lands = r.High
	}
	if d.pastEnd(p, *r, native, future); future && at.After(d.q.Now) {
		p.Note += "; the time is in the future"
	}
}

// landing returns where a position that the service itself resolves leads: as it
// reports it, as it was planned, or as the time of the last consumed record bounds it.
func (d *differ) landing(r providers.PartReading, native providers.Position) Landing {
	l := LandingOf(r, native)
	if planned, ok := d.q.Landings[r.Part]; !l.Known() && ok {
		l = planned
	}
	if !l.Known() && !d.q.Capabilities.Resolves[providers.Time] {
		l = directed(d.q.Capabilities.Order, r, native).narrowed(d.q.Capabilities.Order, d.q.Ranges[r.Part])
	}
	return l
}

// pastEnd applies whenPastEnd to a time after which the service reports no record, or
// may have none.
func (d *differ) pastEnd(p *plan.Part, r providers.PartReading, native providers.Position, future bool) {
	found := r.Resolution(native)
	past := future && p.UpTo.IsZero() || found.Found.Kind() == providers.Latest
	unsure := !past && found.UpTo.Kind() == providers.Latest
	at, _ := native.Time()
	switch when := d.q.Step.To.WhenPastEnd; {
	case unsure && (when == "fail" || when == "keep"):
		d.partReasons.Add(r.Part, "may have no record at or after %s: the service does not report it. Choose an earlier time, or set whenPastEnd to end.",
			text.Stamp(at))
	case !past:
	case when == "fail":
		d.partReasons.Add(r.Part, "has no record at or after %s. Choose an earlier time, or set whenPastEnd to end or keep.", text.Stamp(at))
	case when == "keep":
		p.After, p.Lands, p.UpTo, p.Note = r.Committed, providers.Position{}, providers.Position{}, "no record at or after that time: left unchanged"
		d.left = true
	default:
		p.Note = "no record at or after that time: using the end of the log"
	}
}

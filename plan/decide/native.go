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
// always leads to the end of the log.
func (d *differ) natively(p *plan.Part, r providers.PartReading, native providers.Position) {
	p.After, p.Lands = native, Landing(r, native)
	at, isTime := native.Time()
	if !isTime {
		return
	}
	if n, ok := r.Low.Offset(); p.Lands == r.Low && (!ok || n > 0) {
		d.partWarnings.Add(p.Part, "goes to the start of its log, %s: whether retention has deleted records of the requested time is unknown.", r.Low)
	}
	future := !at.Before(d.q.Now.Truncate(time.Millisecond)) && !d.q.Undo
	if future {
		p.Lands = r.High
	}
	if !future && r.Resolution(native).Found.Kind() != providers.Latest {
		return
	}
	switch d.q.Step.To.WhenPastEnd {
	case "fail":
		d.partReasons.Add(r.Part, "has no record at or after %s. Choose an earlier time, or set whenPastEnd to end or keep.", text.Stamp(at))
	case "keep":
		p.After, p.Lands, p.Note = r.Committed, providers.Position{}, "no record at or after that time: left unchanged"
		d.left = true
	default:
		p.Note = "no record at or after that time: using the end of the log"
	}
	if future && at.After(d.q.Now) {
		p.Note += "; the time is in the future"
	}
}

// Landing returns the position to which a target that the service itself
// resolves leads, or the zero Position if that is unknown before the reset.
func Landing(r providers.PartReading, native providers.Position) providers.Position {
	to := r.Resolution(native).Found
	switch {
	case native.Kind() == providers.Earliest:
		return r.Low
	case native.Kind() == providers.Latest, to.Kind() == providers.Latest:
		return r.High
	}
	return to
}

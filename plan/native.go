package plan

import (
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// native returns the position to be sent as it was asked, for services that
// cannot be given an exact one, and whether that is the case.
func (d *differ) native() (providers.Position, bool) {
	c, to := d.q.Capabilities, d.q.Step.To
	switch to.Form {
	case schema.ToEarliest:
		return providers.At(providers.Earliest), !resolves(c, providers.Earliest)
	case schema.ToLatest:
		return providers.At(providers.Latest), !resolves(c, providers.Latest)
	case schema.ToTimestamp:
		return d.asked(), !resolves(c, providers.Time)
	case schema.ToDefault:
		return providers.At(providers.Default), true
	}
	return providers.Position{}, false
}

// natively asks for a position that the service itself finds. Where that leads
// is known as far as the service tells it beforehand.
func (d *differ) natively(p *Part, r providers.PartReading, native providers.Position) {
	p.After, p.Lands = native, landing(r, native)
	at, isTime := native.Time()
	if n, ok := r.Low.Offset(); isTime && p.Lands == r.Low && (!ok || n > 0) {
		d.partWarnings.add(p.Part, "goes to the begin of its log, %s: whether retention has removed records of the time asked for cannot be told.", r.Low)
	}
	if !isTime || r.Resolution(native).Found.Kind() != providers.Latest {
		return
	}
	switch d.q.Step.To.WhenPastEnd {
	case "fail":
		d.partReasons.add(r.Part, "has no record at or after %s. Ask for an earlier time, or write whenPastEnd: end or keep.", stamp(at))
	case "keep":
		p.After, p.Lands, p.Note = r.Committed, providers.Position{}, "no record at or after the time: kept"
		d.left = true
	default:
		p.Note = "no record at or after the time: its end"
	}
}

// landing returns where a reset to a position that the service itself finds
// leads, or the zero Position where that cannot be told.
func landing(r providers.PartReading, native providers.Position) providers.Position {
	to := r.Resolution(native).Found
	switch {
	case native.Kind() == providers.Earliest:
		return r.Low
	case native.Kind() == providers.Latest, to.Kind() == providers.Latest:
		return r.High
	}
	return to
}

package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// A Verdict is what was found of one plan without asking a service: whether it
// is valid, the inputs that it declares, and all that is wrong in it.
type Verdict struct {
	File   string  `json:"file"`
	Valid  bool    `json:"valid"`
	Inputs []Input `json:"inputs"`
	Faults []Fault `json:"faults"`
}

// An Input is a parameter as the person needs it who gives its value.
type Input struct {
	Name        string   `json:"name"`
	Type        string   `json:"type"`
	Required    bool     `json:"required"`
	Default     any      `json:"default,omitempty"`
	Description string   `json:"description,omitempty"`
	Pattern     string   `json:"pattern,omitempty"`
	Enum        []string `json:"enum,omitempty"`
}

// A Fault is one thing that is wrong, and where.
type Fault struct {
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Where  string `json:"where,omitempty"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy,omitempty"`
}

// NewVerdict gathers what was found of a file.
func NewVerdict(file string, inputs []schema.Param, faults diag.Errors) Verdict {
	v := Verdict{File: file, Valid: len(faults) == 0, Inputs: []Input{}, Faults: []Fault{}}
	for _, p := range inputs {
		v.Inputs = append(v.Inputs, Input{Name: p.Name, Type: p.Type, Required: p.Default == nil, Default: p.Default, Description: p.Description, Pattern: p.Pattern, Enum: p.Enum})
	}
	for _, f := range faults {
		v.Faults = append(v.Faults, Fault{f.Line, f.Column, f.Path, f.Reason, f.Remedy})
	}
	return v
}

// Verdicts writes what was found of several plans. The faults are told where
// errors are told.
func Verdicts(w io.Writer, all []Verdict) error {
	var out strings.Builder
	for _, v := range all {
		switch {
		case v.Valid:
			fmt.Fprintf(&out, "%s: valid\n", Plain(v.File))
		case len(v.Inputs) > 0:
			fmt.Fprintf(&out, "%s: not valid\n", Plain(v.File))
		}
		if len(v.Inputs) > 0 {
			out.WriteString("  Its inputs, given with --set NAME=VALUE or --params FILE:\n")
		}
		for _, i := range v.Inputs {
			out.WriteString(wrapped(i.Name+": "+i.terms(), "  "))
			if i.Description != "" {
				out.WriteString(wrapped(i.Description, "      "))
			}
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// terms are what a value must be.
func (i Input) terms() string {
	const most = 60
	text := cmp.Or(i.Type, "?")
	switch i.Default {
	case nil:
		text += ", required"
	case "":
		text += `, default ""`
	default:
		text += ", default " + short(fmt.Sprint(i.Default), most, Options{})
	}
	if len(i.Enum) > 0 {
		var allowed []string
		for _, e := range i.Enum {
			allowed = append(allowed, short(e, most, Options{}))
		}
		text += ", one of " + strings.Join(allowed, ", ")
	}
	if i.Pattern != "" {
		text += ", matching " + short(i.Pattern, most, Options{})
	}
	return text
}

package view

import (
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// A Verdict is the result of checking one plan offline: whether it is valid,
// the inputs that it declares, and every error in it.
type Verdict struct {
	File   string  `json:"file"`
	Valid  bool    `json:"valid"`
	Inputs []Input `json:"inputs"`
	Faults []Fault `json:"faults"`
	// Warnings are sentences about the plan.
	Warnings []string `json:"warnings,omitempty"`
}

// An Input is a parameter with what is needed to give it a value.
type Input struct {
	Name        string   `json:"name"`
	Type        string   `json:"type"`
	Required    bool     `json:"required"`
	Default     any      `json:"default,omitempty"`
	Description string   `json:"description,omitempty"`
	Pattern     string   `json:"pattern,omitempty"`
	Enum        []string `json:"enum,omitempty"`
}

// A Fault is one error with its place.
type Fault struct {
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Where  string `json:"where,omitempty"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy,omitempty"`
}

// NewVerdict returns the verdict on a file.
func NewVerdict(file string, inputs []schema.Param, errs diag.Errors) Verdict {
	v := Verdict{File: file, Valid: len(errs) == 0, Inputs: []Input{}, Faults: []Fault{}}
	for _, p := range inputs {
		v.Inputs = append(v.Inputs, Input{
			Name: p.Name, Type: p.Type, Required: p.Default == nil, Default: p.Default,
			Description: p.Description, Pattern: p.Pattern, Enum: p.Enum,
		})
	}
	for _, f := range errs {
		v.Faults = append(v.Faults, Fault{f.Line, f.Column, f.Path, f.Reason, f.Remedy})
	}
	return v
}

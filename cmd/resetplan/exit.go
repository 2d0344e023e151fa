package main

import (
	"context"
	"errors"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema/diag"
)

const exitCodes = `Exit codes: 0 done, or nothing to do; 1 failed before anything was changed;
2 there are changes (plan --detailed-exitcode); 3 bad input, nothing was contacted;
4 refused, nothing was changed; 5 stopped part-way, or a step is in doubt; 130 interrupted.`

// errTold ends a command whose outcome has been shown already.
var errTold = errors.New("")

// An ended is a command that has said all and ends with a code.
type ended int

func (ended) Error() string   { return "" }
func (ended) Is(e error) bool { return e == errTold }

// exitCode is the one place where an error becomes an exit code.
func exitCode(err error) int {
	var told ended
	var faults diag.Errors
	var wrong *usageError
	var noStep *survey.UnknownStep
	var refused *plan.Refusal
	var partial *plan.Incomplete
	var input *inputError
	var unfit *files.Unfit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &told):
		return int(told)
	case errors.Is(err, reconcile.ErrInterrupted), errors.Is(err, context.Canceled):
		return 130
	case errors.As(err, &partial):
		return 5
	case errors.As(err, &refused), errors.Is(err, providers.ErrForbidden):
		return 4
	case errors.As(err, &faults), errors.As(err, &wrong), errors.As(err, &noStep), errors.As(err, &input), errors.As(err, &unfit):
		return 3
	}
	return 1
}

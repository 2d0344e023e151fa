package main

import (
	"context"
	"errors"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema/diag"
)

const exitCodes = `Exit codes: 0 done, or nothing to do; 1 failed before anything was changed;
2 there are changes (plan --detailed-exitcode); 3 bad input, nothing was contacted;
4 refused, nothing was changed; 5 partially applied, or a step is in doubt; 130 interrupted.`

// applyExits are those of apply and rollback.
const applyExits = `Exit codes: 0 done, or nothing to do; 1 failed before anything was changed;
3 bad input, nothing was contacted; 4 refused, nothing was changed; 5 partially applied,
or a step is in doubt; 130 interrupted.`

// errReported ends a command whose outcome has already been printed.
var errReported = errors.New("")

// An exitStatus ends a command that has printed everything with a code.
type exitStatus int

func (exitStatus) Error() string   { return "" }
func (exitStatus) Is(e error) bool { return e == errReported }

// exitCode is the only place that maps an error to an exit code.
func exitCode(err error) int {
	var status exitStatus
	var errs diag.Errors
	var wrongUsage *cmdline.UsageError
	var noStep *survey.UnknownStep
	var refused *plan.Refusal
	var partial *plan.Incomplete
	var input *inputError
	var unfit *files.Unfit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case errors.Is(err, reconcile.ErrInterrupted), errors.Is(err, context.Canceled):
		return 130
	case errors.As(err, &partial):
		return 5
	case errors.As(err, &refused), errors.Is(err, providers.ErrForbidden):
		return 4
	case errors.As(err, &errs), errors.As(err, &wrongUsage), errors.As(err, &noStep), errors.As(err, &input), errors.As(err, &unfit):
		return 3
	}
	return 1
}

// usage returns the error of a call that cannot be understood.
func usage(format string, args ...any) error { return cmdline.Usagef(format, args...) }

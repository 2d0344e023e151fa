package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema/diag"
)

func TestExitCode(t *testing.T) {
	network := errors.New("no route to host")
	for _, c := range []struct {
		name string
		err  error
		want int
	}{
		{"done", nil, 0},
		{"any other failure changed nothing", network, 1},
		{"there are changes", exitStatus(2), 2},
		{"errors in a document", diag.Errors{{File: "p.yaml", Reason: "empty"}}, 3},
		{"wrong usage", usage("no such flag"), 3},
		{"an unknown step", &survey.UnknownStep{ID: "x"}, 3},
		{"a file that is not what the plan uses it for", fmt.Errorf("tls.caFile: %w", &files.Unfit{Name: "/dev/zero"}), 3},
		{"a variable that is not permitted", &providers.Error{Kind: providers.ErrForbidden}, 4},
		{"a refusal", &plan.Refusal{Reason: "guard"}, 4},
		{"a blocked plan that was printed", exitStatus(4), 4},
		{"partially applied", &plan.Incomplete{Reason: "half", Err: network}, 5},
		{"a partial apply takes precedence over what stopped it", errors.Join(&plan.Refusal{Reason: "stale"}, &plan.Incomplete{Reason: "half"}), 5},
		{"interrupted", fmt.Errorf("%w: nothing was sent", reconcile.ErrInterrupted), 130},
		{"interrupted a second time, partially applied", &plan.Incomplete{Reason: "half", Err: context.Canceled}, 130},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := exitCode(c.err); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

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
		{"there are changes", ended(2), 2},
		{"faults of a document", diag.Errors{{File: "p.yaml", Reason: "empty"}}, 3},
		{"wrong usage", usage("no such flag"), 3},
		{"a step that is not there", &survey.UnknownStep{ID: "x"}, 3},
		{"a file that cannot be what it is named for", fmt.Errorf("tls.caFile: %w", &files.Unfit{Name: "/dev/zero"}), 3},
		{"a variable that is not permitted", &providers.Error{Kind: providers.ErrForbidden}, 4},
		{"a refusal", &plan.Refusal{Reason: "guard"}, 4},
		{"a blocked plan that was printed", ended(4), 4},
		{"part-way", &plan.Incomplete{Reason: "half", Err: network}, 5},
		{"part-way weighs more than what stopped it", errors.Join(&plan.Refusal{Reason: "stale"}, &plan.Incomplete{Reason: "half"}), 5},
		{"interrupted", fmt.Errorf("%w: nothing was sent", reconcile.ErrInterrupted), 130},
		{"interrupted at once, part-way", &plan.Incomplete{Reason: "half", Err: context.Canceled}, 130},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := exitCode(c.err); got != c.want {
				t.Errorf("%d, not %d", got, c.want)
			}
		})
	}
}

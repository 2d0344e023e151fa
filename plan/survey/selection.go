package survey

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/schema/diag"
)

// Steps are the ids of selected steps, or of single targets of a step; empty = all.
type Steps []string

// Include reports whether the id of a step, or of one target of a step, is selected.
func (s Steps) Include(id string) bool {
	return len(s) == 0 || slices.ContainsFunc(s, func(one string) bool { return IsStepOrTarget(one, id) })
}

// Within returns an *UnknownStep if a selected id is not among these.
func (s Steps) Within(known []string) error {
	for _, one := range s {
		if !slices.ContainsFunc(known, func(id string) bool { return IsStepOrTarget(one, id) }) {
			return &UnknownStep{ID: one, Known: known}
		}
	}
	return nil
}

// An UnknownStep means that a selection names a step that the document does not
// have.
type UnknownStep struct {
	ID    string
	Known []string
}

func (u *UnknownStep) Error() string {
	near := ""
	if one := diag.Nearest(u.ID, u.Known); one != "" {
		near = fmt.Sprintf(", did you mean %s?", one)
	}
	return fmt.Sprintf("no step %q in this document%s; its steps are %s", u.ID, near, strings.Join(u.Known, ", "))
}

// IsStepOrTarget reports whether an id is the id of a step or of one of its targets. The id
// of a target is not a step: names may have brackets, so that another id may begin with it.
func IsStepOrTarget(step, id string) bool {
	return id == step || !strings.Contains(step, "[") && strings.HasPrefix(id, step+"[")
}

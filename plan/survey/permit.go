package survey

import (
	"errors"
	"slices"

	"github.com/resetplan/resetplan/providers"
)

// Permitted returns an error of kind providers.ErrForbidden if the selected
// steps use a connection that reads an environment variable that the operator has not
// permitted. Every command that connects calls it first, so that all commands refuse
// in the same way, before any service is contacted. Other problems of a connection
// are reported by the step that needs it.
func (r *Reader) Permitted(selected Steps) error {
	var errs []error
	opened := map[string]bool{}
	for _, s := range r.Doc.Steps {
		uses := len(selected) == 0 || slices.ContainsFunc(selected, func(id string) bool { return IsStepOrTarget(s.ID, id) })
		if !uses || opened[s.Provider] {
			continue
		}
		opened[s.Provider] = true
		if err := r.Connections[s.Provider].Open(s.Provider, r.Deps.Process); errors.Is(err, providers.ErrForbidden) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

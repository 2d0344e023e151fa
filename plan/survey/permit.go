package survey

import (
	"errors"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// Permitted returns an error of kind providers.ErrForbidden if the selected
// steps use a connection that reads a variable that was not permitted. Every
// command that connects asks first, so that all of them refuse alike and
// before anything is contacted. What else a connection lacks is reported by
// the step that needs it.
func (r *Reader) Permitted(steps []string) error {
	var errs []error
	asked := map[string]bool{}
	for _, s := range r.Doc.Steps {
		selected := len(steps) == 0 || slices.ContainsFunc(steps, func(one string) bool {
			id, _, _ := strings.Cut(one, "[")
			return id == s.ID
		})
		if !selected || asked[s.Provider] {
			continue
		}
		asked[s.Provider] = true
		if err := r.Connections[s.Provider].Open(s.Provider, r.Deps.Process); errors.Is(err, providers.ErrForbidden) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

package doctor

import (
	"errors"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// EveryGroup returns a document that names every group of the connections whose
// service lists its groups. The error reports that no service does, or is
// diag.Errors if a connection is invalid.
func EveryGroup(name string, connections []schema.Provider, all []providers.Provider) (*schema.Document, error) {
	d := &draft.Draft{Name: draft.Slug(name)}
	var refused error
	for _, c := range connections {
		step := draft.Step{Step: schema.Step{ID: d.NewID("all-" + c.Name), Provider: c.Name, Target: map[string]any{},
			To: schema.To{Form: schema.ToCurrent}}}
		for _, one := range schema.Selections(c.Type) {
			one.Names = []string{"*"}
			step.Select = append(step.Select, one)
		}
		one := &draft.Draft{Name: d.Name, Providers: []schema.Provider{c}, Steps: []draft.Step{step}}
		if _, err := one.Parse("flags", all); err == nil {
			d.Providers, d.Steps = append(d.Providers, c), append(d.Steps, step)
		} else {
			refused = errors.Join(refused, onlyOf(err, c))
		}
	}
	if len(d.Steps) == 0 {
		return nil, refused
	}
	return d.Parse("flags", all)
}

// onlyOf returns the errors of a connection itself; if there are none, its service
// does not list groups.
func onlyOf(err error, c schema.Provider) error {
	var errs, own diag.Errors
	errors.As(err, &errs)
	for _, f := range errs {
		if strings.HasPrefix(f.Path, "providers") {
			f.Line, f.Column, f.Source = 0, 0, ""
			own = append(own, f)
		}
	}
	if len(own) > 0 {
		return own
	}
	return plan.Refuse("name its targets in a plan FILE, or by --provider and the flags of a target", "%s does not list its groups", c.Type)
}

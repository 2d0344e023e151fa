package plan_test

import (
	"reflect"
	"testing"

	"github.com/resetplan/resetplan/plan"
)

// TestPlanHasNoHiddenFields walks through the types of a plan: a field without
// a JSON name would be lost by saving. A step without its parts in memory has a function
// that returns them (Step.LoadPartsLater), and view.PlanJSON saves these.
func TestPlanHasNoHiddenFields(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(typ.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[typ] || typ.PkgPath() != reflect.TypeFor[plan.Plan]().PkgPath() {
			return
		}
		seen[typ] = true
		for f := range typ.Fields() {
			if typ == reflect.TypeFor[plan.Step]() && f.Name == "later" {
				continue
			}
			if name := f.Tag.Get("json"); !f.IsExported() || name == "" || name == "-" {
				t.Errorf("%s.%s is not part of a saved plan", typ, f.Name)
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[plan.Plan]())
	if len(seen) != 6 {
		t.Errorf("walked through %d types instead of Plan, Summary, Amount, Step, Part and Impact", len(seen))
	}
}

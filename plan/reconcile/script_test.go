package reconcile_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
)

// writing is a provider that writes down the moves that it is asked for.
type writing struct {
	providers.Provider
	err  error
	more string
}

func (w writing) Script(_ providers.Config, m providers.Move) (providers.Script, error) {
	s := providers.Script{First: []string{"Have the tool at hand."}}
	for _, p := range m.To {
		s.Commands = append(s.Commands, fmt.Sprintf("reset %s %s%s", p.Part, p.Position, w.more))
	}
	return s, w.err
}

// scripted plans a reset of group a from 4 to 2, one that keeps and one that
// is blocked, by a provider that writes.
func scripted(t *testing.T, w writing, change func(*plantest.Rig)) []reconcile.Script {
	t.Helper()
	r := plantest.New(t)
	if change != nil {
		change(r)
	}
	rec := r.Open("x a 2\ny b 4\nz c 5")
	w.Provider = rec.Connections["m"].Kind
	rec.Connections["m"].Kind = w
	p, err := reconcile.Plan(t.Context(), rec, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	return p.Scripts()
}

func TestScriptsAreOfWhatIsReset(t *testing.T) {
	all := scripted(t, writing{}, nil)
	if got, want := all[0].Commands, []string{"reset orders/0 offset:2", "reset orders/1 offset:2"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if len(all[0].First) != 2 || !strings.Contains(all[0].First[0], "Stop its consumers") || !strings.Contains(all[0].First[0], "they were idle") {
		t.Errorf("got %q", all[0].First)
	}
	for i, want := range []plan.Action{plan.Reset, plan.Keep, plan.Blocked} {
		if s := all[i]; s.Step.Action != want || i > 0 && (s.Commands != nil || s.First != nil || s.Why != "") {
			t.Errorf("got %+v of a step that is to be %s", s, want)
		}
	}
}

func TestScriptsSayHowTheConsumersMustBe(t *testing.T) {
	online := scripted(t, writing{}, func(r *plantest.Rig) { r.Caps.Needs = providers.Active; r.Service.Activate("a") })
	if len(online[0].First) != 2 || !strings.Contains(online[0].First[0], "must be online") {
		t.Errorf("got %+v", online[0])
	}
	unseen := scripted(t, writing{}, func(r *plantest.Rig) { r.Caps.Needs, r.Caps.Activity = providers.UnknownState, providers.No })
	if len(unseen[0].First) != 1 {
		t.Errorf("got %+v", unseen[0])
	}
}

func TestWhatCannotBeWrittenIsSaid(t *testing.T) {
	for want, w := range map[string]writing{
		"no such flag":                      {err: errors.New("no such flag")},
		"a character that cannot be passed": {more: "\x00"},
	} {
		if s := scripted(t, w, nil)[0]; s.Commands != nil || !strings.Contains(s.Why, want) {
			t.Errorf("got %+v", s)
		}
	}
	r := plantest.New(t)
	p, err := reconcile.Plan(t.Context(), r.Open("x a 2"), r.Sel())
	if err != nil || !strings.Contains(p.Scripts()[0].Why, "no command line client") {
		t.Errorf("got %+v, %v", p.Scripts(), err)
	}
}

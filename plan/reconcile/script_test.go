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

// scripting is a provider that writes a command for each part of a move.
type scripting struct {
	providers.Provider
	err    error
	suffix string
}

func (w scripting) Script(_ providers.Config, m providers.Move) (providers.Script, error) {
	s := providers.Script{First: []string{"Have the tool at hand."}}
	for _, p := range m.To {
		s.Commands = append(s.Commands, fmt.Sprintf("reset %s %s%s", p.Part, p.Position, w.suffix))
	}
	return s, w.err
}

// scripted plans a step that resets group a from 4 to 2, a step that keeps and a
// blocked step, and returns their scripts.
func scripted(t *testing.T, w scripting, change func(*plantest.Rig)) []reconcile.Script {
	t.Helper()
	r := plantest.New(t)
	if change != nil {
		change(r)
	}
	reader := r.Open("x a 2\ny b 4\nz c 5")
	w.Provider = reader.Connections["m"].Kind
	reader.Connections["m"].Kind = w
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	return p.Scripts()
}

func TestScriptsCoverOnlyResetSteps(t *testing.T) {
	all := scripted(t, scripting{}, nil)
	if got, want := all[0].Commands, []string{"reset orders/0 offset:2", "reset orders/1 offset:2"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if len(all[0].First) != 2 || !strings.Contains(all[0].First[0], "Stop its consumers") || !strings.Contains(all[0].First[0], "they were idle") {
		t.Errorf("got %q", all[0].First)
	}
	for i, want := range []plan.Action{plan.Reset, plan.Keep, plan.Blocked} {
		if s := all[i]; s.Step.Action != want || i > 0 && (s.Commands != nil || s.First != nil || s.Why != "") {
			t.Errorf("got %+v for a step whose action is %s", s, want)
		}
	}
}

func TestScriptsStateTheRequiredConsumerState(t *testing.T) {
	online := scripted(t, scripting{}, func(r *plantest.Rig) { r.Caps.Needs = providers.Active; r.Service.Activate("a") })
	if len(online[0].First) != 2 || !strings.Contains(online[0].First[0], "must be online") {
		t.Errorf("got %+v", online[0])
	}
	unseen := scripted(t, scripting{}, func(r *plantest.Rig) { r.Caps.Needs, r.Caps.Activity = providers.UnknownState, providers.No })
	if len(unseen[0].First) != 1 {
		t.Errorf("got %+v", unseen[0])
	}
}

func TestScriptExplainsMissingCommands(t *testing.T) {
	for want, w := range map[string]scripting{
		"no such flag":                      {err: errors.New("no such flag")},
		"a character that cannot be passed": {suffix: "\x00"},
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

// restarting is a provider that also writes a pause and a start.
type restarting struct{ scripting }

func (w restarting) ScriptRestart(c providers.Config, m providers.Move, r providers.Restart) (providers.Script, error) {
	s, err := w.Script(c, m)
	if r.Pauses {
		s.Commands = append(append([]string{"pause"}, s.Commands...), fmt.Sprintf("start %v", r.Settings))
	}
	return s, err
}

func TestAScriptPausesAndStartsWhatTheStepPauses(t *testing.T) {
	r, reader := pausing(t)
	reader.Doc.Steps[0].Start = map[string]any{"resourceConfig": 2}
	reader.Connections["m"].Kind = restarting{scripting{Provider: reader.Connections["m"].Kind}}
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	got := p.Scripts()[0]
	if want := []string{"pause", "reset orders/0 offset:1", "reset orders/1 offset:1", "start map[resourceConfig:2]"}; !reflect.DeepEqual(got.Commands, want) {
		t.Errorf("got %q", got.Commands)
	}
	if !strings.Contains(got.First[0], "The commands pause its consumers and start them again. When this was planned they were active.") {
		t.Errorf("got %q", got.First)
	}
}

package view

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
)

// commands are the sample plan's, with a script for what it resets.
func commands(t *testing.T, p *plan.Plan) string {
	t.Helper()
	scripts := make([]reconcile.Script, len(p.Steps))
	for i := range p.Steps {
		scripts[i].Step = &p.Steps[i]
		if p.Steps[i].Action == plan.Reset {
			scripts[i].First, scripts[i].Commands = []string{"Have the tool " + p.Steps[i].ID}, []string{"echo ran"}
		}
	}
	scripts[2].Commands, scripts[2].Why = nil, "no client can be told to: "+p.Steps[2].ID
	var out bytes.Buffer
	if err := Commands(&out, p, scripts, Options{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestCommandsLook(t *testing.T) { golden(t, "plan.sh", commands(t, sample())) }

func TestNothingForeignBecomesACommand(t *testing.T) {
	for _, name := range append(names(), "a\necho pwned", "a\r\necho pwned\n", hostile, "\n", "\\\necho pwned", "$(echo pwned)", "`echo pwned`") {
		p := sample()
		p.Name, p.Run, p.Digest = name, name, name
		for i := range p.Steps {
			s := &p.Steps[i]
			s.ID, s.Address, s.To, s.Why, s.Warnings = name, name, name, name, []string{name}
			for j := range s.Parts {
				s.Parts[j].Part.Topic, s.Parts[j].Note = name, name
			}
		}
		text := commands(t, p)
		out, err := exec.Command("/bin/sh", "-euc", text).CombinedOutput()
		if err != nil || string(out) != "ran\n" {
			t.Errorf("%q: %v: %q of\n%s", name, err, out, text)
		}
		if strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), harmful) {
			t.Errorf("%q reaches a terminal", name)
		}
	}
}

package commands

import (
	"bytes"
	"io"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
	"mvdan.cc/sh/v3/syntax"
)

// render renders a plan with a command for each step that it resets.
func render(t *testing.T, p *plan.Plan) string {
	t.Helper()
	scripts := make([]reconcile.Script, len(p.Steps))
	for i := range p.Steps {
		scripts[i].Step = &p.Steps[i]
		if p.Steps[i].Action == plan.Reset {
			scripts[i].First, scripts[i].Commands = []string{"Install the tool " + p.Steps[i].ID}, []string{"echo ran"}
		}
	}
	scripts[2].Commands, scripts[2].Why = nil, "no command line client can do this for "+p.Steps[2].ID
	var out bytes.Buffer
	if err := Plan(&out, p, scripts, view.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPlan(t *testing.T) { viewtest.Golden(t, "plan.sh", render(t, viewtest.Sample())) }

func TestNothingForeignBecomesACommand(t *testing.T) {
	more := []string{"a\necho pwned", "a\r\necho pwned\n", viewtest.Hostile, "\n", "\\\necho pwned", "$(echo pwned)", "`echo pwned`"}
	for _, name := range append(viewtest.Names(), more...) {
		p := viewtest.Sample()
		p.Name, p.Run, p.Digest = name, name, name
		for i := range p.Steps {
			s := &p.Steps[i]
			s.ID, s.Address, s.To, s.Why, s.Warnings = name, name, name, name, []string{name}
			for j := range s.Parts {
				s.Parts[j].Part.Topic, s.Parts[j].Note = name, name
			}
		}
		script := render(t, p)
		out, err := exec.Command("/bin/sh", "-euc", script).CombinedOutput()
		if err != nil || string(out) != "ran\n" {
			t.Errorf("%q: %v: %q of\n%s", name, err, out, script)
		}
		if strings.ContainsFunc(strings.ReplaceAll(script, "\n", ""), text.Hidden) {
			t.Errorf("%q reaches a terminal", name)
		}
	}
}

// arguments are the numbers of words of a script's commands.
func arguments(t *testing.T, script string) (counts []int) {
	t.Helper()
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(script), "")
	if err != nil {
		t.Fatalf("%v in\n%s", err, script)
	}
	for _, s := range file.Stmts {
		call, ok := s.Cmd.(*syntax.CallExpr)
		if !ok || len(call.Assigns)+len(s.Redirs) > 0 {
			t.Fatalf("not a plain command in\n%s", script)
		}
		counts = append(counts, len(call.Args))
	}
	return counts
}

// comments is the text of a script's comments.
func comments(script string) string {
	var out strings.Builder
	for line := range strings.Lines(script) {
		if after, ok := strings.CutPrefix(line, "#"); ok {
			out.WriteString(after)
		}
	}
	return out.String()
}

func FuzzNamesInCommands(f *testing.F) {
	write := func(w io.Writer, name string) error {
		p := viewtest.PlanNamed(name)
		command := "tool --group " + text.ShellWord(name) + " --topic=" + text.ShellWord(name) + " end"
		return Plan(w, p, []reconcile.Script{
			{Step: &p.Steps[0], First: []string{"First " + name + " end"}, Commands: []string{command}},
			{Step: &p.Steps[1], Why: "no client for " + name},
		}, view.Options{Wide: true})
	}
	viewtest.FuzzNames(f, func(t *testing.T, name string) {
		if strings.Contains(name, "\x00") {
			return // package reconcile refuses the command
		}
		var got, want bytes.Buffer
		if write(&got, name) != nil || write(&want, viewtest.Harmless) != nil {
			t.Fatal("not written")
		}
		if got, want := arguments(t, got.String()), arguments(t, want.String()); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %v words, want %v", name, got, want)
		}
		if got, want := viewtest.Spaced(comments(got.String())), viewtest.Renamed(comments(want.String()), name); got != want {
			t.Errorf("got comments\n%s\nwant\n%s", got, want)
		}
	})
}

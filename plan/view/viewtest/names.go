package viewtest

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
)

// Hostile is a name that would colour, retitle and mirror a terminal.
const Hostile = "evil\x1b[31m\x1b]0;title\x07\u202eredro\u200b\u009b2J\nnext"

// Names are possible names of a group that are likely to break a renderer.
func Names() []string {
	return []string{
		"orders-billing", "a|b", `a\|b`, `back\`, "<script>alert(1)</script>", "`code`", "``", "*bold* _it_ ~~gone~~", "[x](http://evil.example)",
		"![i](x)",
		"@alice", "#12 owner/repo#3", "http://evil.example", "www.evil.example", "a@b.example", ":tada:", "$x^2$", "&lt;b&gt;", "&#124;", "<!-- x",
		"--- | ---", " spaced ", "<details>", "</details></summary>", "\u0645\u0631\u062d\u0628\u0627", "\U0001F680", "# heading", "1. list", "> quote",
		"<img src=x onerror=alert(1)>",
	}
}

// Harmless is a name that means nothing in any format. A view of a plan with
// another name must be the view of this one with the name replaced.
const Harmless = "Zq0"

// FuzzNames runs a check on arbitrary names. Views shorten long names, which
// other tests cover.
func FuzzNames(f *testing.F, check func(t *testing.T, name string)) {
	for _, name := range append(Names(), "a\nb", "a\r\nb", "\x1b[2J", "\u202ex", "or\u200bders", "\xff\xfe", "$(id)", "`id`", "'", `"`, "\\",
		"a\x00b", "|\n|-|\n", "\u2028", "-x", "<!-->", "%s", "#1 @a", "{{.}}", "</script>", "]]>", "&#x41;", "*b*",
		"_i_", "~~x~~", "[x](y)", "<b>", "![i](x)") {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if strings.TrimSpace(text.Safe(name)) == "" || len(name) > 24 || utf8.RuneCountInString(name) > 12 {
			return
		}
		check(t, name)
	})
}

// PlanNamed is a plan that has a name in every place that shows one.
func PlanNamed(name string) *plan.Plan {
	named := func(action plan.Action) plan.Step {
		s := Step(name, action, Moved(name, 0, 0, 3, 2, 5))
		s.Address, s.To, s.Why, s.Warnings = name, "group "+name, "Why "+name+" end.", []string{"beware " + name + " end"}
		s.Parts[0].Note = "note " + name + " end"
		return s
	}
	p := Plan(plan.Summary{Reset: 1, Blocked: 1}, named(plan.Reset), named(plan.Blocked))
	p.Name, p.Run, p.Params = name, name, map[string]any{"since": name}
	return p
}

// StatusNamed is a status that has a name in every place that shows one.
func StatusNamed(name string) *reconcile.Status {
	started := time.Date(2026, 11, 20, 3, 0, 5, 0, time.UTC)
	return &reconcile.Status{Name: name, Run: name, Outcome: lock.RunApplied, By: name, Started: &started, Steps: []reconcile.StatusStep{{
		ID: name, Address: name, Outcome: lock.InDoubt, Why: "Why " + name + " end.", Activity: "unknown", Error: "error " + name + " end",
	}}}
}

// Render returns what a view writes, and fails if a terminal would act on it.
func Render(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if line = strings.TrimSuffix(line, "\n"); text.Safe(line) != line {
			t.Fatalf("a terminal would act on %q", line)
		}
	}
	return out.String()
}

// Spaced makes all space equal.
func Spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// Renamed is the rendering of the harmless name with another name in its place,
// with all space equal.
func Renamed(s, name string) string {
	return Spaced(strings.ReplaceAll(s, Harmless, text.Safe(name)))
}

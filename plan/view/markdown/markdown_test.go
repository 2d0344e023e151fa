package markdown

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
	"github.com/resetplan/resetplan/providers"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	goldhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"
)

func markdown(t testing.TB, p *plan.Plan, o view.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := Plan(&out, p, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// rendered is a comment as a browser receives it. Raw tags pass, so that the
// test sees a tag which is not ours.
func rendered(t testing.TB, comment string) *html.Node {
	t.Helper()
	var out bytes.Buffer
	renderer := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(goldhtml.WithUnsafe()))
	if err := renderer.Convert([]byte(comment), &out); err != nil {
		t.Fatal(err)
	}
	page, err := html.Parse(&out)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// cells returns a table's rows below its head.
func cells(table *html.Node) (rows [][]string) {
	for _, tr := range viewtest.Elements(table, "tr")[1:] {
		var row []string
		for _, td := range viewtest.Elements(tr, "td") {
			row = append(row, viewtest.Text(td))
		}
		rows = append(rows, row)
	}
	return rows
}

func TestPlan(t *testing.T) {
	p := viewtest.Sample()
	bytes, oldest, rate, seconds := int64(1300000), p.CreatedAt.Add(-time.Hour), 500.0, int64(120)
	p.Steps[0].Impact = &plan.Impact{Bytes: &bytes, Oldest: &oldest, Rate: &rate, CatchUp: &seconds}
	viewtest.Golden(t, "plan.md", markdown(t, p, view.Options{}))
}

func TestCellsAreTheFiguresOfTheJSON(t *testing.T) {
	var raw bytes.Buffer
	if err := view.JSON(&raw, viewtest.Sample()); err != nil {
		t.Fatal(err)
	}
	var p plan.Plan
	if err := json.Unmarshal(raw.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	comment := markdown(t, viewtest.Sample(), view.Options{Wide: true})
	if first, _, _ := strings.Cut(comment, "\n"); first != "Digest: "+p.Digest {
		t.Errorf("the first line is %q", first)
	}
	tables := viewtest.Elements(rendered(t, comment), "table")
	if len(tables) != len(p.Steps) {
		t.Fatalf("%d tables of %d steps", len(tables), len(p.Steps))
	}
	for i, s := range p.Steps {
		rows := cells(tables[i])
		if len(rows) != len(s.Parts) {
			t.Fatalf("%d rows of %d parts", len(rows), len(s.Parts))
		}
		for j, part := range s.Parts {
			want := []string{part.Part.String()}
			for _, p := range []providers.Position{part.Low, part.Before, part.After, part.High} {
				want = append(want, strings.TrimPrefix(p.String(), "offset:"))
			}
			want = append(want, string(part.Effect), "? → ?")
			if part.Count != nil && *part.Count > 0 {
				want[5] = fmt.Sprintf("%s up to %s", part.Effect, text.Grouped(*part.Count))
			}
			if part.Note != "" {
				want[5] += "; " + part.Note
			}
			if part.LagBefore != nil {
				want[6] = text.Grouped(*part.LagBefore) + " → " + text.Grouped(*part.LagAfter)
			}
			if !slices.Equal(rows[j], want) {
				t.Errorf("got %q, want %q", rows[j], want)
			}
		}
	}
}

func TestForeignTextIsShownAsText(t *testing.T) {
	for _, name := range viewtest.Names() {
		s := viewtest.Step(name, plan.Blocked, viewtest.Moved(name, 0, 0, 3, 2, 5))
		s.Address, s.Why, s.To, s.Warnings = name, "why "+name, name, []string{"warning " + name}
		s.Parts[0].Note = "note " + name
		p := viewtest.Plan(plan.Summary{Blocked: 1}, s)
		p.Run = name
		text := markdown(t, p, view.Options{})
		page := rendered(t, text)
		for _, tag := range []string{"script", "img", "a", "em", "strong", "del", "details", "blockquote", "li", "b"} {
			for _, n := range viewtest.Elements(page, tag) {
				ours := "Warning: Blocked: apply sends nothing while 1 step is blocked." + p.Summary.Line()
				if tag != "strong" || !strings.Contains(ours, viewtest.Text(n)) {
					t.Errorf("%q becomes a <%s> of %q:\n%s", name, tag, viewtest.Text(n), text)
				}
			}
		}
		row := cells(viewtest.Elements(page, "table")[0])[0]
		if row[0] != name+"/0" || row[5] != "replay up to 1; note "+strings.TrimRight(name, " ") && row[5] != "replay up to 1; note "+name {
			t.Errorf("%q: got %q", name, row)
		}
		if got := viewtest.Text(viewtest.Elements(page, "h3")[0]); got != "blocked "+name+": replay up to 1 on 1 partition" {
			t.Errorf("%q: the heading is %q", name, got)
		}
		shown := viewtest.Spaced(viewtest.Text(page))
		for _, want := range []string{"why " + name, "warning " + name, "run " + name} {
			if !strings.Contains(shown, viewtest.Spaced(want)) {
				t.Errorf("%q: %q is not in\n%s", name, want, shown)
			}
		}
		for _, mark := range []string{"@a", "#12", "://", "www."} {
			inCode := func(s string) string { return code(view.Plain(s)) }
			if bare := strings.NewReplacer(inCode(name), "", inCode(name+"/0"), "", "&#124;", "|").Replace(text); strings.Contains(bare, mark) {
				t.Errorf("%q: %q is outside code in\n%s", name, mark, bare)
			}
		}
	}
}

func TestLongTablesAreCollapsed(t *testing.T) {
	for n, folded := range map[int]bool{30: false, 31: true} {
		var parts []plan.Part
		for i := range n {
			parts = append(parts, viewtest.Moved("t", i, 0, 30+int64(i%2), 2, 50))
		}
		p := viewtest.Plan(plan.Summary{Reset: 1}, viewtest.Step("s", plan.Reset, parts...))
		page := rendered(t, markdown(t, p, view.Options{}))
		if got := len(viewtest.Elements(page, "details")) == 1; got != folded || len(viewtest.Elements(page, "table")) != 1 {
			t.Errorf("%d partitions: collapsed is %v", n, got)
		}
	}
}

// large is a plan with so many steps and parts, all different, with a name that
// may be long. Every third step is blocked.
func large(steps, parts int, name string) *plan.Plan {
	p := viewtest.Plan(plan.Summary{Reset: steps, Partitions: steps * parts, Replay: 1 << 40, Bound: plan.BoundUpper})
	for i := range steps {
		s := viewtest.Step(fmt.Sprintf("step-%d[%s]", i, name), plan.Reset)
		s.Address, s.Warnings = name, []string{"take care of " + name, name}
		if i%3 == 0 {
			s.Action, s.Why = plan.Blocked, "it skips "+name
			p.Summary.Blocked++
		}
		for n := range parts {
			part := viewtest.Moved(name, 2*n, 0, 30, 2+int64(n%2), 5000)
			part.Note = fmt.Sprintf("note %d", n)
			s.Parts = append(s.Parts, part)
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func TestCommentsAreNeverTooLong(t *testing.T) {
	long := strings.Repeat("|<@$", 500)
	for what, p := range map[string]*plan.Plan{
		"20,000 partitions that differ":         large(1, 20_000, "orders"),
		"500 steps":                             large(500, 10, "orders-billing"),
		"500 steps with long and hostile names": large(500, 3, long),
		"one step with an endless name":         large(1, 2, strings.Repeat(long, 50)),
		"2,000 steps":                           large(2000, 2, "orders"),
	} {
		for _, o := range []view.Options{{}, {Wide: true}} {
			text := markdown(t, p, o)
			if len(text) >= 65_000 {
				t.Errorf("%s: %d bytes", what, len(text))
			}
			if !strings.HasPrefix(text, "Digest: "+p.Digest+"\n") || !strings.Contains(text, p.Summary.Line()) {
				t.Errorf("%s: the summary is missing", what)
			}
			headings := viewtest.Elements(rendered(t, text), "h3")
			if len(p.Steps) <= 500 && len(headings) != len(p.Steps) {
				t.Errorf("%s: %d headings of %d steps", what, len(headings), len(p.Steps))
			}
			blocked := 0
			for _, h := range headings {
				if strings.HasPrefix(viewtest.Text(h), "blocked ") {
					blocked++
				}
			}
			if blocked != min(p.Summary.Blocked, len(headings)) {
				t.Errorf("%s: %d of %d refusals are shown", what, blocked, p.Summary.Blocked)
			}
			if !strings.Contains(text, "Truncated to fit") {
				t.Errorf("%s: the omissions are not reported", what)
			}
		}
	}
}

func TestCommentsThatFitReportNoOmissions(t *testing.T) {
	if text := markdown(t, large(1, 100, "orders"), view.Options{}); strings.Contains(text, "Truncated") || strings.Contains(text, "omitted") {
		t.Errorf("it reports omissions:\n%s", text[len(text)-300:])
	}
}

func TestStatus(t *testing.T) {
	at := time.Date(2026, 11, 20, 3, 0, 5, 0, time.UTC)
	s := &reconcile.Status{
		Name: "orders-replay", Run: "once", Outcome: lock.RunApplied, By: "alice@build-7", Started: &at, Drifted: true,
	}
	s.Steps = []reconcile.StatusStep{
		{ID: "rewind-orders", Address: "kafka:b/g/orders", Outcome: lock.Verified, At: at, Activity: "active", Parts: viewtest.Drifted(3)},
		{ID: "all[<script>]", Address: "a|b", Outcome: lock.InDoubt, At: at, Why: "no response | @alice", Activity: "unknown", Error: "no such topic"},
	}
	var out bytes.Buffer
	if err := Status(&out, s, view.Options{}); err != nil {
		t.Fatal(err)
	}
	viewtest.Golden(t, "status.md", out.String())
	page := rendered(t, out.String())
	if len(viewtest.Elements(page, "script")) > 0 || len(viewtest.Elements(page, "table")) != 1 {
		t.Error("a name became a tag, or a table is missing")
	}
	if row := cells(viewtest.Elements(page, "table")[0])[0]; row[0] != "orders/0" || row[1] != "300" {
		t.Errorf("the first row is %q", row)
	}
	out.Reset()
	if err := Status(&out, &reconcile.Status{Name: "p", Run: "r"}, view.Options{}); err != nil || out.String() != "`p`: run `r` is not in the lock.\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func FuzzNamesInMarkdown(f *testing.F) {
	viewtest.FuzzNames(f, func(t *testing.T, name string) {
		for _, write := range []func(io.Writer, string) error{
			func(w io.Writer, name string) error { return Plan(w, viewtest.PlanNamed(name), view.Options{}) },
			func(w io.Writer, name string) error { return Status(w, viewtest.StatusNamed(name), view.Options{}) },
		} {
			got := viewtest.Render(t, func(w io.Writer) error { return write(w, name) })
			want := viewtest.Render(t, func(w io.Writer) error { return write(w, viewtest.Harmless) })
			viewtest.SamePage(t, name, rendered(t, got), rendered(t, want))
		}
	})
}

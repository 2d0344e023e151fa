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
	p := viewtest.Reviewed(viewtest.Sample())
	bytes, oldest, rate, seconds := int64(1300000), p.CreatedAt.Add(-time.Hour), 500.0, int64(120)
	p.Steps[0].Impact = &plan.Impact{Bytes: &bytes, Oldest: &oldest, Rate: &rate, CatchUp: &seconds}
	p.Steps[0].To, p.Steps[0].Relative, p.Steps[0].At = "timestamp 2026-11-18 15:00 UTC (now-36h)", "now-36h", new(p.CreatedAt.Add(-36*time.Hour))
	viewtest.Golden(t, "plan.md", markdown(t, p, reviewed))
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
	if len(tables) != 1+len(p.Steps) {
		t.Fatalf("%d tables of %d steps", len(tables), len(p.Steps))
	}
	tables = tables[1:]
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
			want[5] = view.EffectSign(part.Effect) + " " + want[5]
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

// foreign is a plan with a name in every place.
func foreign(name string) *plan.Plan {
	s := viewtest.Step(name, plan.Blocked, viewtest.Moved(name, 0, 0, 3, 2, 5))
	s.Address, s.Why, s.To, s.Warnings = name, "why "+name, name, []string{"warning " + name}
	s.Parts[0].Note = "note " + name
	p := viewtest.Plan(plan.Summary{Blocked: 1}, s)
	p.Run, p.Description = name, name
	return p
}

func TestForeignTextIsShownAsText(t *testing.T) {
	for _, name := range viewtest.Names() {
		text := markdown(t, foreign(name), view.Options{})
		page := rendered(t, text)
		plain := rendered(t, markdown(t, foreign(viewtest.Harmless), view.Options{}))
		for _, tag := range []string{"script", "img", "a", "em", "strong", "del", "details", "blockquote", "li", "b", "h1", "h2", "h3", "ol", "pre"} {
			if got, want := len(viewtest.Elements(page, tag)), len(viewtest.Elements(plain, tag)); got != want {
				t.Errorf("%q becomes a <%s>: there are %d, not %d:\n%s", name, tag, got, want, text)
			}
		}
		row := cells(viewtest.Elements(page, "table")[1])[0]
		if row[0] != name+"/0" || row[5] != "+ replay up to 1; note "+strings.TrimRight(name, " ") && row[5] != "+ replay up to 1; note "+name {
			t.Errorf("%q: got %q", name, row)
		}
		if got := viewtest.Text(viewtest.Elements(page, "summary")[0]); got != "blocked "+name+": replay up to 1 on 1 partition" {
			t.Errorf("%q: the heading is %q", name, got)
		}
		shown := viewtest.Spaced(viewtest.Text(page))
		for _, want := range []string{"why " + name, "warning " + name, "run " + name, "Why: " + name} {
			if !strings.Contains(shown, viewtest.Spaced(want)) {
				t.Errorf("%q: %q is not in\n%s", name, want, shown)
			}
		}
		for _, mark := range []string{"@a", "#12", "://", "www."} {
			inCode := func(s string) string { return code(view.Plain(s)) }
			if bare := strings.NewReplacer(inCode(name), "", tagged(view.Plain(name)), "", inCode(name+"/0"), "", "&#124;", "|").Replace(text); strings.Contains(bare, mark) {
				t.Errorf("%q: %q is outside code in\n%s", name, mark, bare)
			}
		}
	}
}

func TestPartitionsAreCollapsedByStep(t *testing.T) {
	for n, folds := range map[int]int{1: 1, 8: 8, 9: 10} {
		var steps []plan.Step
		for i := range n {
			steps = append(steps, viewtest.Step(fmt.Sprint("s", i), plan.Reset, viewtest.Moved("t", 0, 0, 30, 2, 50)))
		}
		page := rendered(t, markdown(t, viewtest.Plan(plan.Summarise(steps), steps...), view.Options{}))
		if got := len(viewtest.Elements(page, "details")); got != folds || len(viewtest.Elements(page, "table")) != 1+n {
			t.Errorf("%d steps are in %d folds, not %d", n, got, folds)
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
			page := rendered(t, text)
			rows := cells(viewtest.Elements(page, "table")[0])
			if len(rows) < min(len(p.Steps), 60) {
				t.Errorf("%s: the table has %d of %d steps", what, len(rows), len(p.Steps))
			}
			blocked := 0
			for _, r := range rows {
				if strings.HasSuffix(r[0], " blocked") {
					blocked++
				}
			}
			if blocked != min(p.Summary.Blocked, len(rows)) {
				t.Errorf("%s: %d of %d refusals are shown", what, blocked, p.Summary.Blocked)
			}
			if a, b := strings.Count(text, "<details>"), strings.Count(text, "</details>"); a != b {
				t.Errorf("%s: %d folds begin and %d end", what, a, b)
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
	if err := Status(&out, &reconcile.Status{Name: "p", Run: "r"}, view.Options{}); err != nil || out.String() != "`p`: run `r` is not in the lock, so nothing was applied under this name. `resetplan lock show` lists the runs.\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func FuzzNamesInMarkdown(f *testing.F) {
	viewtest.FuzzNames(f, func(t *testing.T, name string) {
		for _, write := range []func(io.Writer, string) error{
			func(w io.Writer, name string) error {
				return Plan(w, viewtest.ReviewNamed(name), view.Options{File: name, Flags: []string{"--set", "since=" + name}, Version: name})
			},
			func(w io.Writer, name string) error { return Status(w, viewtest.StatusNamed(name), view.Options{}) },
		} {
			got := viewtest.Render(t, func(w io.Writer) error { return write(w, name) })
			want := viewtest.Render(t, func(w io.Writer) error { return write(w, viewtest.Harmless) })
			viewtest.SamePage(t, name, rendered(t, got), rendered(t, want))
		}
	})
}

package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	goldhtml "github.com/yuin/goldmark/renderer/html"
	"golang.org/x/net/html"
)

// names are what may be called a group, and a renderer may stumble over.
func names() []string {
	return []string{
		"orders-billing", "a|b", `a\|b`, `back\`, "<script>alert(1)</script>", "`code`", "``", "*bold* _it_ ~~gone~~", "[x](http://evil.example)", "![i](x)",
		"@alice", "#12 owner/repo#3", "http://evil.example", "www.evil.example", "a@b.example", ":tada:", "$x^2$", "&lt;b&gt;", "&#124;", "<!-- x",
		"--- | ---", " spaced ", "<details>", "</details></summary>", "\u0645\u0631\u062d\u0628\u0627", "\U0001F680", "# heading", "1. list", "> quote", "<img src=x onerror=alert(1)>",
	}
}

func markdown(t testing.TB, p *plan.Plan, o Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := Markdown(&out, p, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// rendered is a comment as a browser gets it: raw tags are let through, so
// that one which is not ours is seen.
func rendered(t testing.TB, text string) *html.Node {
	t.Helper()
	var out bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(goldhtml.WithUnsafe())).Convert([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	page, err := html.Parse(&out)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// all returns the nodes by a tag's name, in their order.
func all(n *html.Node, tag string) (found []*html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == tag {
			found = append(found, d)
		}
	}
	return found
}

func words(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return out.String()
}

// cells returns a table's rows below its head.
func cells(table *html.Node) (rows [][]string) {
	for _, tr := range all(table, "tr")[1:] {
		var row []string
		for _, td := range all(tr, "td") {
			row = append(row, words(td))
		}
		rows = append(rows, row)
	}
	return rows
}

func TestMarkdownLooks(t *testing.T) {
	p := sample()
	bytes, oldest, rate, seconds := int64(1300000), p.CreatedAt.Add(-time.Hour), 500.0, int64(120)
	p.Steps[0].Impact = &plan.Impact{Bytes: &bytes, Oldest: &oldest, Rate: &rate, CatchUp: &seconds}
	golden(t, "plan.md", markdown(t, p, Options{}))
}

func TestMarkdownCellsAreTheFiguresOfTheJSON(t *testing.T) {
	var raw bytes.Buffer
	if err := JSON(&raw, sample()); err != nil {
		t.Fatal(err)
	}
	var p plan.Plan
	if err := json.Unmarshal(raw.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	text := markdown(t, sample(), Options{Wide: true})
	if first, _, _ := strings.Cut(text, "\n"); first != "Digest: "+p.Digest {
		t.Errorf("the first line is %q", first)
	}
	tables := all(rendered(t, text), "table")
	if len(tables) != len(p.Steps) {
		t.Fatalf("%d tables of %d steps", len(tables), len(p.Steps))
	}
	for i, s := range p.Steps {
		rows := cells(tables[i])
		if len(rows) != len(s.Parts) {
			t.Fatalf("%d rows of %d parts", len(rows), len(s.Parts))
		}
		for j, part := range s.Parts {
			want := []string{part.Part.String(), position(part.Low), position(part.Before), position(part.After), position(part.High), string(part.Effect), "? → ?"}
			if part.Count != nil && *part.Count > 0 {
				want[5] = fmt.Sprintf("%s up to %s", part.Effect, grouped(*part.Count))
			}
			if part.Note != "" {
				want[5] += "; " + part.Note
			}
			if part.LagBefore != nil {
				want[6] = grouped(*part.LagBefore) + " → " + grouped(*part.LagAfter)
			}
			if !slices.Equal(rows[j], want) {
				t.Errorf("got %q, want %q", rows[j], want)
			}
		}
	}
}

func TestMarkdownShowsForeignTextAsText(t *testing.T) {
	for _, name := range names() {
		s := stepOf(name, plan.Blocked, moved(name, 0, 0, 3, 2, 5))
		s.Address, s.Why, s.To, s.Warnings = name, "why "+name, name, []string{"warning " + name}
		s.Parts[0].Note = "note " + name
		p := planOf(plan.Summary{Blocked: 1}, s)
		p.Run = name
		text := markdown(t, p, Options{})
		page := rendered(t, text)
		for _, tag := range []string{"script", "img", "a", "em", "strong", "del", "details", "blockquote", "li", "b"} {
			for _, n := range all(page, tag) {
				if ours := tag == "strong" && strings.Contains("Warning: Blocked: an apply sends nothing while 1 step is refused."+Summary(p), words(n)); !ours {
					t.Errorf("%q makes a <%s> of %q:\n%s", name, tag, words(n), text)
				}
			}
		}
		row := cells(all(page, "table")[0])[0]
		if row[0] != name+"/0" || row[5] != "replay up to 1; note "+strings.TrimRight(name, " ") && row[5] != "replay up to 1; note "+name {
			t.Errorf("%q: got %q", name, row)
		}
		if got := words(all(page, "h3")[0]); got != "blocked "+name+": replay up to 1 on 1 partition" {
			t.Errorf("%q: the heading is %q", name, got)
		}
		shown := strings.Join(strings.Fields(words(page)), " ")
		for _, want := range []string{"why " + name, "warning " + name, "run " + name} {
			if !strings.Contains(shown, strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%q: %q is not in\n%s", name, want, shown)
			}
		}
		for _, mark := range []string{"@a", "#12", "://", "www."} {
			if bare := strings.NewReplacer(coded1(name), "", coded1(name+"/0"), "", "&#124;", "|").Replace(text); strings.Contains(bare, mark) {
				t.Errorf("%q: %q stands outside of code in\n%s", name, mark, bare)
			}
		}
	}
}

func coded1(s string) string { return code(Plain(s)) }

func TestMarkdownFoldsAwayLongTables(t *testing.T) {
	for n, folded := range map[int]bool{30: false, 31: true} {
		var parts []plan.Part
		for i := range n {
			parts = append(parts, moved("t", i, 0, 30+int64(i%2), 2, 50))
		}
		page := rendered(t, markdown(t, planOf(plan.Summary{Reset: 1}, stepOf("s", plan.Reset, parts...)), Options{}))
		if got := len(all(page, "details")) == 1; got != folded || len(all(page, "table")) != 1 {
			t.Errorf("%d partitions: folded away is %v", n, got)
		}
	}
}

// large is a plan with so many steps and parts that differ in every way, with
// long names that take the most to be written, every third step blocked.
func large(steps, parts int, name string) *plan.Plan {
	p := planOf(plan.Summary{Reset: steps, Partitions: steps * parts, Replay: 1 << 40, Bound: plan.BoundUpper})
	for i := range steps {
		s := stepOf(fmt.Sprintf("step-%d[%s]", i, name), plan.Reset)
		s.Address, s.Warnings = name, []string{"take care of " + name, name}
		if i%3 == 0 {
			s.Action, s.Why = plan.Blocked, "it skips "+name
			p.Summary.Blocked++
		}
		for n := range parts {
			part := moved(name, 2*n, 0, 30, 2+int64(n%2), 5000)
			part.Note = fmt.Sprintf("note %d", n)
			s.Parts = append(s.Parts, part)
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func TestMarkdownIsNeverTooLong(t *testing.T) {
	long := strings.Repeat("|<@$", 500)
	for what, p := range map[string]*plan.Plan{
		"20,000 partitions that differ":         large(1, 20_000, "orders"),
		"500 steps":                             large(500, 10, "orders-billing"),
		"500 steps with long and hostile names": large(500, 3, long),
		"one step with a endless name":          large(1, 2, strings.Repeat(long, 50)),
		"2,000 steps":                           large(2000, 2, "orders"),
	} {
		for _, o := range []Options{{}, {Wide: true}} {
			text := markdown(t, p, o)
			if len(text) >= 65_000 {
				t.Errorf("%s: %d bytes", what, len(text))
			}
			if !strings.HasPrefix(text, "Digest: "+p.Digest+"\n") || !strings.Contains(text, Summary(p)) {
				t.Errorf("%s: the totals are cut", what)
			}
			headings := all(rendered(t, text), "h3")
			if len(p.Steps) <= 500 && len(headings) != len(p.Steps) {
				t.Errorf("%s: %d headings of %d steps", what, len(headings), len(p.Steps))
			}
			blocked := 0
			for _, h := range headings {
				if strings.HasPrefix(words(h), "blocked ") {
					blocked++
				}
			}
			if blocked != min(p.Summary.Blocked, len(headings)) {
				t.Errorf("%s: %d of %d refusals are told", what, blocked, p.Summary.Blocked)
			}
			if !strings.Contains(text, "Left out or cut") {
				t.Errorf("%s: nothing tells what is left out", what)
			}
		}
	}
}

func TestMarkdownFitsAndSaysNothingOfCutting(t *testing.T) {
	if text := markdown(t, large(1, 100, "orders"), Options{}); strings.Contains(text, "Left out") || strings.Contains(text, "left out") {
		t.Errorf("it says that something is cut:\n%s", text[len(text)-300:])
	}
}

func TestStatusMarkdown(t *testing.T) {
	at := time.Date(2026, 11, 20, 3, 0, 5, 0, time.UTC)
	s := &reconcile.Status{Name: "orders-replay", Run: "once", Outcome: lock.RunApplied, By: "alice@build-7", Started: &at, Drifted: true, Steps: []reconcile.StatusStep{
		{ID: "rewind-orders", Address: "kafka:b/g/orders", Outcome: lock.Verified, At: at, Activity: "active", Parts: drifted(3)},
		{ID: "all[<script>]", Address: "a|b", Outcome: lock.InDoubt, At: at, Why: "its answer was lost | @alice", Activity: "unknown", Error: "no such topic"},
	}}
	var out bytes.Buffer
	if err := StatusMarkdown(&out, s, Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "status.md", out.String())
	page := rendered(t, out.String())
	if len(all(page, "script")) > 0 || len(all(page, "table")) != 1 {
		t.Error("a name became a tag, or a table is none")
	}
	var first []string
	for _, p := range drifted(3) {
		first = append(first, p.Part.String())
	}
	if rows := cells(all(page, "table")[0]); len(rows) == 0 || !strings.HasPrefix(rows[0][0], strings.Split(first[0], "/")[0]) || rows[0][1] != position(drifted(3)[0].Before) {
		t.Errorf("got %q of %q", rows, first)
	}
	out.Reset()
	if err := StatusMarkdown(&out, &reconcile.Status{Name: "p", Run: "r"}, Options{}); err != nil || out.String() != "`p`: run `r` is not in the lock.\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

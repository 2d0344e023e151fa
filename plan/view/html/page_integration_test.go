//go:build integration

package html

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

func TestPageInABrowser(t *testing.T) {
	browser := startBrowser(t)
	p, s := everything(), everyOutcome()
	reports := map[string]string{"plan": render(t, p, reviewed), "status": renderStatus(t, s)}
	for name, html := range reports {
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				t.Run(fmt.Sprintf("%s %s at %d", name, scheme, width), func(t *testing.T) {
					accessible(open(t, browser, html, width, scheme), name, scheme, width)
				})
			}
		}
		t.Run(name+" in print", func(t *testing.T) {
			b := open(t, browser, html, 1280, "light")
			printed := emulation.SetEmulatedMediaParams{Media: "print"}
			if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, printed); err != nil {
				t.Fatal(err)
			}
			b.do(chromedp.EmulateViewport(794, 1123)) // A4
			b.keep(name+"-print.png", run(b, chromedp.FullScreenshot(100)))
			if shown := eval[bool](b, `!!document.querySelector('.approval')?.checkVisibility()`); shown != (name == "plan") {
				t.Errorf("a block to sign is printed: %v", shown)
			}
			b.keep(name+".pdf", run(b, chromedp.PrintToPDF(chromedp.PDFPrintBackground(), chromedp.PDFPaper(chromedp.PaperA4))))
		})
	}
	t.Run("figures equal those of the JSON", func(t *testing.T) { sameFigures(open(t, browser, reports["plan"], 1280, "light"), p) })
	t.Run("the keyboard is enough", func(t *testing.T) { keyboard(open(t, browser, reports["plan"], 1280, "light")) })
	t.Run("the policy blocks requests and scripts", func(t *testing.T) { blocked(open(t, browser, reports["plan"], 1280, "light")) })
	t.Run("more steps are shown on request", func(t *testing.T) {
		more(open(t, browser, render(t, crowd(120, 1), view.Options{}), 1280, "light"))
	})
	t.Run("many partitions unfold in batches", func(t *testing.T) {
		unfold(open(t, browser, render(t, crowd(1, 250), view.Options{}), 1280, "light"))
	})
	t.Run("a page that is not complete says so", func(t *testing.T) {
		b := open(t, browser, render(t, vast(1, 30_000), view.Options{}), 390, "light")
		accessible(b, "not-complete", "light", 390)
		for _, want := range []string{"This page is not complete", "10,000 partitions, not listed"} {
			if !strings.Contains(eval[string](b, `document.body.innerText`), want) {
				t.Errorf("the page does not show %q", want)
			}
		}
		steps := render(t, vast(30_000, 1), view.Options{})
		want := text.Grouped(int64(len(dataOf(t, steps).Steps)-1)) + " steps" // one is the sum of the others
		if shown := eval[string](open(t, browser, steps, 1280, "light"), `document.getElementById('shown').textContent`); shown != want {
			t.Errorf("the page counts %q, not %q", shown, want)
		}
	})
	t.Run("scripts are optional", func(t *testing.T) { withoutScripts(open(t, browser, reports["plan"], 1280, "light")) })
	t.Run("twenty thousand partitions are usable", func(t *testing.T) {
		for _, p := range []*plan.Plan{crowd(1, 20_000), crowd(20_000, 1)} {
			usable(open(t, browser, render(t, p, view.Options{}), 1280, "light"))
		}
	})
}

// accessible fails if axe-core finds a violation, with all rows unfolded, or if
// the page is wider than the screen.
func accessible(b *tab, name, scheme string, width int64) {
	b.t.Helper()
	b.keep(fmt.Sprintf("%s-%s-%d.png", name, scheme, width), run(b, chromedp.FullScreenshot(100)))
	b.act(`document.querySelectorAll('.fold').forEach(f => f.click())`)
	if wide := eval[int64](b, `document.scrollingElement.scrollWidth`); wide > width {
		b.t.Errorf("the page is %d pixels wide", wide)
	}
	b.quiet()
	dir := os.Getenv("RESETPLAN_NODE")
	if dir == "" {
		b.t.Fatal("RESETPLAN_NODE is not set: set it to a folder whose node_modules has the packages of testdata/browser/package.json")
	}
	axe, err := os.ReadFile(filepath.Join(dir, "node_modules/axe-core/axe.min.js"))
	if err != nil {
		b.t.Fatal(err)
	}
	b.act(string(axe))
	type violation struct {
		ID, Help string
		Nodes    []struct{ HTML, FailureSummary string }
	}
	result := eval[struct {
		Violations []violation
		Passes     []violation
	}](b, `axe.run(document).then(r => JSON.parse(JSON.stringify({violations: r.violations, passes: r.passes})))`)
	for _, v := range result.Violations {
		b.t.Errorf("axe: %s: %s, %d times: %+v", v.ID, v.Help, len(v.Nodes), v.Nodes[0])
	}
	if len(result.Passes) < 15 {
		b.t.Errorf("axe checked only %d rules", len(result.Passes))
	}
}

// sameFigures compares the figures of the page with those of the plan's JSON.
func sameFigures(b *tab, p *plan.Plan) {
	b.t.Helper()
	var raw bytes.Buffer
	if err := view.JSON(&raw, p); err != nil {
		b.t.Fatal(err)
	}
	var want struct {
		Summary struct{ Replay, Skip, Partitions json.Number }
		Steps   []struct {
			ID    string
			Parts []struct {
				Part, Low, High, Before, After string
				Count, LagBefore, LagAfter     json.Number
			}
		}
	}
	if err := json.Unmarshal(raw.Bytes(), &want); err != nil {
		b.t.Fatal(err)
	}
	plain := func(figure string) string { return strings.NewReplacer("up to ", "", ",", "").Replace(figure) }
	tiles := eval[[]string](b, `[...document.querySelectorAll('.tiles b')].map(e => e.textContent)`)
	for i, figure := range []json.Number{want.Summary.Replay, want.Summary.Skip, want.Summary.Partitions} {
		if plain(tiles[i]) != figure.String() {
			b.t.Errorf("a tile shows %s, not %s", tiles[i], figure)
		}
	}
	b.act(`document.querySelectorAll('.fold').forEach(f => f.click())`)
	shown := eval[[]struct {
		ID    string
		Parts [][]string
	}](b, `[...document.querySelectorAll('.step')].map(s => ({id: s.querySelector('h2 bdi').textContent,
		parts: [...s.querySelectorAll('tbody tr:not(.many):not(.rest)')].map(r => [r.querySelector('.name').textContent,
			...[...r.cells].slice(1).flatMap(c => c.classList.contains('log') ?
				[...c.querySelectorAll('.ends span')].map(e => e.textContent) : [c.querySelector('bdi').textContent])])}))`)
	if len(shown) != len(want.Steps) {
		b.t.Fatalf("%d steps are shown, not %d", len(shown), len(want.Steps))
	}
	compared := 0
	for i, s := range want.Steps {
		if shown[i].ID != view.Plain(s.ID) {
			b.t.Errorf("step %q is shown as %q", s.ID, shown[i].ID)
		}
		rows := map[string][]string{}
		for _, r := range shown[i].Parts {
			rows[r[0]] = r
		}
		if len(rows) != len(s.Parts) {
			b.t.Errorf("step %s shows %d of %d parts", s.ID, len(rows), len(s.Parts))
		}
		for _, part := range s.Parts {
			if !strings.HasPrefix(part.Low, "offset:") {
				continue // cursors are shown as distances, and unknown positions as words
			}
			row := rows[view.Plain(part.Part)]
			if row == nil {
				b.t.Errorf("part %s is not shown", part.Part)
				continue
			}
			number := func(p string) string {
				return strings.NewReplacer("offset:", "", "low ", "", "high ", "", ",", "").Replace(p)
			}
			lag, _, _ := strings.Cut(plain(row[6]), " →")
			_, after, _ := strings.Cut(plain(row[6]), "→ ")
			got := fmt.Sprint(number(strings.Fields(row[2])[0]), number(strings.Fields(row[3])[0]), number(row[4]), number(row[5]))
			if want := fmt.Sprint(number(part.Before), number(part.After), number(part.Low), number(part.High)); got != want {
				b.t.Errorf("%s is shown at %s, not %s", part.Part, got, want)
			}
			if part.Before != "unset" && (lag != part.LagBefore.String() || after != part.LagAfter.String()) {
				b.t.Errorf("%s: the lag is shown as %q, not %s and %s", part.Part, row[6], part.LagBefore, part.LagAfter)
			}
			if words := strings.Fields(plain(row[1])); len(words) == 2 && words[1] != part.Count.String() {
				b.t.Errorf("%s: the effect is shown as %q, not %s", part.Part, row[1], part.Count)
			}
			compared++
		}
	}
	if compared < 40 {
		b.t.Errorf("only %d parts were compared", compared)
	}
}

// withoutScripts opens the page again with scripts disabled.
func withoutScripts(b *tab) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Reload())
	text := run(b, chromedp.Text("body"))
	for _, want := range []string{"records replayed", "orders/9 ", "skip up to 19", "orders/19 ", "skip up to 29", "Digest: sha256:"} {
		if !strings.Contains(text, want) {
			b.t.Errorf("%q is missing in %s", want, text)
		}
	}
	if strings.Contains(text, "Search") {
		b.t.Error("it offers a control that needs scripts")
	}
}

// blocked sends requests from the page, as a script in it would, and runs a
// script that the policy does not name.
func blocked(b *tab) {
	b.t.Helper()
	for _, out := range []string{
		`fetch('http://127.0.0.1:9/').then(() => 'out', () => 'refused')`,
		`new Promise(r => { const i = new Image(); i.onload = () => r('out'); i.onerror = () => r('refused'); i.src = 'https://example.com/x.png' })`,
		`new Promise(r => { const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s);
			r(window.ran ? 'out' : 'refused') })`,
	} {
		if got := eval[string](b, out); got != "refused" {
			b.t.Errorf("%s: %s", out, got)
		}
	}
	if errors, _ := b.events(); len(errors) < 3 || !strings.Contains(strings.Join(errors, " "), "Content Security Policy") {
		b.t.Errorf("the policy reports only %q", errors)
	}
}

// usable opens, searches and unfolds a page of thousands. The times are logged
// but not checked, because they depend on the machine.
func usable(b *tab) {
	b.t.Helper()
	paint := eval[float64](b, `new Promise(r => new PerformanceObserver(l => r(l.getEntries()[0].startTime)).observe({type: 'paint', buffered: true}))`)
	search := eval[float64](b, `(() => { const t = performance.now(), s = document.getElementById('search'); s.value = '00019';
		s.dispatchEvent(new Event('input', {bubbles: true})); return performance.now() - t })()`)
	b.t.Logf("first paint after %.0f ms, a search takes %.0f ms", paint, search)
	b.press(kb.Tab, kb.Tab)
	b.do(chromedp.KeyEvent("orders/0"))
	if n := eval[int](b, `document.querySelectorAll('*').length`); n > 20_000 {
		b.t.Errorf("the page has %d elements", n)
	}
	b.quiet()
}

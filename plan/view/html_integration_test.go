//go:build integration

package view

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
)

func TestHTMLInABrowser(t *testing.T) {
	browser := start(t)
	p, s := everything(), aStatus()
	reports := map[string]string{"plan": render(t, p, Options{}), "status": renderStatus(t, s)}
	for name, html := range reports {
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390} {
				t.Run(fmt.Sprintf("%s %s at %d", name, scheme, width), func(t *testing.T) { looks(open(t, browser, html, width, scheme), name, scheme, width) })
			}
		}
		t.Run(name+" in print", func(t *testing.T) {
			b := open(t, browser, html, 1280, "light")
			b.keep(name+".pdf", run(b, chromedp.PrintToPDF(chromedp.PDFPrintBackground(), chromedp.PDFPaper(chromedp.PaperA4))))
		})
	}
	t.Run("its figures are those of the JSON", func(t *testing.T) { sameFigures(open(t, browser, reports["plan"], 1280, "light"), p) })
	t.Run("it is used by keyboard", func(t *testing.T) { keyboard(open(t, browser, reports["plan"], 1280, "light")) })
	t.Run("it lets nothing out", func(t *testing.T) { shut(open(t, browser, reports["plan"], 1280, "light")) })
	t.Run("more is shown where it is asked for", func(t *testing.T) { more(open(t, browser, render(t, crowd(120, 1), Options{}), 1280, "light")) })
	t.Run("many partitions unfold bit by bit", func(t *testing.T) { unfold(open(t, browser, render(t, crowd(1, 250), Options{}), 1280, "light")) })
	t.Run("it is read without scripts", func(t *testing.T) { without(open(t, browser, reports["plan"], 1280, "light")) })
	t.Run("twenty thousand partitions are usable", func(t *testing.T) {
		for _, p := range []*plan.Plan{crowd(1, 20_000), crowd(20_000, 1)} {
			usable(open(t, browser, render(t, p, Options{}), 1280, "light"))
		}
	})
}

// looks fails where axe-core finds a fault, folded or open, or the page is
// wider than the screen.
func looks(b *tab, name, scheme string, width int64) {
	b.t.Helper()
	b.keep(fmt.Sprintf("%s-%s-%d.png", name, scheme, width), run(b, chromedp.FullScreenshot(100)))
	b.act(`document.querySelectorAll('.fold').forEach(f => f.click())`)
	if wide := ask[int64](b, `document.scrollingElement.scrollWidth`); wide > width {
		b.t.Errorf("it is %d pixels wide", wide)
	}
	b.still()
	dir := os.Getenv("RESETPLAN_NODE")
	if dir == "" {
		b.t.Fatal("RESETPLAN_NODE is not set: name a folder whose node_modules has what testdata/browser/package.json asks for")
	}
	axe, err := os.ReadFile(filepath.Join(dir, "node_modules/axe-core/axe.min.js"))
	if err != nil {
		b.t.Fatal(err)
	}
	b.act(string(axe))
	type fault struct {
		ID, Help string
		Nodes    []struct{ HTML, FailureSummary string }
	}
	result := ask[struct {
		Violations []fault
		Passes     []fault
	}](b, `axe.run(document).then(r => JSON.parse(JSON.stringify({violations: r.violations, passes: r.passes})))`)
	for _, v := range result.Violations {
		b.t.Errorf("axe: %s: %s, %d times: %+v", v.ID, v.Help, len(v.Nodes), v.Nodes[0])
	}
	if len(result.Passes) < 15 {
		b.t.Errorf("axe looked at only %d rules", len(result.Passes))
	}
}

// sameFigures compares what the open page says with the plan's JSON.
func sameFigures(b *tab, p *plan.Plan) {
	b.t.Helper()
	var raw bytes.Buffer
	if err := JSON(&raw, p); err != nil {
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
	tiles := ask[[]string](b, `[...document.querySelectorAll('.tiles b')].map(e => e.textContent)`)
	for i, figure := range []json.Number{want.Summary.Replay, want.Summary.Skip, want.Summary.Partitions} {
		if plain(tiles[i]) != figure.String() {
			b.t.Errorf("a tile says %s, not %s", tiles[i], figure)
		}
	}
	b.act(`document.querySelectorAll('.fold').forEach(f => f.click())`)
	shown := ask[[]struct {
		ID    string
		Parts [][]string
	}](b, `[...document.querySelectorAll('.step')].map(s => ({id: s.querySelector('h2 bdi').textContent,
		parts: [...s.querySelectorAll('tbody tr:not(.many):not(.rest)')].map(r => [r.querySelector('.name').textContent,
			...[...r.cells].slice(1).flatMap(c => c.classList.contains('log') ? [...c.querySelectorAll('.ends span')].map(e => e.textContent) : [c.querySelector('bdi').textContent])])}))`)
	if len(shown) != len(want.Steps) {
		b.t.Fatalf("%d steps are shown, not %d", len(shown), len(want.Steps))
	}
	compared := 0
	for i, s := range want.Steps {
		if shown[i].ID != Plain(s.ID) {
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
				continue // cursors are shown as distances, and what is not known as words
			}
			row := rows[Plain(part.Part)]
			if row == nil {
				b.t.Errorf("part %s is not shown", part.Part)
				continue
			}
			place := func(p string) string { return strings.NewReplacer("offset:", "", "low ", "", "high ", "").Replace(p) }
			lag, _, _ := strings.Cut(plain(row[6]), " →")
			_, after, _ := strings.Cut(plain(row[6]), "→ ")
			got := fmt.Sprint(strings.Fields(row[2])[0], strings.Fields(row[3])[0], place(row[4]), place(row[5]))
			if want := fmt.Sprint(place(part.Before), place(part.After), place(part.Low), place(part.High)); got != want {
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

// keyboard searches, filters and unfolds without a mouse.
func keyboard(b *tab) {
	b.t.Helper()
	focused := func() string {
		return ask[string](b, `document.activeElement.id || document.activeElement.className || document.activeElement.value`)
	}
	steps := func() string {
		return strings.Join(ask[[]string](b, `[...document.querySelectorAll('.step h2 bdi')].map(e => e.textContent.slice(0, 20))`), " ")
	}
	says := func() string { return ask[string](b, `document.getElementById('shown').textContent`) }
	expect := func(what, got, want string) {
		b.t.Helper()
		if got != want {
			b.t.Errorf("%s: %q, not %q", what, got, want)
		}
	}
	b.press(kb.Tab)
	expect("the first stop", focused(), "jump")
	b.press(kb.Tab)
	expect("the second stop", focused(), "search")
	all := steps()
	b.do(chromedp.KeyEvent("payments"))
	expect("after a search", steps(), "forward-payments")
	expect("after a search", says(), "1 of 8 steps match")
	b.press(kb.Escape)
	expect("after Escape", steps(), all)
	b.do(chromedp.KeyEvent("orders/17"))
	expect("after a search for a partition", steps(), "rewind-orders")
	expect("after a search for a partition", says(), "1 of 8 steps match, by 1 of their partitions")
	expect("its row", ask[string](b, `[...document.querySelectorAll('tbody th')].map(e => e.textContent).join()`), "orders/17")
	b.press(kb.Escape)
	b.do(chromedp.KeyEvent("NOWHERE"))
	expect("after a search for nothing", says(), "0 of 8 steps match")
	b.press(kb.Escape)
	b.press(kb.Tab, kb.Tab)
	expect("the second box", focused(), "blocked")
	b.press(" ")
	expect("with the box ticked", steps(), "forward-payments")
	b.press(" ")
	expect("with the box cleared", steps(), all)
	for range 3 { // the other boxes, then the first fold
		b.press(kb.Tab)
	}
	expect("the first fold", focused(), "fold")
	rows := ask[int](b, `document.querySelectorAll('tbody tr').length`)
	b.press(kb.Enter)
	expect("unfolded", ask[string](b, `document.activeElement.getAttribute('aria-expanded')`), "true")
	if n := ask[int](b, `document.querySelectorAll('tbody tr').length`); n <= rows {
		b.t.Errorf("%d rows stay %d", rows, n)
	}
	b.press(kb.Enter)
	if n := ask[int](b, `document.querySelectorAll('tbody tr').length`); n != rows {
		b.t.Errorf("folded again, %d rows are %d", rows, n)
	}
	b.still()
}

// more asks for the steps that are not shown at once, and prints them all.
func more(b *tab) {
	b.t.Helper()
	for _, want := range []int{50, 100} {
		if n := ask[int](b, `document.querySelectorAll('.step').length`); n != want {
			b.t.Errorf("%d steps are shown, not %d", n, want)
		}
		if want == 50 {
			b.act(`document.querySelector('#steps > .more').focus()`)
			b.press(kb.Enter)
		}
	}
	run(b, chromedp.PrintToPDF())
	if n := ask[int](b, `document.querySelectorAll('.step').length`); n != 120 {
		b.t.Errorf("%d steps are printed, not 120", n)
	}
	b.still()
}

// unfold opens a row of many parts, and closes it again.
func unfold(b *tab) {
	b.t.Helper()
	b.act(`document.querySelector('.fold').focus()`)
	for _, want := range []int{100, 200, 250} {
		b.press(kb.Enter)
		if n := ask[int](b, `document.querySelectorAll('tr.one').length`); n != want {
			b.t.Errorf("%d parts are shown, not %d", n, want)
		}
		b.act(`document.querySelector('.rest button')?.focus()`)
	}
	if at := ask[string](b, `document.activeElement.querySelector('.name')?.textContent ?? ''`); at != "orders/200" {
		b.t.Errorf("the last button leaves the reader at %q", at)
	}
	b.act(`document.querySelector('.fold').click()`)
	if n := ask[int](b, `document.querySelectorAll('tbody tr').length`); n != 1 {
		b.t.Errorf("folded again, %d rows are shown", n)
	}
	b.still()
}

// without opens the page again where no script may run.
func without(b *tab) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Reload())
	text := run(b, chromedp.Text("body"))
	for _, want := range []string{"records replayed", "orders/9,19", "skip up to 48", "Digest: sha256:"} {
		if !strings.Contains(text, want) {
			b.t.Errorf("it does not say %q, but %s", want, text)
		}
	}
	if strings.Contains(text, "Search") {
		b.t.Error("it offers what does nothing")
	}
}

// shut tries to reach out of the page, as a script in it would, and to run
// what the policy does not name.
func shut(b *tab) {
	b.t.Helper()
	for _, out := range []string{
		`fetch('http://127.0.0.1:9/').then(() => 'out', () => 'refused')`,
		`new Promise(r => { const i = new Image(); i.onload = () => r('out'); i.onerror = () => r('refused'); i.src = 'https://example.com/x.png' })`,
		`new Promise(r => { const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s); r(window.ran ? 'out' : 'refused') })`,
	} {
		if got := ask[string](b, out); got != "refused" {
			b.t.Errorf("%s: %s", out, got)
		}
	}
	if errors, _ := b.complaints(); len(errors) < 3 || !strings.Contains(strings.Join(errors, " "), "Content Security Policy") {
		b.t.Errorf("the policy says only %q", errors)
	}
}

// usable opens, searches and unfolds a page of thousands; how long that takes
// is told and not judged, since it is the machine's.
func usable(b *tab) {
	b.t.Helper()
	paint := ask[float64](b, `new Promise(r => new PerformanceObserver(l => r(l.getEntries()[0].startTime)).observe({type: 'paint', buffered: true}))`)
	search := ask[float64](b, `(() => { const t = performance.now(), s = document.getElementById('search'); s.value = '00019'; s.dispatchEvent(new Event('input', {bubbles: true})); return performance.now() - t })()`)
	b.t.Logf("first paint after %.0f ms, a search takes %.0f ms", paint, search)
	b.press(kb.Tab, kb.Tab)
	b.do(chromedp.KeyEvent("orders/0"))
	if n := ask[int](b, `document.querySelectorAll('*').length`); n > 20_000 {
		b.t.Errorf("the page has %d elements", n)
	}
	b.still()
}

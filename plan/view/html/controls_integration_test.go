//go:build integration

package html

import (
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keyboard searches, filters and unfolds without a mouse.
func keyboard(b *tab) {
	b.t.Helper()
	focused := func() string {
		return eval[string](b, `document.activeElement.id || document.activeElement.className || document.activeElement.value`)
	}
	steps := func() string {
		return strings.Join(eval[[]string](b, `[...document.querySelectorAll('.step h2 bdi')].map(e => e.textContent.slice(0, 20))`), " ")
	}
	summary := func() string { return eval[string](b, `document.getElementById('shown').textContent`) }
	expect := func(what, got, want string) {
		b.t.Helper()
		if got != want {
			b.t.Errorf("%s: %q, not %q", what, got, want)
		}
	}
	b.press(kb.Tab)
	expect("the first stop", focused(), "jump")
	b.press(kb.Tab)
	expect("the second stop", focused(), "copy")
	b.press(kb.Tab)
	expect("the third stop", focused(), "search")
	all := steps()
	b.do(chromedp.KeyEvent("payments"))
	expect("after a search", steps(), "forward-payments")
	expect("after a search", summary(), "1 of 8 steps match")
	b.press(kb.Escape)
	expect("after Escape", steps(), all)
	b.do(chromedp.KeyEvent("orders/17"))
	expect("after a search for a partition", steps(), "rewind-orders")
	expect("after a search for a partition", summary(), "1 of 8 steps match (1 partition)")
	expect("its row", eval[string](b, `[...document.querySelectorAll('tbody th')].map(e => e.textContent).join()`), "orders/17")
	b.press(kb.Escape)
	b.do(chromedp.KeyEvent("NOWHERE"))
	expect("after a search for nothing", summary(), "0 of 8 steps match")
	b.press(kb.Escape)
	b.press(kb.Tab, kb.Tab)
	expect("the second box", focused(), "blocked")
	b.press(" ")
	expect("with the box ticked", steps(), "forward-payments")
	b.press(" ")
	expect("with the box cleared", steps(), all)
	for range 4 { // the other boxes, the link of the first step, then the first fold
		b.press(kb.Tab)
	}
	expect("the first fold", focused(), "fold")
	rows := eval[int](b, `document.querySelectorAll('tbody tr').length`)
	b.press(kb.Enter)
	expect("unfolded", eval[string](b, `document.activeElement.getAttribute('aria-expanded')`), "true")
	if n := eval[int](b, `document.querySelectorAll('tbody tr').length`); n <= rows {
		b.t.Errorf("%d rows are still %d", rows, n)
	}
	b.press(kb.Enter)
	if n := eval[int](b, `document.querySelectorAll('tbody tr').length`); n != rows {
		b.t.Errorf("folded again, %d rows are %d", rows, n)
	}
	b.quiet()
}

// more requests the steps that are not shown at first, and prints all.
func more(b *tab) {
	b.t.Helper()
	for _, want := range []int{50, 100} {
		if n := eval[int](b, `document.querySelectorAll('.step').length`); n != want {
			b.t.Errorf("%d steps are shown, not %d", n, want)
		}
		if want == 50 {
			b.act(`document.querySelector('#steps > .more').focus()`)
			b.press(kb.Enter)
		}
	}
	run(b, chromedp.PrintToPDF())
	if n := eval[int](b, `document.querySelectorAll('.step').length`); n != 120 {
		b.t.Errorf("%d steps are printed, not 120", n)
	}
	b.quiet()
}

// unfold opens a row of many parts, and closes it again.
func unfold(b *tab) {
	b.t.Helper()
	b.act(`document.querySelector('.fold').focus()`)
	for _, want := range []int{100, 200, 250} {
		b.press(kb.Enter)
		if n := eval[int](b, `document.querySelectorAll('tr.one').length`); n != want {
			b.t.Errorf("%d parts are shown, not %d", n, want)
		}
		b.act(`document.querySelector('.rest button')?.focus()`)
	}
	if at := eval[string](b, `document.activeElement.querySelector('.name')?.textContent ?? ''`); at != "orders/200" {
		b.t.Errorf("the last button leaves the reader at %q", at)
	}
	b.act(`document.querySelector('.fold').click()`)
	if n := eval[int](b, `document.querySelectorAll('tbody tr:not(.small)').length`); n != 1 {
		b.t.Errorf("folded again, %d rows are shown", n)
	}
	b.quiet()
}

//go:build integration

package html

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/resetplan/resetplan/plan/view/viewtest"
)

func TestWatchInABrowser(t *testing.T) {
	browser := startBrowser(t)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 390} {
			page := viewtest.Render(t, func(w io.Writer) error {
				return Progress(w, viewtest.Watched(), Live{Ended: "The watch has ended: settled."})
			})
			t.Run(fmt.Sprintf("%s at %d", scheme, width), func(t *testing.T) {
				accessible(open(t, browser, page, width, scheme), "watch", scheme, width)
			})
		}
	}
}

// TestWatchFollows serves three readings to a browser, of which the last ends the watch.
func TestWatchFollows(t *testing.T) {
	browser := startBrowserOnLoopback(t)
	next := make(chan Live)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := Live{Next: "?after=1"}
		if r.URL.RawQuery != "" {
			l = <-next
		}
		if err := Progress(w, viewtest.Watched(), l); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	ctx, closed := chromedp.NewContext(browser)
	t.Cleanup(closed)
	b := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, func(event any) { b.record(event, server.URL+"/") }); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Navigate(server.URL + "/"))
	state := func() string { return eval[string](b, `document.getElementById('state').textContent`) }
	if got := state(); got != "This page follows the watch." {
		t.Errorf("at first: %q", got)
	}
	next <- Live{Next: "?after=2"}
	next <- Live{Ended: "The watch has ended: settled."}
	for range 100 {
		if state() == "The watch has ended. This page shows its last reading." {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if got := eval[string](b, `document.querySelector('#live .alarm').textContent`); got != "The watch has ended: settled." {
		t.Errorf("at the end: %q, %q", got, state())
	}
	if errors, requests := b.events(); len(errors) > 0 || len(requests) != 2 {
		t.Errorf("errors %q, requests %q", errors, requests)
	}
}

package html

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/view/viewtest"
	"golang.org/x/net/html"
)

func TestWatchLooks(t *testing.T) {
	page := viewtest.Render(t, func(w io.Writer) error { return Progress(w, viewtest.Watched(), Live{Next: "?after=3"}) })
	brief := styles.ReplaceAllString(page, "<$1>…</$1>")
	viewtest.Golden(t, "watch.html", regexp.MustCompile(`sha256-([^&]|&#43;)*`).ReplaceAllString(brief, "sha256-…"))
}

func TestThePageOfAWatchAsksOnlyItsOwnServer(t *testing.T) {
	page := viewtest.Render(t, func(w io.Writer) error { return Progress(w, viewtest.Watched(), Live{Next: "?after=3"}) })
	if !strings.Contains(page, "default-src &#39;none&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;; img-src data:; connect-src &#39;self&#39;; style-src") {
		t.Error("the policy is another one")
	}
	for _, bad := range []string{"unsafe", "http://", "https://", "http-equiv=\"refresh\"", "style="} {
		if strings.Contains(page, bad) {
			t.Errorf("it contains %s", bad)
		}
	}
}

func TestAWatchOfThousandsShowsTheMostUrgent(t *testing.T) {
	p := viewtest.Watched()
	for range 1000 {
		p.Steps = append(p.Steps, p.Steps[0])
	}
	page := viewtest.Render(t, func(w io.Writer) error { return Progress(w, p, Live{Ended: "The watch was interrupted."}) })
	if n := strings.Count(page, "<section"); n != watchedSteps || !strings.Contains(page, "804 steps not shown.") {
		t.Errorf("%d steps are shown", n)
	}
	first := page[strings.Index(page, "<section"):]
	if !strings.HasPrefix(first, `<section class="step" aria-label="Step lost">`) || !strings.Contains(page, `data-next="" data-ended="The watch was interrupted."`) {
		t.Errorf("the first is %.60s", first)
	}
}

func FuzzNamesInAWatch(f *testing.F) {
	viewtest.FuzzNames(f, func(t *testing.T, name string) {
		page := func(name string) *html.Node {
			source := viewtest.Render(t, func(w io.Writer) error {
				return Progress(w, viewtest.WatchedNamed(name), Live{Next: "?after=1", Ended: name})
			})
			out, err := html.ParseWithOptions(strings.NewReader(source), html.ParseOptionEnableScripting(false))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range append(viewtest.Elements(out, "section"), viewtest.Elements(out, "progress")...) {
				e.Attr = nil // the names in them are labels
			}
			for _, e := range viewtest.Elements(out, "main") {
				e.Attr = nil
			}
			return out
		}
		viewtest.SamePage(t, name, page(name), page(viewtest.Harmless))
	})
}

//go:build integration

package html

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	pages "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// startBrowser runs the Chromium in the PATH. It reaches nothing: every request
// goes to a proxy that refuses it.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	return startBrowserWith(t, "<-loopback>")
}

// startBrowserOnLoopback runs a Chromium that reaches servers on this machine only.
func startBrowserOnLoopback(t *testing.T) context.Context {
	t.Helper()
	return startBrowserWith(t, "127.0.0.1")
}

func startBrowserWith(t *testing.T, bypass string) context.Context {
	t.Helper()
	refusing, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { refusing.Close() })
	go func() {
		for c, err := refusing.Accept(); err == nil; c, err = refusing.Accept() {
			c.Close()
		}
	}()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ProxyServer(refusing.Addr().String()), chromedp.Flag("proxy-bypass-list", bypass),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.DisableGPU)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's own sandbox does not start for root
	}
	allocated, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, closed := chromedp.NewContext(allocated)
	t.Cleanup(closed)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("Chromium does not start (on Debian, install package chromium): %v", err)
	}
	return ctx
}

// A tab is one open page with its errors and requests.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp keeps the tab itself in it
	mu  sync.Mutex
	// errors are those of the console and the policy, requests those for anything
	// but the page itself.
	errors, requests []string
}

// open opens a page as a reader does: from a file.
func open(t *testing.T, browser context.Context, html string, width int64, scheme string) *tab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, closed := chromedp.NewContext(browser)
	t.Cleanup(closed)
	b := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, func(event any) { b.record(event, "file://"+file) }); err != nil {
		t.Fatal(err)
	}
	b.ctx, closed = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(closed)
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+file))
	return b
}

func (b *tab) record(event any, self string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Request.URL != self && !strings.HasPrefix(e.Request.URL, "data:") {
			b.requests = append(b.requests, e.Request.URL)
		}
	case *log.EventEntryAdded:
		b.errors = append(b.errors, e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		b.errors = append(b.errors, "console."+string(e.Type))
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text)
	case *pages.EventJavascriptDialogOpening:
		b.errors = append(b.errors, "a dialog: "+e.Message)
	}
}

// events returns the page's errors and requests.
func (b *tab) events() (errors, requests []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.errors, b.requests
}

// quiet fails if the page has caused an error or a request.
func (b *tab) quiet() {
	b.t.Helper()
	if errors, requests := b.events(); len(errors) > 0 || len(requests) > 0 {
		b.t.Errorf("errors %q, requests %q", errors, requests)
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// run returns the result of an action.
func run[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	out, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// eval returns the value of an expression in the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	return run(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// act runs statements in the page.
func (b *tab) act(statements string) {
	b.t.Helper()
	eval[int](b, statements+"\n;0")
}

// press presses keys, one after the other.
func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.do(chromedp.KeyEvent(k))
	}
}

// keep saves an image or a print with the artifacts of the test (go test
// -artifacts).
func (b *tab) keep(name string, raw []byte) {
	b.t.Helper()
	if len(raw) < 10_000 {
		b.t.Errorf("%s has only %d bytes", name, len(raw))
	}
	if err := os.WriteFile(filepath.Join(b.t.ArtifactDir(), name), raw, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

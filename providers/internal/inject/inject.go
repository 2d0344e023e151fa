// Package inject wraps an emulated HTTP service: it counts the requests and
// injects named faults. It knows no vendor; the service supplies the vendor's own
// responses for "too many requests" and "internal error".
package inject

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Kind is a kind of fault.
type Kind string

// The kinds of faults.
const (
	Throttle Kind = "throttle" // not applied; the vendor's response for too many requests
	Error    Kind = "error"    // not applied; the vendor's response for an internal error
	Late     Kind = "late"     // applied; the response comes three seconds later
	Drop     Kind = "drop"     // applied; the connection is closed without a response
	Truncate Kind = "truncate" // applied; the response is truncated
	Foreign  Kind = "foreign"  // not applied; a proxy returns 502 with a page of HTML
	Garbled  Kind = "garbled"  // applied; the response is 200 with a page of HTML
	Huge     Kind = "huge"     // applied; the response has 100 MB
)

// Faults are the names that Inject accepts, with their effects.
func Faults() map[string]string {
	return map[string]string{
		"throttle": "the first three resets are refused as too many requests and not applied",
		"late":     "every reset takes three seconds",
		"drop":     "the first reset takes effect, but the connection is closed before the response",
		"error":    "every reset fails with an internal error and is not applied",
	}
}

// A Scope selects the requests that fail.
type Scope uint8

// The scopes.
const (
	Reads Scope = iota
	Writes
)

// A Vendor is what a Front needs to know about the service behind it.
type Vendor struct {
	// Action returns the name of a request's action and whether it writes: changes
	// something, joins a group or sends a heartbeat. The request's body stays
	// readable.
	Action func(*http.Request) (name string, writes bool)
	// Throttled and Failed respond as the vendor does.
	Throttled, Failed http.HandlerFunc
}

// A Front is the service with its faults.
type Front struct {
	vendor Vendor
	next   http.Handler

	mu     sync.Mutex
	armed  []*armed
	counts map[string]int
	writes int
	hold   chan struct{}
	held   chan struct{}
}

type armed struct {
	kind  Kind
	scope Scope
	left  int // negative: all
}

var _ http.Handler = (*Front)(nil)

// Before returns the service behind a Front without faults.
func Before(next http.Handler, v Vendor) *Front {
	return &Front{vendor: v, next: next, counts: map[string]int{}, held: make(chan struct{}, 1024)}
}

// Inject adds one of the named Faults from now on.
func (f *Front) Inject(name string) error {
	times, known := map[string]int{"throttle": 3, "late": -1, "drop": 1, "error": -1}[name]
	if !known {
		return fmt.Errorf("unknown fault %q", name)
	}
	f.Arm(Kind(name), Writes, times)
	return nil
}

// Arm makes the next requests of a scope fail; times below 0 means all.
func (f *Front) Arm(kind Kind, scope Scope, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = append(f.armed, &armed{kind, scope, times})
}

// Requests returns the number of requests for each action.
func (f *Front) Requests() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts)
}

// Writes returns the number of requests that write, including the refused ones.
func (f *Front) Writes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writes
}

// Block holds every request until release is called.
func (f *Front) Block() (release func()) {
	hold := make(chan struct{})
	f.mu.Lock()
	f.hold = hold
	f.mu.Unlock()
	return sync.OnceFunc(func() {
		f.mu.Lock()
		f.hold = nil
		f.mu.Unlock()
		close(hold)
	})
}

// Hangs returns when a request is held.
func (f *Front) Hangs() { <-f.held }

func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, writes := f.vendor.Action(r)
	kind, hold := f.count(name, writes)
	if hold != nil {
		f.held <- struct{}{}
		select {
		case <-hold:
		case <-r.Context().Done():
			return
		}
	}
	f.answer(w, r, kind)
}

func (f *Front) count(name string, writes bool) (Kind, chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[name]++
	scope := Reads
	if writes {
		f.writes++
		scope = Writes
	}
	for _, a := range f.armed {
		if a.scope == scope && a.left != 0 {
			a.left--
			return a.kind, f.hold
		}
	}
	return "", f.hold
}

func (f *Front) answer(w http.ResponseWriter, r *http.Request, kind Kind) {
	switch kind {
	case "":
		f.next.ServeHTTP(w, r)
	case Throttle:
		f.vendor.Throttled(w, r)
	case Error:
		f.vendor.Failed(w, r)
	case Foreign:
		page(w, http.StatusBadGateway)
	default:
		f.corrupt(w, r, kind)
	}
}

// corrupt passes the request to the service and corrupts the response.
func (f *Front) corrupt(w http.ResponseWriter, r *http.Request, kind Kind) {
	recorded := httptest.NewRecorder()
	f.next.ServeHTTP(recorded, r)
	body := recorded.Body.Bytes()
	switch kind {
	case Late:
		select {
		case <-time.After(3 * time.Second):
		case <-r.Context().Done():
			return
		}
	case Drop:
		panic(http.ErrAbortHandler) // the server closes the connection without a response
	case Garbled:
		page(w, http.StatusOK)
		return
	case Huge:
		body = bytes.Repeat([]byte(" "), 100<<20)
	case Truncate:
		body = append(body, "   "...) // so that an empty response can be truncated, too
		maps.Copy(w.Header(), recorded.Header())
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), recorded.Header())
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(body)
}

// page responds as an unexpected proxy does.
func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<html><head><title>" + strings.ToUpper(http.StatusText(status)) + "</title></head><body>proxy</body></html>\n"))
}

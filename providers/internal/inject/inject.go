// Package inject wraps an emulated HTTP service: it counts requests and injects
// named faults. It knows no vendor; the service itself provides the vendor's answers
// for throttling and internal errors.
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

// The kinds of fault.
const (
	Throttle Kind = "throttle" // refused as the vendor throttles; not applied
	Error    Kind = "error"    // an internal error of the vendor; not applied
	Late     Kind = "late"     // applied; the answer comes three seconds later
	Drop     Kind = "drop"     // applied; the connection closes without an answer
	Truncate Kind = "truncate" // applied; the answer is truncated
	Foreign  Kind = "foreign"  // not applied; a proxy answers 502 with an HTML page
	Garbled  Kind = "garbled"  // applied; answered 200 with an HTML page
	Huge     Kind = "huge"     // applied; answered with 100 MB
)

// Faults are the names that Inject accepts, with what each does.
func Faults() map[string]string {
	return map[string]string{
		"throttle": "the first three resets are throttled and not applied",
		"late":     "every reset takes three seconds",
		"drop":     "the first reset is applied, and the connection closes before its answer",
		"error":    "every reset gets an internal error and is not applied",
	}
}

// A Scope says which requests fail.
type Scope uint8

// The scopes.
const (
	Reads Scope = iota
	Writes
)

// A Vendor is what a Front must know about the service behind it.
type Vendor struct {
	// Action returns a request's action and whether it writes: changes something,
	// joins or sends a heartbeat. It leaves the request's body readable.
	Action func(*http.Request) (name string, writes bool)
	// Throttled and Failed answer as the vendor does.
	Throttled, Failed http.HandlerFunc
}

// A Front is a service with injected faults.
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
	left  int // negative: without end
}

var _ http.Handler = (*Front)(nil)

// Before returns a service without faults.
func Before(next http.Handler, v Vendor) *Front {
	return &Front{vendor: v, next: next, counts: map[string]int{}, held: make(chan struct{}, 1024)}
}

// Inject makes the service fail by one of Faults from now on.
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

// Requests returns how often each action was requested.
func (f *Front) Requests() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts)
}

// Writes returns the number of requests that would change something, join or send
// a heartbeat, including refused ones.
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
		f.spoil(w, r, kind)
	}
}

// spoil lets the service handle the request and spoils the answer.
func (f *Front) spoil(w http.ResponseWriter, r *http.Request, kind Kind) {
	recorder := httptest.NewRecorder()
	f.next.ServeHTTP(recorder, r)
	body := recorder.Body.Bytes()
	switch kind {
	case Late:
		select {
		case <-time.After(3 * time.Second):
		case <-r.Context().Done():
			return
		}
	case Drop:
		panic(http.ErrAbortHandler) // the server closes the connection without an answer
	case Garbled:
		page(w, http.StatusOK)
		return
	case Huge:
		body = bytes.Repeat([]byte(" "), 100<<20)
	case Truncate:
		body = append(body, "   "...) // so that an empty answer can be truncated, too
		maps.Copy(w.Header(), recorder.Header())
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), recorder.Header())
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(body)
}

// page answers like an unexpected proxy.
func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<html><head><title>" + strings.ToUpper(http.StatusText(status)) + "</title></head><body>proxy</body></html>\n"))
}

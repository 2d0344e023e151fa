// Package inject stands before an emulated HTTP service: it counts what is
// asked of it and makes it fail in named ways. It knows no vendor; how a
// vendor says "too many" or "internal error" the service itself tells.
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

// A Kind is a way to fail.
type Kind string

// The ways to fail.
const (
	Throttle Kind = "throttle" // refused in the vendor's words, nothing done
	Error    Kind = "error"    // a failure in the vendor's words, nothing done
	Late     Kind = "late"     // carried out, the answer comes three seconds later
	Drop     Kind = "drop"     // carried out, the connection ends without an answer
	Truncate Kind = "truncate" // carried out, the answer breaks off
	Foreign  Kind = "foreign"  // not carried out, a proxy answers 502 with a page of HTML
	Garbled  Kind = "garbled"  // carried out, answered 200 with a page of HTML
	Huge     Kind = "huge"     // carried out, answered with 100 MB
)

// Faults are the names that Inject takes, with what each does.
func Faults() map[string]string {
	return map[string]string{
		"throttle": "the first three resets are refused as too many, and nothing is done",
		"late":     "every reset takes three seconds",
		"drop":     "the first reset takes effect and its answer is lost with the connection",
		"error":    "every reset is answered with an internal error, and nothing is done",
	}
}

// A Scope says which requests fail.
type Scope uint8

// The scopes.
const (
	Reads Scope = iota
	Writes
)

// A Vendor tells what a Front must know of the service behind it.
type Vendor struct {
	// Action names what is asked for and tells whether it writes: changes
	// something, joins or keeps alive. It leaves the request's body readable.
	Action func(*http.Request) (name string, writes bool)
	// Throttled and Failed answer as the vendor does.
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
	left  int // negative: for ever
}

var _ http.Handler = (*Front)(nil)

// Before returns the service with a front that lets everything pass.
func Before(next http.Handler, v Vendor) *Front {
	return &Front{vendor: v, next: next, counts: map[string]int{}, held: make(chan struct{}, 1024)}
}

// Inject makes the service fail in one of the ways of Faults from now on.
func (f *Front) Inject(name string) error {
	times, known := map[string]int{"throttle": 3, "late": -1, "drop": 1, "error": -1}[name]
	if !known {
		return fmt.Errorf("there is no fault %q", name)
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

// Requests returns how often each action was asked for.
func (f *Front) Requests() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts)
}

// Writes returns how many requests would change something, join or keep
// alive, those that were refused among them.
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

// spoil lets the service do its work and spoils the answer.
func (f *Front) spoil(w http.ResponseWriter, r *http.Request, kind Kind) {
	kept := httptest.NewRecorder()
	f.next.ServeHTTP(kept, r)
	body := kept.Body.Bytes()
	switch kind {
	case Late:
		select {
		case <-time.After(3 * time.Second):
		case <-r.Context().Done():
			return
		}
	case Drop:
		panic(http.ErrAbortHandler) // the server closes the connection without a word
	case Garbled:
		page(w, http.StatusOK)
		return
	case Huge:
		body = bytes.Repeat([]byte(" "), 100<<20)
	case Truncate:
		body = append(body, "   "...) // an empty answer can break off, too
		maps.Copy(w.Header(), kept.Header())
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(kept.Code)
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), kept.Header())
	w.WriteHeader(kept.Code)
	_, _ = w.Write(body)
}

// page answers as a proxy does that nobody expected on the way.
func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<html><head><title>" + strings.ToUpper(http.StatusText(status)) + "</title></head><body>proxy</body></html>\n"))
}

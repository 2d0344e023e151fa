//go:build linux && amd64

package main

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A failure is a way in which one request can fail.
type failure string

const (
	refusedThere  failure = "refused"                      // the connection is refused
	lostBefore    failure = "lost before the effect"       // the connection is closed, nothing is done
	lostAfter     failure = "lost after the effect"        // it is done, the connection is closed without a response
	late          failure = "late"                         // it is done, the response comes after the timeout
	errorBefore   failure = "5xx before the effect"        // nothing is done
	errorAfter    failure = "5xx after the effect"         // it is done, and a proxy times out
	throttled     failure = "throttled"                    // refused with the vendor's message, nothing is done
	truncated     failure = "truncated answer"             // it is done
	garbageBefore failure = "garbage answer, nothing done" // a page of HTML with status 200
	garbageAfter  failure = "garbage answer after the effect"
)

var failures = []failure{refusedThere, lostBefore, lostAfter, late, errorBefore, errorAfter, throttled, truncated, garbageBefore, garbageAfter}

// A request is one that the program makes: by its name and the number of its occurrence.
type request struct {
	name  string
	n     int
	write bool // it changes something
}

// A front is a proxy of a service that numbers the requests and makes one of them fail.
type front struct {
	*closableListener
	throttle func(write bool) // makes the service throttle its next request

	mu       sync.Mutex
	counting bool
	counts   map[string]int
	made     []request
	victim   request
	how      failure // "" = none
	previous request // refusedThere: the last one that is answered before
}

// arm makes a request fail; made are the requests of a run without faults.
func (f *front) arm(made []request, at int, how failure) {
	f.mu.Lock()
	f.counting, f.counts, f.made, f.victim, f.how, f.previous = true, map[string]int{}, nil, request{}, how, request{}
	if how != "" {
		f.victim = made[at]
	}
	if at > 0 && how == refusedThere {
		f.previous = made[at-1]
	}
	f.mu.Unlock()
	if how == refusedThere && at == 0 {
		f.shut()
	}
}

// rest forwards everything from now on, and returns the requests that were made.
func (f *front) rest() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counting, f.how = false, ""
	return f.made
}

// begin records a request and returns how it fails.
func (f *front) begin(name string, write bool) (request, failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.counting {
		return request{}, ""
	}
	f.counts[name]++
	r := request{name, f.counts[name], write}
	f.made = append(f.made, r)
	if f.how == "" || r != f.victim {
		return r, ""
	}
	return r, f.how
}

// answered closes the listener if the next request is to be refused.
func (f *front) answered(r request) {
	f.mu.Lock()
	now := f.how == refusedThere && r.n > 0 && r == f.previous
	f.mu.Unlock()
	if now {
		f.shut()
	}
}

// httpFront serves a handler behind a front until the end of the test.
func httpFront(t testing.TB, h http.Handler, throttle func(write bool)) (f *front, url string) {
	t.Helper()
	f = &front{closableListener: newListener(t), throttle: throttle}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.serve(w, r, h) })}
	go func() { _ = server.Serve(f.closableListener) }() // ends with Close
	t.Cleanup(func() { _ = server.Close() })
	return f, "http://" + f.Addr().String()
}

func (f *front) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the program was killed
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	name, write := nameOf(r, body)
	made, how := f.begin(name, write)
	switch how {
	case lostBefore:
		panic(http.ErrAbortHandler) // the server closes the connection without a response
	case errorBefore:
		http.Error(w, "<html><body>Bad Gateway</body></html>", http.StatusBadGateway)
		return
	case garbageBefore:
		_, _ = io.WriteString(w, "<html><body>Log in to the network</body></html>")
		return
	case throttled:
		f.throttle(write)
	}
	kept := httptest.NewRecorder()
	next.ServeHTTP(kept, r)
	f.answer(w, r, kept, how)
	f.answered(made)
}

// answer writes the service's response, or what a fault leaves of it.
func (f *front) answer(w http.ResponseWriter, r *http.Request, kept *httptest.ResponseRecorder, how failure) {
	body := kept.Body.Bytes()
	switch how {
	case lostAfter:
		panic(http.ErrAbortHandler)
	case late:
		<-r.Context().Done() // the client has given up
		return
	case errorAfter:
		http.Error(w, "<html><body>Gateway Timeout</body></html>", http.StatusGatewayTimeout)
		return
	case garbageAfter:
		_, _ = io.WriteString(w, "<html><body>Log in to the network</body></html>")
		return
	}
	f.mu.Lock()
	if f.how == refusedThere {
		w.Header().Set("Connection", "close") // so that the next request needs a connection of its own
	}
	f.mu.Unlock()
	maps.Copy(w.Header(), kept.Header())
	if how == truncated {
		body = append(body, "   "...) // so that an empty response can be truncated too
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(kept.Code)
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(kept.Code)
	_, _ = w.Write(body)
}

// nameOf returns the name of a request, and whether it changes something.
func nameOf(r *http.Request, body []byte) (name string, write bool) {
	name = r.Method + " " + r.URL.Path
	query := r.URL.Query()
	for _, asked := range []string{query.Get("action"), query.Get("type"), query.Get("Action"), r.Header.Get("X-TC-Action"), actionIn(body)} {
		if asked != "" {
			name += " " + asked
		}
	}
	for _, word := range []string{"reset-message-offset", "checkpoint", "UpdateConsumerOffset", "ResetConsumerGroupOffset"} {
		write = write || strings.HasSuffix(name, word)
	}
	return name, write || r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/pipeline/")
}

func actionIn(body []byte) string {
	_, action, found := strings.Cut("&"+string(body), "&Action=")
	if !found {
		return ""
	}
	action, _, _ = strings.Cut(action, "&")
	return action
}

// A closableListener is a listener that can be closed for a while.
type closableListener struct {
	address net.Addr

	mu       sync.Mutex
	listener net.Listener
	opened   *sync.Cond
	away     bool // closed, and to be opened again
	ended    bool
}

// shutFor is how long connections are refused: longer than a writing call waits, shorter than a reading call retries.
const shutFor = 300 * time.Millisecond

func newListener(t testing.TB) *closableListener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &closableListener{address: l.Addr(), listener: l}
	d.opened = sync.NewCond(&d.mu)
	return d
}

// Addr is the same before and after the listener was closed for a while.
func (d *closableListener) Addr() net.Addr { return d.address }

// Accept waits while the listener is closed for a while.
func (d *closableListener) Accept() (net.Conn, error) {
	for {
		d.mu.Lock()
		for d.away && !d.ended {
			d.opened.Wait()
		}
		l, ended := d.listener, d.ended
		d.mu.Unlock()
		if ended {
			return nil, net.ErrClosed
		}
		c, err := l.Accept()
		if err == nil || !errors.Is(err, net.ErrClosed) {
			return c, err
		}
		d.mu.Lock()
		stays := d.listener == l && !d.away
		d.mu.Unlock()
		if stays {
			return nil, err
		}
	}
}

// Close closes it permanently.
func (d *closableListener) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	d.opened.Broadcast()
	return d.listener.Close()
}

// shut closes the listener and opens it again after a while.
func (d *closableListener) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away || d.ended {
		return
	}
	d.away = true
	_ = d.listener.Close()
	time.AfterFunc(shutFor, d.open)
}

func (d *closableListener) isShut() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.away
}

func (d *closableListener) open() {
	d.mu.Lock()
	defer d.mu.Unlock()
	l, err := net.Listen("tcp", d.address.String())
	if err != nil && !d.ended {
		time.AfterFunc(10*time.Millisecond, d.open) // an old connection still uses the port
		return
	}
	if d.ended {
		if err == nil {
			_ = l.Close()
		}
		return
	}
	d.listener, d.away = l, false
	d.opened.Broadcast()
}

// Package livepage serves one page to browsers on this machine while a command runs.
//
// The invariant: it listens on loopback only, answers only requests for its own
// address, which cannot be guessed, and changes nothing. A page that waits for the next
// content gets the last one before the server ends.
package livepage

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A Page writes the content of a page. next is the address of its next content,
// relative to the page; "" if there is none.
type Page func(next string) ([]byte, error)

// A Server serves the newest content of one page.
type Server struct {
	address string // host:port
	path    string
	http    *http.Server
	served  chan error // the result of serving

	mu      sync.Mutex
	content []byte
	version int
	changed chan struct{} // closed by the next content
}

// Start starts to serve. Requests wait for the first content.
func Start(ctx context.Context) (*Server, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{address: l.Addr().String(), path: "/" + rand.Text() + "/", changed: make(chan struct{}), served: make(chan error, 1)}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { s.served <- s.http.Serve(l) }()
	return s, nil
}

// Address is the address of the page.
func (s *Server) Address() string { return "http://" + s.address + s.path }

// Show replaces the content. The last content has no next one.
func (s *Server) Show(page Page, last bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := ""
	if !last {
		next = "?after=" + strconv.Itoa(s.version+1)
	}
	content, err := page(next)
	if err != nil {
		return err
	}
	s.content, s.version = content, s.version+1
	close(s.changed)
	s.changed = make(chan struct{})
	return nil
}

// Close ends the server, once requests that it has received are answered, but soon.
func (s *Server) Close() error {
	const soon = 3 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// ServeHTTP answers with the newest content: at once, or once there is one after the
// version that the request names.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Host != s.address: // a name that was pointed at this machine
		http.Error(w, "use the address that resetplan printed", http.StatusForbidden)
		return
	case r.URL.Path != s.path:
		http.NotFound(w, r)
		return
	case r.Method != http.MethodGet:
		http.Error(w, "only GET is possible", http.StatusMethodNotAllowed)
		return
	}
	after, _ := strconv.Atoi(r.URL.Query().Get("after")) // anything else counts as 0
	content := s.newer(r.Context(), after)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "frame-ancestors 'none'")
	_, _ = w.Write(content) // a browser that has gone needs no answer
}

// newer waits for content after a version.
func (s *Server) newer(ctx context.Context, after int) []byte {
	for {
		s.mu.Lock()
		content, version, changed := s.content, s.version, s.changed
		s.mu.Unlock()
		if version > 0 && version != after { // of a version that there is not, it has none
			return content
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

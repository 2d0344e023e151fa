package livepage

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// text is a page with a text and the address of its next content.
func text(s string) Page {
	return func(next string) ([]byte, error) { return []byte(s + " " + next), nil }
}

func start(t *testing.T) *Server {
	t.Helper()
	s, err := Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// get returns the status and the body of an answer.
func get(t *testing.T, method, url, host string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return answer.StatusCode, string(body)
}

func show(t *testing.T, s *Server, content string, last bool) {
	t.Helper()
	if err := s.Show(text(content), last); err != nil {
		t.Fatal(err)
	}
}

func TestAPageThatWaitsGetsEachContentAndTheLastOne(t *testing.T) {
	s := start(t)
	show(t, s, "first", false)
	if _, body := get(t, "GET", s.Address(), ""); body != "first ?after=1" {
		t.Errorf("got %q", body)
	}
	waiting := func(after string) <-chan string {
		out := make(chan string, 1)
		go func() {
			_, body := get(t, "GET", s.Address()+after, "")
			out <- body
		}()
		return out
	}
	second := waiting("?after=1")
	show(t, s, "second", false)
	if body := <-second; body != "second ?after=2" {
		t.Errorf("got %q", body)
	}
	last := waiting("?after=1") // it has missed one
	if body := <-last; body != "second ?after=2" {
		t.Errorf("got %q", body)
	}
	show(t, s, "last", true)
	if body := <-waiting("?after=2"); body != "last " {
		t.Errorf("got %q", body)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if c, err := net.Dial("tcp", s.address); err == nil { //nolint:noctx // it must fail at once
		c.Close()
		t.Error("it still listens")
	}
}

func TestOnlyTheOwnAddressIsAnswered(t *testing.T) {
	s := start(t)
	show(t, s, "secret", false)
	host := strings.TrimPrefix(strings.Split(s.Address(), "/")[2], "http://")
	for name, c := range map[string]struct {
		method, url, host string
		status            int
	}{
		"the page":         {"GET", s.Address(), "", 200},
		"the root":         {"GET", "http://" + host + "/", "", 404},
		"another path":     {"GET", s.Address() + "x", "", 404},
		"another name":     {"GET", s.Address(), "evil.example:80", 403},
		"a change":         {"POST", s.Address(), "", 405},
		"an odd parameter": {"GET", s.Address() + "?after=x", "", 200},
		"a later version":  {"GET", s.Address() + "?after=9", "", 200},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := get(t, c.method, c.url, c.host)
			if status != c.status || strings.Contains(body, "secret") != (status == 200) {
				t.Errorf("got %d %q", status, body)
			}
		})
	}
	if !strings.HasPrefix(host, "127.0.0.1:") {
		t.Errorf("it listens on %s", host)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

package notify

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// posting posts to a path of a server, and returns the errors.
func posting(t *testing.T, serve http.HandlerFunc, path string, change func(*Post, *schema.Receiver)) []error {
	t.Helper()
	server := httptest.NewServer(serve)
	defer server.Close()
	r := schema.Receiver{URL: server.URL + path, On: []string{"applied"}, Timeout: 5 * time.Second}
	p := Post{Outcome: "applied", Body: []byte(`{"text":"the secret is S3CR3T-VALUE"}`), Getenv: func(string) string { return "" }, Secrets: &providers.Secrets{}}
	p.Secrets.Add("S3CR3T-VALUE")
	if change != nil {
		change(&p, &r)
	}
	return p.To(t.Context(), []schema.Receiver{r})
}

func TestNoSecretIsPosted(t *testing.T) {
	var body string
	errs := posting(t, func(_ http.ResponseWriter, q *http.Request) {
		text := make([]byte, q.ContentLength)
		_, _ = q.Body.Read(text)
		body = string(text)
	}, "/x", nil)
	if len(errs) > 0 || !strings.Contains(body, "the secret is") || strings.Contains(body, "S3CR3T") {
		t.Errorf("%v: %s", errs, body)
	}
}

// TestRedirects follows only those that repeat the post to the same host, and not
// endlessly.
func TestRedirects(t *testing.T) {
	for path, want := range map[string]int{"/same": 2, "/get": 1, "/other": 1, "/loop": mostRedirects + 1} {
		var requests atomic.Int32
		errs := posting(t, func(w http.ResponseWriter, q *http.Request) {
			requests.Add(1)
			switch q.URL.Path {
			case "/same":
				http.Redirect(w, q, "/end", http.StatusTemporaryRedirect)
			case "/get":
				http.Redirect(w, q, "/end", http.StatusFound)
			case "/other":
				http.Redirect(w, q, "http://"+strings.Replace(q.Host, "127.0.0.1", "localhost", 1)+"/end", http.StatusTemporaryRedirect)
			case "/loop":
				http.Redirect(w, q, "/loop", http.StatusTemporaryRedirect)
			}
		}, path, nil)
		if int(requests.Load()) != want || (len(errs) == 0) != (path == "/same") {
			t.Errorf("%s: %d requests, %v", path, requests.Load(), errs)
		}
	}
}

// TestErrorsHaveNoAddressOfAReceiver shows that the path and the headers, which are
// often secrets, are in no error.
func TestErrorsHaveNoAddressOfAReceiver(t *testing.T) {
	env := func(name string) string {
		return map[string]string{"AT": "https://example.invalid/h1dden-path", "CLEAR": "http://example.com/h1dden-path", "TOKEN": "h1dden\ntoken"}[name]
	}
	for name, change := range map[string]func(*Post, *schema.Receiver){
		"refused": func(_ *Post, r *schema.Receiver) { r.URL = "http://127.0.0.1:1/h1dden-path" },
		"unset":   func(_ *Post, r *schema.Receiver) { r.URL, r.URLEnv = "", "UNSET" },
		"clear":   func(_ *Post, r *schema.Receiver) { r.URL, r.URLEnv = "", "CLEAR" },
		"header":  func(_ *Post, r *schema.Receiver) { r.Headers = map[string]string{"Authorization": "TOKEN"} },
		"late": func(_ *Post, r *schema.Receiver) {
			r.URL, r.Timeout = "http://127.0.0.1:1/h1dden-path", time.Nanosecond
		},
	} {
		errs := posting(t, func(http.ResponseWriter, *http.Request) {}, "/h1dden-path", func(p *Post, r *schema.Receiver) {
			p.Getenv = env
			change(p, r)
		})
		if len(errs) != 1 || strings.Contains(errs[0].Error(), "h1dden") {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

package drivers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// An emulator answers as the JSON API of Google Cloud Storage documents it: uploads
// with a generation, media, lists by page, and errors with a message.
type emulator struct {
	mu      sync.Mutex
	objects map[string]string
	page    int
	status  int // of every answer; 0 = its own
}

func (e *emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	refuse := func(status int) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error": {"code": %d, "message": "refused"}}`, status)
	}
	const all = "/storage/v1/b/acme/o"
	name, one := strings.CutPrefix(r.URL.Path, all+"/")
	body, exists := e.objects[name]
	switch q := r.URL.Query(); {
	case e.status != 0:
		refuse(e.status)
	case r.Method == http.MethodPost && r.URL.Path == "/upload"+all && q.Get("uploadType") == "media" && q.Get("ifGenerationMatch") == "0":
		if _, exists := e.objects[q.Get("name")]; exists {
			refuse(http.StatusPreconditionFailed)
			return
		}
		sent, _ := io.ReadAll(r.Body)
		e.objects[q.Get("name")] = string(sent)
	case one && !exists:
		refuse(http.StatusNotFound)
	case one && r.Method == http.MethodGet && q.Get("alt") == "media":
		_, _ = io.WriteString(w, body)
	case one && r.Method == http.MethodDelete:
		delete(e.objects, name)
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Path == all && r.Method == http.MethodGet:
		e.list(w, q)
	default:
		refuse(http.StatusNotFound)
	}
}

func (e *emulator) list(w io.Writer, q url.Values) {
	size := e.page
	_, _ = fmt.Sscan(q.Get("maxResults"), &size)
	type item struct {
		Name        string    `json:"name"`
		TimeCreated time.Time `json:"timeCreated"`
	}
	page := map[string]any{}
	var items []item
	for _, name := range slices.Sorted(maps.Keys(e.objects)) {
		if !strings.HasPrefix(name, q.Get("prefix")) || name <= q.Get("pageToken") {
			continue
		}
		if len(items) == size {
			page["nextPageToken"] = items[size-1].Name
			break
		}
		items = append(items, item{name, time.Now()})
	}
	page["items"] = items
	_ = json.NewEncoder(w).Encode(page)
}

func TestABucketOfGoogleIsReadAndWrittenThroughItsAPI(t *testing.T) {
	service := &emulator{objects: map[string]string{}, page: 2}
	server := httptest.NewServer(service)
	defer server.Close()
	t.Setenv("STORAGE_EMULATOR_HOST", strings.TrimPrefix(server.URL, "http://"))
	b, err := Open(t.Context(), &url.URL{Scheme: "gs", Host: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"p/log/a b", "p/log/c", "p/log/d", "p/test/e", "q"} {
		if err := b.Create(t.Context(), key, []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Create(t.Context(), "q", []byte("other")); !errors.Is(err, ErrExists) {
		t.Errorf("an object was created twice: %v", err)
	}
	if body, err := b.Read(t.Context(), "p/log/a b", 100); string(body) != "p/log/a b" || err != nil {
		t.Errorf("read %q, %v", body, err)
	}
	if _, err := b.Read(t.Context(), "p/log/a b", 3); !errors.Is(err, ErrPermanent) {
		t.Errorf("an object beyond the limit: %v", err)
	}
	if _, err := b.Read(t.Context(), "none", 100); !errors.Is(err, ErrNotFound) {
		t.Errorf("no object: %v", err)
	}
	for most, want := range map[int]int{0: 3, 1: 1, 2: 2, 9: 3} {
		if all, err := b.List(t.Context(), "p/log/", most); len(all) != want || err != nil || all[0].Key != "p/log/a b" || all[0].ModTime.IsZero() {
			t.Errorf("most %d: %v, %v", most, all, err)
		}
	}
	for range 2 {
		if err := b.Delete(t.Context(), "q"); err != nil {
			t.Error(err)
		}
	}
	for status, permanent := range map[int]bool{403: true, 401: true, 400: true, 404: true, 429: false, 503: false} {
		service.status = status
		if _, err := b.List(t.Context(), "p", 0); err == nil || errors.Is(err, ErrPermanent) != permanent || !strings.Contains(err.Error(), "refused") {
			t.Errorf("%d: %v", status, err)
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

//go:build integration && linux && amd64

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// proxied serves the server through a proxy. answered is called with each answer
// before it is passed on, and replaces it if it returns an error.
func (s *shared) proxied(before func(*http.Request) int, answered func(*http.Response) error) *httptest.Server {
	target := &url.URL{Scheme: "http", Host: s.server.Address}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
		ModifyResponse: answered,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // no answer
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := before(r); status != 0 {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<Error><Code>SlowDown</Code><Message>slow down</Message></Error>")
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	s.t.Cleanup(server.Close)
	return server
}

func pass(*http.Request) int { return 0 }

// An overwritingStore is a server of every kind that creates an object that exists.
type overwritingStore struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func (o *overwritingStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	q := r.URL.Query()
	_, key, _ := strings.Cut(r.URL.Path+q.Get("name"), "locks/")
	switch {
	case r.Method == http.MethodPut || r.Method == http.MethodPost:
		o.objects[key], _ = io.ReadAll(r.Body)
		if r.Header.Get("X-Ms-Blob-Type") != "" {
			w.WriteHeader(http.StatusCreated)
		}
	case r.Method == http.MethodDelete:
		delete(o.objects, key)
		w.WriteHeader(map[bool]int{true: http.StatusAccepted, false: http.StatusNoContent}[r.Header.Get("X-Ms-Version") != ""])
	case q.Get("prefix") != "":
		o.list(w, q)
	default:
		_, _ = w.Write(o.objects[key])
	}
}

func (o *overwritingStore) list(w io.Writer, q url.Values) {
	now := time.Now().UTC()
	form := [3]string{"{\"items\": [", `{"name": "%s", "timeCreated": "%s"}`, "]}"}
	at := now.Format(time.RFC3339)
	switch {
	case q.Get("list-type") == "2":
		form = [3]string{"<ListBucketResult>", "<Contents><Key>%s</Key><LastModified>%s</LastModified></Contents>", "</ListBucketResult>"}
	case q.Get("comp") == "list":
		form = [3]string{"<EnumerationResults><Blobs>", "<Blob><Name>%s</Name><Properties><Last-Modified>%s</Last-Modified></Properties></Blob>",
			"</Blobs></EnumerationResults>"}
		at = now.Format(http.TimeFormat)
	}
	_, _ = io.WriteString(w, form[0])
	for k := range o.objects { // only the test object
		fmt.Fprintf(w, form[1], "locks/"+k, at)
	}
	_, _ = io.WriteString(w, form[2])
}

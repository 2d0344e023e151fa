package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A receiver is an address to which a script's commands post.
type receiver struct {
	mu    sync.Mutex
	posts strings.Builder
}

// receivers are those of the scripts, by their working folders.
var receivers sync.Map

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	fmt.Fprintf(&r.posts, "%s %s %s %s\n%s\n", q.Method, q.URL.Path, q.Header.Get("Content-Type"), q.Header.Get("Authorization"), body)
	r.mu.Unlock()
	switch {
	case strings.HasPrefix(q.URL.Path, "/slow"):
		select {
		case <-q.Context().Done():
		case <-time.After(10 * time.Second):
		}
	case strings.HasPrefix(q.URL.Path, "/redirect"):
		http.Redirect(w, q, "http://127.0.0.1:1/elsewhere", http.StatusFound)
	case strings.HasPrefix(q.URL.Path, "/broken"):
		http.Error(w, "broken", http.StatusInternalServerError)
	}
}

// receiverScript starts a receiver; its address is in $RECEIVER.
func receiverScript(ts *testscript.TestScript, _ bool, _ []string) {
	r := &receiver{}
	server := httptest.NewServer(r)
	ts.Defer(func() {
		server.CloseClientConnections()
		server.Close()
	})
	receivers.Store(ts.Getenv("WORK"), r)
	ts.Setenv("RECEIVER", server.URL)
}

// receivedScript prints what was posted since the last time.
func receivedScript(ts *testscript.TestScript, _ bool, _ []string) {
	got, ok := receivers.Load(ts.Getenv("WORK"))
	if !ok {
		ts.Fatalf("there is no receiver")
	}
	r := got.(*receiver)
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprint(ts.Stdout(), r.posts.String())
	r.posts.Reset()
}

//go:build integration

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
)

// A forge is the HTTP API of a code hosting server, as far as the examples use it.
// Its clock advances with each change.
type forge struct {
	t       *testing.T
	url     string
	mu      sync.Mutex
	clock   int
	users   map[string]string // tokens and their users
	notes   []comment
	merges  map[string]merged // by commit
	down    bool              // it answers nothing
	largest int               // the largest page that was requested
}

type comment struct {
	id, request int
	user, body  string
	edited      string
}

type merged struct {
	request int
	at      string
}

func (f *forge) now() string {
	f.clock++
	return fmt.Sprintf("2026-11-28T%02d:%02d:%02dZ", f.clock/3600, f.clock/60%60, f.clock%60)
}

func (f *forge) post(request int, user, body string) {
	f.notes = append(f.notes, comment{id: 100 + len(f.notes), request: request, user: user, body: body, edited: f.now()})
}

func (f *forge) edit(id, body string) {
	for i := range f.notes {
		if strconv.Itoa(f.notes[i].id) == id {
			f.notes[i].body, f.notes[i].edited = body, f.now()
		}
	}
}

// said returns what the examples wrote on a request.
func (f *forge) said(request int) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, n := range f.notes {
		if n.request == request && n.user == "bot" {
			out = append(out, n.body)
		}
	}
	return out
}

// list is what a server answers for one page of all.
func (f *forge) list(q *http.Request, all []any) any {
	size, page := 20, 1
	if n, err := strconv.Atoi(q.FormValue("per_page")); err == nil {
		size = min(n, 100)
	}
	if n, err := strconv.Atoi(q.FormValue("page")); err == nil {
		page = n
	}
	f.largest = max(f.largest, page)
	from := min((page-1)*size, len(all))
	return append([]any{}, all[from:min(from+size, len(all))]...)
}

// serve answers the calls of one kind of server.
func (f *forge) serve(kind string, routes map[string]func(user string, q *http.Request) any) {
	mux := http.NewServeMux()
	for pattern, answer := range routes {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, q *http.Request) {
			f.mu.Lock()
			defer f.mu.Unlock()
			user, known := f.users[q.Header.Get("Authorization")+q.Header.Get("PRIVATE-TOKEN")]
			switch {
			case f.down:
				w.WriteHeader(http.StatusForbidden)
			case !known:
				w.WriteHeader(http.StatusUnauthorized)
			default:
				_ = json.NewEncoder(w).Encode(answer(user, q))
			}
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, q *http.Request) {
		f.t.Errorf("%s has no %s %s", kind, q.Method, q.URL)
		w.WriteHeader(http.StatusNotFound)
	})
	server := httptest.NewServer(mux)
	f.t.Cleanup(server.Close)
	f.url = server.URL
}

func bodyOf(q *http.Request) string {
	var sent struct{ Body string }
	raw, _ := io.ReadAll(q.Body)
	if err := json.Unmarshal(raw, &sent); err != nil {
		return "not JSON: " + string(raw)
	}
	return sent.Body
}

func gitHubAPI(t *testing.T) *forge {
	f := &forge{t: t, users: map[string]string{"Bearer token": "bot"}, merges: map[string]merged{}}
	f.serve("GitHub", map[string]func(string, *http.Request) any{
		"GET /repos/o/r/issues/{n}/comments": func(_ string, q *http.Request) any {
			var all []any
			for _, n := range f.notes {
				if strconv.Itoa(n.request) == q.PathValue("n") {
					login := map[string]string{"bot": "github-actions[bot]"}[n.user]
					all = append(all, map[string]any{"id": n.id, "user": map[string]any{"login": login}, "body": n.body, "updated_at": n.edited})
				}
			}
			return f.list(q, all)
		},
		"POST /repos/o/r/issues/{n}/comments": func(user string, q *http.Request) any {
			n, _ := strconv.Atoi(q.PathValue("n"))
			f.post(n, user, bodyOf(q))
			return map[string]any{}
		},
		"PATCH /repos/o/r/issues/comments/{id}": func(_ string, q *http.Request) any { f.edit(q.PathValue("id"), bodyOf(q)); return nil },
		"GET /repos/o/r/commits/{sha}/pulls": func(_ string, q *http.Request) any {
			all := []any{map[string]any{"number": 1, "merged_at": nil, "base": map[string]any{"ref": "main"}}} // another one, not merged
			if m, is := f.merges[q.PathValue("sha")]; is {
				all = append(all, map[string]any{"number": m.request, "merged_at": m.at, "merge_commit_sha": q.PathValue("sha"),
					"base": map[string]any{"ref": "main"}})
			}
			return f.list(q, all)
		},
	})
	return f
}

func gitLabAPI(t *testing.T) *forge {
	f := &forge{t: t, users: map[string]string{"token": "bot"}, merges: map[string]merged{}}
	ids := map[string]int{"bot": 42, "mallory": 666}
	f.serve("GitLab", map[string]func(string, *http.Request) any{
		"GET /user": func(user string, _ *http.Request) any { return map[string]any{"id": ids[user]} },
		"GET /projects/9/merge_requests/{n}/notes": func(_ string, q *http.Request) any {
			var all []any
			for _, n := range f.notes {
				if strconv.Itoa(n.request) == q.PathValue("n") {
					all = append(all, map[string]any{"id": n.id, "author": map[string]any{"id": ids[n.user]}, "body": n.body, "updated_at": n.edited})
				}
			}
			return f.list(q, all)
		},
		"POST /projects/9/merge_requests/{n}/notes": func(user string, q *http.Request) any {
			n, _ := strconv.Atoi(q.PathValue("n"))
			f.post(n, user, bodyOf(q))
			return map[string]any{}
		},
		"PUT /projects/9/merge_requests/{n}/notes/{id}": func(_ string, q *http.Request) any { f.edit(q.PathValue("id"), bodyOf(q)); return nil },
		"GET /projects/9/repository/commits/{sha}/merge_requests": func(_ string, q *http.Request) any {
			all := []any{map[string]any{"iid": 1, "state": "opened", "target_branch": "main"}}
			if m, is := f.merges[q.PathValue("sha")]; is {
				all = append(all, map[string]any{"iid": m.request, "state": "merged", "merged_at": m.at, "target_branch": "main",
					"merge_commit_sha": q.PathValue("sha")})
			}
			return f.list(q, all)
		},
	})
	return f
}

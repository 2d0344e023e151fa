package aliyunslsfake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A refusal is an error in the service's format.
type refusal struct {
	status        int
	code, message string
}

// A handler handles one action on a logstore and returns the answer, which is written
// as JSON; nil is an empty body.
type handler func(l *logstore, r *http.Request, body []byte) (any, *refusal)

func (f *Fake) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /logstores", func(w http.ResponseWriter, r *http.Request) { f.listLogstores(w, r) })
	for pattern, h := range map[string]handler{
		"GET /logstores/{logstore}/shards":                            f.listShards,
		"GET /logstores/{logstore}/shards/{shard}":                    f.cursor,
		"GET /logstores/{logstore}/consumergroups":                    f.listGroups,
		"POST /logstores/{logstore}/consumergroups":                   f.createGroup,
		"GET /logstores/{logstore}/consumergroups/{consumerGroup}":    f.checkpoints,
		"POST /logstores/{logstore}/consumergroups/{consumerGroup}":   f.writeGroup,
		"DELETE /logstores/{logstore}/consumergroups/{consumerGroup}": f.deleteGroup,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { f.onLogstore(w, r, h) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		f.fail(w, invalid("ParameterInvalid", "the request does not exist"))
	})
	return mux
}

// action returns a request's action and whether it writes.
func action(mux *http.ServeMux, r *http.Request) (string, bool) {
	_, pattern := mux.Handler(r)
	if kind := r.URL.Query().Get("type"); kind != "" {
		pattern += " " + kind
	}
	names := map[string]string{
		"GET /logstores":                                                       "ListLogStores",
		"GET /logstores/{logstore}/shards":                                     "ListShards",
		"GET /logstores/{logstore}/shards/{shard} cursor":                      "GetCursor",
		"GET /logstores/{logstore}/shards/{shard} cursor_time":                 "GetCursorTime",
		"GET /logstores/{logstore}/consumergroups":                             "ListConsumerGroup",
		"POST /logstores/{logstore}/consumergroups":                            "CreateConsumerGroup",
		"DELETE /logstores/{logstore}/consumergroups/{consumerGroup}":          "DeleteConsumerGroup",
		"GET /logstores/{logstore}/consumergroups/{consumerGroup}":             "GetCheckPoint",
		"POST /logstores/{logstore}/consumergroups/{consumerGroup} checkpoint": "UpdateCheckPoint",
		"POST /logstores/{logstore}/consumergroups/{consumerGroup} heartbeat":  "HeartBeat",
	}
	if name := names[pattern]; name != "" {
		return name, r.Method != http.MethodGet
	}
	return pattern, r.Method != http.MethodGet
}

// serve checks a request's signature and handles the request.
func (f *Fake) serve(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client has disconnected
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	defer f.mu.Unlock()
	if refused := f.verify(r, body); refused != nil {
		f.fail(w, refused)
		return
	}
	if refused := f.permit(mux, r); refused != nil {
		f.fail(w, refused)
		return
	}
	f.advance()
	mux.ServeHTTP(w, r)
}

// project returns the project that the first label of the host names.
func (f *Fake) project(r *http.Request) (*project, *refusal) {
	name, _, _ := strings.Cut(r.Host, ".")
	p := f.projects[name]
	if p == nil {
		return nil, &refusal{http.StatusNotFound, "ProjectNotExist", "The Project does not exist : " + name}
	}
	return p, nil
}

func (f *Fake) onLogstore(w http.ResponseWriter, r *http.Request, h handler) {
	p, refused := f.project(r)
	if refused != nil {
		f.fail(w, refused)
		return
	}
	l := p.logstores[r.PathValue("logstore")]
	if l == nil {
		f.fail(w, &refusal{http.StatusNotFound, "LogStoreNotExist", "logstore " + r.PathValue("logstore") + " dose not exist."}) // as the vendor spells it
		return
	}
	body, _ := io.ReadAll(r.Body)
	answer, refused := h(l, r, body)
	if refused != nil {
		f.fail(w, refused)
		return
	}
	f.write(w, http.StatusOK, answer)
}

// number reads a parameter; -1 = not a number.
func number(r *http.Request, name string, otherwise int) int {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

func (f *Fake) fail(w http.ResponseWriter, refused *refusal) {
	f.write(w, refused.status, map[string]any{"errorCode": refused.code, "errorMessage": refused.message})
}

// write answers. The service writes the name of its header in lower case.
func (f *Fake) write(w http.ResponseWriter, status int, answer any) {
	w.Header()["x-log-requestid"] = []string{fmt.Sprintf("%016X%08X", f.now().UnixNano(), f.requests.Add(1))}
	w.Header().Set("Date", f.now().UTC().Format(http.TimeFormat))
	if answer == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func (f *Fake) stamp(t time.Time) int64 {
	if f.seconds {
		return t.Unix()
	}
	return t.UnixMicro()
}

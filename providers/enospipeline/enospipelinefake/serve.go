package enospipelinefake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// action returns the action of a request and whether it changes a pipeline.
func action(r *http.Request) (string, bool) {
	one, ofOne := strings.CutPrefix(r.URL.Path, streaming+"pipeline/")
	switch post := r.Method == http.MethodPost; {
	case r.URL.Path == tokenService+"get":
		return "GetAccessToken", false
	case r.URL.Path == tokenService+"refresh":
		return "RefreshAccessToken", false
	case r.URL.Path == streaming+"pipelines":
		return "ListPipelines", false
	case ofOne && post && strings.HasSuffix(one, "/offset"):
		return "ResetPipelineOffset", true
	case ofOne && post:
		return "OperatePipeline:" + r.URL.Query().Get("action"), true
	case ofOne && strings.HasSuffix(one, "/offset-lag"):
		return "GetPipelineOffsetAndLag", false
	case ofOne:
		return "GetPipelineDetails", false
	}
	return r.Method + " " + r.URL.Path, r.Method != http.MethodGet
}

func (f *Fake) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+tokenService+"get", f.get)
	mux.HandleFunc("POST "+tokenService+"refresh", f.refresh)
	mux.HandleFunc("GET "+streaming+"pipelines", f.signed(f.list))
	mux.HandleFunc("GET "+streaming+"pipeline/{id}", f.signed(f.of(f.details)))
	mux.HandleFunc("GET "+streaming+"pipeline/{id}/offset-lag", f.signed(f.of(f.offsetLag)))
	mux.HandleFunc("POST "+streaming+"pipeline/{id}/offset", f.signed(f.of(f.reset)))
	mux.HandleFunc("POST "+streaming+"pipeline/{id}", f.signed(f.of(f.operate)))
	return mux
}

// A reply is an action's answer: a code with its message, or data.
type reply struct {
	code int
	msg  string
	data any
}

// signed passes on requests with a valid signature and the application's own
// organisation, one at a time.
func (f *Fake) signed(next func(*http.Request) reply) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return // the client has gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		f.mu.Lock()
		defer f.mu.Unlock()
		if code := f.checkSignature(r, body); code != 0 {
			// That such an answer has status 200 and a code, as the service's own have, is invented.
			f.answer(w, http.StatusOK, code, messages[code], nil)
			return
		}
		switch org := r.URL.Query().Get("orgId"); {
		case org == "":
			f.answer(w, http.StatusOK, 99400, "Invalid Argument orgId:orgId is missing", nil)
		case org != Org || f.revoked:
			f.answer(w, http.StatusOK, 99403, "Denied resource:  orgId "+org, nil)
		default:
			a := next(r)
			f.answer(w, http.StatusOK, a.code, a.msg, a.data)
		}
	}
}

// of looks up the pipeline that a path names. The message is the manual's.
func (f *Fake) of(next func(*http.Request, *pipeline) reply) func(*http.Request) reply {
	return func(r *http.Request) reply {
		p := f.pipelines[r.PathValue("id")]
		if p == nil {
			return reply{code: 61108, msg: "Stream processing job does not exit."}
		}
		return next(r, p)
	}
}

// answer writes the envelope that the streaming APIs share.
func (f *Fake) answer(w http.ResponseWriter, status, code int, msg string, data any) {
	f.requests++
	out := map[string]any{"code": code, "msg": msg, "requestId": fmt.Sprintf("6cb7a013-7f83-4620-97c8-%012d", f.requests), "data": data}
	if code == 0 {
		out["msg"] = "OK"
		if data == nil {
			out["data"] = ""
		}
	}
	if code == 0 && data == nil && f.options.AsInSamples {
		f.head(w, status)
		fmt.Fprintf(w, "{\n  \"code\": 0,\n  \"msg\": \"OK\",\n}")
		return
	}
	f.write(w, status, out)
}

func (f *Fake) write(w http.ResponseWriter, status int, v any) {
	f.head(w, status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return // the client has gone
	}
}

func (f *Fake) head(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Date", f.options.Now().UTC().Format(http.TimeFormat))
	w.WriteHeader(status)
}

// figure writes a number in one of the two ways.
func (f *Fake) figure(n int64) any {
	if f.options.NumbersAsText {
		return strconv.FormatInt(n, 10)
	}
	return n
}

package enospipelinefake

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	tokenService = "/apim-token-service/v2.0/token/"
	streaming    = "/streaming/v2.0/streaming/"
)

// action names a request and tells whether it changes a pipeline.
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

// A reply is what an action has to say: a code with its message, or data.
type reply struct {
	code int
	msg  string
	data any
}

// signed lets a request through whose signature fits and whose organisation
// is the application's own, one at a time.
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

// of looks the pipeline up that a path names. The message is the manual's.
func (f *Fake) of(next func(*http.Request, *pipeline) reply) func(*http.Request) reply {
	return func(r *http.Request) reply {
		p := f.pipelines[r.PathValue("id")]
		if p == nil {
			return reply{code: 61108, msg: "Stream processing job does not exit."}
		}
		return next(r, p)
	}
}

func (f *Fake) list(r *http.Request) reply {
	q := r.URL.Query()
	size, page := 10, 1
	for name, into := range map[string]*int{"pageSize": &size, "pageNo": &page} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 1 {
			return reply{code: 61176, msg: "The parameter " + name + " must be positive."}
		}
		*into = n
	}
	if f.options.MostPerPage > 0 {
		size = min(size, f.options.MostPerPage)
	}
	all := []map[string]any{}
	for _, p := range f.sorted() {
		if released := p.status != Draft; released != (q.Get("ifReleased") == "true") || q.Get("isSystem") == "true" {
			continue
		}
		all = append(all, map[string]any{
			"orgId": Org, "status": p.look(), "version": "0.1.0", "pipelineId": p.id, "pipelineName": "The pipeline " + p.id,
			"updateTime": p.since.UTC().Format("2006-01-02 15:04:05"), "alarmConfig": nil, "templateType": 1, "executionMode": 0, "messageChannel": 0,
		})
	}
	count, from := len(all), min((page-1)*size, len(all))
	return reply{data: map[string]any{"count": f.figure(int64(count)), "pipelines": all[from:min(from+size, count)]}}
}

// details has no status, as in the manual.
func (f *Fake) details(_ *http.Request, p *pipeline) reply {
	return reply{data: map[string]any{
		"desc": "", "pipelineId": p.id, "pipelineName": "The pipeline " + p.id, "version": "0.1.0", "templateType": 1,
		"templateName": "Origin Template", "messageChannel": 0, "pipelineJson": map[string]any{},
	}}
}

func (f *Fake) offsetLag(_ *http.Request, p *pipeline) reply {
	if p.status != Started {
		return reply{code: 99000, msg: "Internal Server Error."} // invented: the manual has no code for it
	}
	now := f.options.Now()
	was, wasLag := p.sums()
	before := p.since
	p.read(now)
	offset, lag := p.sums()
	at := func(offset, lag int64, t time.Time) map[string]any {
		return map[string]any{"offset": f.figure(offset), "lag": f.figure(lag), "ts": f.figure(t.UnixMilli())}
	}
	var readings any = []any{at(was, wasLag, before), at(offset, lag, now)}
	if f.options.OneReading {
		readings = at(offset, lag, now)
	}
	return reply{data: map[string]any{"pipelineId": p.id, "topicName": seedTopic, "lagAndOffset": readings}}
}

// reset refuses a pipeline that is neither paused nor stopped in the words of
// another order. Invented: the manual names the precondition and no code.
func (f *Fake) reset(_ *http.Request, p *pipeline) reply {
	if p.status != Paused && p.status != Stopped {
		return reply{code: 61152, msg: fmt.Sprintf("Status of the stream processing job cannot be changed from [%s] to Reset.", p.status)}
	}
	p.reset()
	return reply{}
}

package enospipelinefake

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	tokenService = "/apim-token-service/v2.0/token/"
	streaming    = "/streaming/v2.0/streaming/"
)

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
			"orgId": Org, "status": p.look(), "version": "0.1.0", "pipelineId": p.id, "pipelineName": p.name,
			"updateTime": p.since.UTC().Format("2006-01-02 15:04:05"), "alarmConfig": nil, "templateType": 1, "executionMode": 0, "messageChannel": 0,
		})
	}
	count, from := len(all), min((page-1)*size, len(all))
	return reply{data: map[string]any{"count": f.figure(int64(count)), "pipelines": all[from:min(from+size, count)]}}
}

// details has no status, as in the manual.
func (f *Fake) details(_ *http.Request, p *pipeline) reply {
	return reply{data: map[string]any{
		"desc": "", "pipelineId": p.id, "pipelineName": p.name, "version": "0.1.0", "templateType": 1,
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

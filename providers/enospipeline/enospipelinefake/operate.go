package enospipelinefake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// operate pauses, stops and starts a pipeline. Saving and releasing are left to the
// console.
func (f *Fake) operate(r *http.Request, p *pipeline) reply {
	switch order := r.URL.Query().Get("action"); order {
	case "start":
		return f.start(r, p)
	case "pause":
		return f.change(p, Paused, "Paused", Started)
	case "stop":
		return f.change(p, Stopped, "Stopped", Started, Paused)
	default:
		return reply{code: 99400, msg: "Invalid Argument action:" + order}
	}
}

// change changes a pipeline's status if it is one of those given.
func (f *Fake) change(p *pipeline, to Status, word string, from ...Status) reply {
	if !slices.Contains(from, p.status) {
		return reply{code: 61152, msg: fmt.Sprintf("Status of the stream processing job cannot be changed from [%s] to %s.", p.status, word)}
	}
	p.become(to, f.options.Slow, f.options.Now())
	return reply{}
}

// start also resumes a paused pipeline.
func (f *Fake) start(r *http.Request, p *pipeline) reply {
	var settings struct {
		ExecutionMode  *int            `json:"executionMode"`
		KafkaRate      json.RawMessage `json:"kafkaRate"`
		ResourceConfig json.RawMessage `json:"resourceConfig"`
	}
	if json.NewDecoder(r.Body).Decode(&settings) != nil {
		return reply{code: 61100, msg: "The Stream configuration JSON is invalid."}
	}
	rate, err := strconv.ParseInt(string(settings.KafkaRate), 10, 64)
	if err != nil || rate < 1 || settings.ExecutionMode == nil || *settings.ExecutionMode < 0 || *settings.ExecutionMode > 1 {
		return reply{code: 61100, msg: "The Stream configuration JSON is invalid."}
	}
	switch {
	case f.startFail:
		return reply{code: 61128, msg: "Resource is not requested."}
	case p.status == Started || p.status == Draft:
		return reply{code: 61165, msg: fmt.Sprintf("The stream processing job with status [%s] cannot be started.", p.status)}
	}
	p.become(Started, f.options.Slow, f.options.Now())
	p.rate = rate
	return reply{}
}

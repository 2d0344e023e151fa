package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// An answer is the envelope of every answer. The manual and its own samples
// disagree about types and names, so everything that is unambiguous is accepted.
type answer struct {
	Code      httpcall.Number `json:"code"`
	Status    json.RawMessage `json:"status"`      // instead of code: the token service
	Stauts    json.RawMessage `json:"stauts"`      // the same, in the manual's own sample
	APIM      json.RawMessage `json:"apim_status"` // instead of code: the gateway, in the vendor's SDKs
	Msg       string          `json:"msg"`
	Submsg    string          `json:"submsg"` // more about msg
	RequestID string          `json:"requestId"`
	Data      json.RawMessage `json:"data"` // absent in some successes
}

// code returns the code of the outcome, and whether there is one. A failure that the
// gateway reports counts whatever the service reports.
func (a answer) code() (code int64, known bool) {
	if n := number(a.APIM); n.Known && n.N != 0 {
		return n.N, true
	}
	for _, n := range []httpcall.Number{a.Code, number(a.Status), number(a.Stauts), number(a.APIM)} {
		if n.Known {
			return n.N, true
		}
	}
	return 0, false
}

// number reads a status; one that is not a number is not EnOS's.
func number(raw json.RawMessage) (n httpcall.Number) {
	if n.UnmarshalJSON(raw) != nil {
		return httpcall.Number{}
	}
	return n
}

// message returns what the answer says in words.
func (a answer) message() string {
	if a.Submsg == "" || strings.Contains(a.Msg, a.Submsg) {
		return a.Msg
	}
	return strings.TrimPrefix(a.Msg+": "+a.Submsg, ": ")
}

type pipelinesData struct {
	Count     httpcall.Number `json:"count"`
	Pipelines []pipelineData  `json:"pipelines"`
}

type pipelineData struct {
	ID     string `json:"pipelineId"`
	Name   string `json:"pipelineName"`
	Status string `json:"status"`

	ExecutionMode  json.RawMessage `json:"executionMode"`
	ResourceConfig json.RawMessage `json:"resourceConfig"`
}

func (p pipelineData) plain() Pipeline {
	out := Pipeline{ID: p.ID, Name: p.Name, Status: p.Status, Settings: map[string]any{}}
	for key, value := range map[string]json.RawMessage{"executionMode": p.ExecutionMode, "resourceConfig": p.ResourceConfig} {
		switch n := number(value); {
		case len(value) == 0 || string(value) == "null" || string(value) == `""`:
		case n.Known: // the same as a number or as text
			out.Settings[key] = n.N
		default:
			out.Settings[key] = value
		}
	}
	return out
}

type lagData struct {
	TopicName    string            `json:"topicName"`
	LagAndOffset many[readingData] `json:"lagAndOffset"`
}

type readingData struct {
	Offset httpcall.Number `json:"offset"`
	Lag    httpcall.Number `json:"lag"`
	At     httpcall.Number `json:"ts"` // ms
}

func (r readingData) plain(topic string) Reading {
	out := Reading{Topic: topic, Offset: known(r.Offset), Lag: known(r.Lag)}
	if r.At.Known {
		out.At = time.UnixMilli(r.At.N).UTC()
	}
	return out
}

// known returns a number, or nil if the answer does not have it.
func known(n httpcall.Number) *int64 {
	if !n.Known {
		return nil
	}
	return &n.N
}

// decode reads an answer. Only an explicit success counts as one.
func (c *Client) decode(call *httpcall.Call, r request) (a answer, err error) {
	call.Body = strict(call.Body)
	if call.Status/100 != 2 {
		if json.Unmarshal(call.Body, &a) != nil {
			a = answer{}
		}
		return a, c.refused(call, r, a)
	}
	if err := call.Decode(r.op, &a); err != nil {
		return answer{}, advise(err, elsewhere(call))
	}
	switch code, known := a.code(); {
	case !known:
		return a, call.Unclear(r.op, "it has no code")
	case code != 0:
		return a, c.refused(call, r, a)
	case r.data != nil:
		if err := json.Unmarshal(a.Data, r.data); err != nil {
			return a, call.Unclear(r.op, "its data: "+err.Error())
		}
	}
	return a, nil
}

// requestID returns the id that EnOS gave a request.
func requestID(_ http.Header, body []byte) string {
	var a struct {
		RequestID string `json:"requestId"`
	}
	if json.Unmarshal(strict(body), &a) != nil {
		return ""
	}
	return a.RequestID
}

// strict removes a comma before a closing bracket, with which the manual's
// samples of success end. Nothing else is corrected.
func strict(body []byte) []byte {
	if json.Valid(body) {
		return body
	}
	out := make([]byte, 0, len(body))
	text, escaped := false, false
	for i, b := range body {
		switch {
		case escaped:
			escaped = false
		case text && b == '\\':
			escaped = true
		case b == '"':
			text = !text
		case !text && b == ',' && closes(body[i+1:]):
			continue
		}
		out = append(out, b)
	}
	return out
}

func closes(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return len(rest) > 0 && (rest[0] == '}' || rest[0] == ']')
}

// many is a list that may also come as its only element.
type many[T any] []T

// UnmarshalJSON reads a list, or an object as a list of one, or null as none.
func (m *many[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var one T
		if err := json.Unmarshal(b, &one); err != nil {
			return err
		}
		*m = many[T]{one}
		return nil
	}
	return json.Unmarshal(b, (*[]T)(m))
}

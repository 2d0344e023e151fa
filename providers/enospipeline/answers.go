package enospipeline

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// An answer is the envelope of all that EnOS says. Its pages and their own
// samples disagree on types, so what is clear is read in any of them.
type answer struct {
	Code      httpcall.Number `json:"code"`
	Status    json.RawMessage `json:"status"` // instead of code: the token service
	Msg       string          `json:"msg"`
	RequestID string          `json:"requestId"`
	Data      json.RawMessage `json:"data"` // absent in some successes
}

// code returns what the answer says became of the request, and whether it
// says so.
func (a answer) code() (int64, bool) {
	code := a.Code
	if !code.Known && code.UnmarshalJSON(a.Status) != nil {
		return 0, false // a status that is no number is somebody else's
	}
	return code.N, code.Known
}

// A pipeline is what List Pipelines tells of one.
type pipeline struct {
	ID     string `json:"pipelineId"`
	Name   string `json:"pipelineName"`
	Status string `json:"status"`

	ExecutionMode  json.RawMessage `json:"executionMode"`
	ResourceConfig json.RawMessage `json:"resourceConfig"`
}

// A reading is where a running pipeline stood at one moment: one figure for
// all partitions of its topic.
type reading struct {
	Offset httpcall.Number `json:"offset"`
	Lag    httpcall.Number `json:"lag"`
	At     httpcall.Number `json:"ts"` // ms
}

// understand reads an answer. A success is only what says so in words that
// are clear.
func (c *connection) understand(call *httpcall.Call, r request) (a answer, err error) {
	call.Body = strict(call.Body)
	if call.Status/100 != 2 {
		if json.Unmarshal(call.Body, &a) != nil {
			a = answer{}
		}
		return a, call.Failure(r.op, c.said(call, r, a), nil)
	}
	if err := call.Decode(r.op, &a); err != nil {
		return answer{}, err
	}
	switch code, told := a.code(); {
	case !told:
		return a, call.Unclear(r.op, "it has no code")
	case code != 0:
		return a, call.Failure(r.op, c.said(call, r, a), nil)
	case r.wants != nil:
		if err := json.Unmarshal(a.Data, r.wants); err != nil {
			return a, call.Unclear(r.op, "its data: "+err.Error())
		}
	}
	return a, nil
}

// requestID finds the id that EnOS gave a request.
func requestID(_ http.Header, body []byte) string {
	var a struct {
		RequestID string `json:"requestId"`
	}
	if json.Unmarshal(strict(body), &a) != nil {
		return ""
	}
	return a.RequestID
}

// strict returns an answer without the comma before a closing bracket, with
// which the manual's samples of success end. Nothing else is mended: what is
// then not JSON is not understood.
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

// many is a list, or the one object that stands where a list is documented.
type many[T any] []T

// UnmarshalJSON reads a list, an object, and null as an empty list.
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

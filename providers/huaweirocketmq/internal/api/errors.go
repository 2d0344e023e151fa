package api

import (
	"encoding/json"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// refusal reads an error's body.
func (c *Client) refusal(body []byte) httpcall.Answer {
	e := parseError(body)
	return httpcall.Answer{Kind: c.options.Classify(e.code), Code: e.code, Message: e.message}
}

// errorBody is the content of an error's body.
type errorBody struct{ code, message, requestID string }

// parseError reads an error's body in all the forms that the vendor's SDKs know:
// three pairs of names, at the top level or one below.
func parseError(body []byte) errorBody {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return errorBody{}
	}
	if e := pick(fields); e.code != "" {
		return e
	}
	for _, raw := range fields {
		var inner map[string]json.RawMessage
		if json.Unmarshal(raw, &inner) != nil {
			continue
		}
		if e := pick(inner); e.code != "" {
			return e
		}
	}
	return errorBody{}
}

func pick(fields map[string]json.RawMessage) errorBody {
	e := errorBody{requestID: text(fields["request_id"])}
	for _, names := range [][2]string{{"error_code", "error_msg"}, {"errorCode", "errorMsg"}, {"code", "message"}} {
		if code := text(fields[names[0]]); code != "" {
			e.code, e.message = code, text(fields[names[1]])
			break
		}
	}
	return e
}

// text returns the content of a JSON string, or the text of a number.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

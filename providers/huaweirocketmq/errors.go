package huaweirocketmq

import (
	"encoding/json"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// kinds maps the codes of which the status alone says too little. Elsewhere
// it tells: in the manual's tables 401 and 403 are denials, 404 is what does
// not exist, 429 a limit, 5xx a failure, and any other 4xx a wrong request.
var kinds = map[string]error{
	"DMS.50050004": providers.ErrPrecondition, // the group is offline
	"DMS.00400026": providers.ErrPrecondition, // the state of the instance does not allow it
	"DMS.00400975": providers.ErrUnavailable,  // the topics could not be queried
	"APIG.0202":    providers.ErrUnavailable,  // the backend is away
	"APIG.0203":    providers.ErrUnavailable,  // the backend does not answer in time
	"APIG.0308":    providers.ErrThrottled,
}

// said reads a refusal in the service's words.
func said(body []byte) httpcall.Answer {
	w := understand(body)
	return httpcall.Answer{Kind: kinds[strings.Replace(w.Code, "APIGW.", "APIG.", 1)], Code: w.Code, Message: w.Message}
}

type words struct{ Code, Message, RequestID string }

// understand reads an error's body in all the forms that the vendor's SDKs
// know: three pairs of names, at the top or one level below.
func understand(body []byte) words {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return words{}
	}
	if w := pick(fields); w.Code != "" {
		return w
	}
	for _, raw := range fields {
		var inner map[string]json.RawMessage
		if json.Unmarshal(raw, &inner) != nil {
			continue
		}
		if w := pick(inner); w.Code != "" {
			return w
		}
	}
	return words{}
}

func pick(fields map[string]json.RawMessage) words {
	w := words{RequestID: text(fields["request_id"])}
	for _, names := range [][2]string{{"error_code", "error_msg"}, {"errorCode", "errorMsg"}, {"code", "message"}} {
		if code := text(fields[names[0]]); code != "" {
			w.Code, w.Message = code, text(fields[names[1]])
			break
		}
	}
	return w
}

// text is a JSON string's content, or a number as it is written.
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

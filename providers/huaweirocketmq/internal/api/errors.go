package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// refusal reads an error's body and adds what to do about it.
func (c *Client) refusal(call *call) httpcall.Answer {
	e := parseError(call.Body)
	if call.Status == 0 {
		return httpcall.Answer{}
	}
	kind, remedy := c.options.Explain(Refusal{Action: call.action, Status: call.Status, Code: e.code, Message: e.message, Encoded: e.encoded})
	message := e.message
	switch {
	case remedy == "":
	case message == "" && e.code == "":
		if errors.Is(kind, providers.ErrInvalid) {
			message = fmt.Sprintf("unexpected response, status %d without an error code: %s", call.Status, remedy)
		}
	case message == "":
		message = remedy
	default:
		message = strings.TrimRight(message, ". ") + ": " + remedy
	}
	return httpcall.Answer{Kind: kind, Code: e.code, Message: message}
}

// errorBody is the content of an error's body.
type errorBody struct{ code, message, requestID, encoded string }

// mostDepth is how deep an error's fields are searched.
const mostDepth = 4

// parseError reads an error's body in all the forms that the vendor's SDKs know:
// three pairs of names, at the top level or below.
func parseError(body []byte) errorBody {
	e, _ := parseFields(body, mostDepth)
	return e
}

func parseFields(raw []byte, depth int) (e errorBody, found bool) {
	var fields map[string]json.RawMessage
	if depth == 0 || json.Unmarshal(raw, &fields) != nil {
		return errorBody{}, false
	}
	e = errorBody{requestID: text(fields["request_id"]), encoded: text(fields["encoded_authorization_message"])}
	for _, names := range [][2]string{{"error_code", "error_msg"}, {"errorCode", "errorMsg"}, {"code", "message"}} {
		if code := text(fields[names[0]]); code != "" {
			e.code, e.message = code, text(fields[names[1]])
			return e, true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if inner, ok := parseFields(fields[name], depth-1); ok {
			if inner.requestID == "" {
				inner.requestID = e.requestID
			}
			if inner.encoded == "" {
				inner.encoded = e.encoded
			}
			return inner, true
		}
	}
	return e, false
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

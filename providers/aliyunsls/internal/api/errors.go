package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// refusal reads an error's body. What another server answers, a page or XML, is never
// taken for an answer about a logstore or a group.
func (c *Client) refusal(call *httpcall.Call) httpcall.Answer {
	const elsewhere = "correct the region or the endpoint"
	var answer struct {
		Code    string `json:"errorCode"`
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(call.Body, &answer) == nil && answer.Code != "" {
		advice, kind := c.options.Classify(answer.Code, answer.Message)
		return httpcall.Answer{Kind: kind, Code: answer.Code, Message: advised(answer.Message, advice)}
	}
	if call.Status < 400 || call.Status >= 500 {
		return httpcall.Answer{} // the call's own sentence says what was received
	}
	var page struct {
		XMLName xml.Name `xml:"Error"`
		Code    string   `xml:"Code"`
		Message string   `xml:"Message"`
	}
	if xml.Unmarshal(bytes.TrimSpace(call.Body), &page) == nil && page.Code != "" {
		return httpcall.Answer{Kind: providers.ErrInvalid, Code: page.Code,
			Message: advised(page.Message, "this is not an answer of Log Service; "+elsewhere)}
	}
	if call.Status == 404 || call.Status == 405 {
		return httpcall.Answer{Kind: providers.ErrInvalid, Message: fmt.Sprintf("status %d is not an answer of Log Service: %s", call.Status, elsewhere)}
	}
	return httpcall.Answer{}
}

// advised returns a message of the service followed by what to do about it.
func advised(message, advice string) string {
	if advice == "" {
		return message
	}
	return cmp.Or(strings.TrimRight(message, ". "), "refused") + ": " + advice
}

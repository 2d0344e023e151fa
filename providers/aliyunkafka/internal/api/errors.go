package api

import (
	"encoding/json"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// refusal returns the error that an answer reports, or nil. A refusal may come
// with an HTTP status of its own, or with 200 and "Success": false.
func (c *Client) refusal(call *httpcall.Call, op string) error {
	var a struct{ Success, Code, Message scalar }
	failure := func() error {
		return call.Failure(op, httpcall.Answer{Kind: c.options.Classify(string(a.Code)), Code: string(a.Code), Message: string(a.Message)}, nil)
	}
	if call.Status < 200 || call.Status > 299 {
		_ = json.Unmarshal(call.Body, &a) // if it cannot be decoded, the status decides
		return failure()
	}
	if err := call.Decode(op, &a); err != nil {
		return err
	}
	switch {
	case a.Success == "false" || a.Code != "" && a.Code != "200":
		return failure()
	case a.Success == "" && a.Code == "":
		return call.Unclear(op, "it has neither Success nor Code")
	}
	return nil
}

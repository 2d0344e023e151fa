package api

import (
	"encoding/json"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// refusal reads an error's body.
func (c *Client) refusal(body []byte) httpcall.Answer {
	var answer struct {
		Code    string `json:"errorCode"`
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return httpcall.Answer{}
	}
	return httpcall.Answer{Kind: c.options.Classify(answer.Code), Code: answer.Code, Message: answer.Message}
}

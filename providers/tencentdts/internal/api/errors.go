package api

import (
	"errors"
	"strings"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
	tcerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
)

// failed turns the SDK's error of a call into one of the contract. The SDK's own
// codes, ClientError.*, mean that the network failed or that the SDK could not
// read the answer: the call knows more about both.
func (c *Client) failed(call *httpcall.Call, op string, err error) error {
	var refusal *tcerrors.TencentCloudSDKError
	switch {
	case !errors.As(err, &refusal):
		return call.Failure(op, httpcall.Answer{}, err)
	case strings.HasPrefix(refusal.Code, "ClientError."):
		return call.Failure(op, httpcall.Answer{}, nil)
	}
	remedy, kind := c.options.Classify(refusal.Code)
	message := refusal.Message
	if remedy != "" {
		message += " (" + remedy + ")"
	}
	return call.Failure(op, httpcall.Answer{Kind: kind, Code: refusal.Code, Message: message}, nil)
}

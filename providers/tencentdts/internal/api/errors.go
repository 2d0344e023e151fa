package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
	tcerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
)

// failed turns the SDK's error of a call into one of the contract. The SDK's own
// codes, ClientError.*, mean that the network failed or that the SDK could not
// read the answer: the call knows more about both. A refusal for lack of rights says
// where the key is from.
func (s service) failed(call *httpcall.Call, op, action string, err error) error {
	var refusal *tcerrors.TencentCloudSDKError
	switch {
	case s.issues && call.Status != 0 && (!errors.As(err, &refusal) || ownCode(refusal)):
		return unquoted(call, op)
	case !errors.As(err, &refusal):
		return call.Failure(op, httpcall.Answer{}, err)
	case ownCode(refusal):
		return call.Failure(op, httpcall.Answer{}, nil)
	}
	remedy, kind := s.options.Classify(action, refusal.Code, refusal.Message)
	var advice []string
	if errors.Is(kind, providers.ErrDenied) && s.key != nil {
		advice = append(advice, "the key is from "+s.key.From)
	}
	if remedy != "" {
		advice = append(advice, remedy)
	}
	message := refusal.Message
	if advice != nil {
		message += " (" + strings.Join(advice, "; ") + ")"
	}
	return call.Failure(op, httpcall.Answer{Kind: kind, Code: refusal.Code, Message: message}, nil)
}

func ownCode(e *tcerrors.TencentCloudSDKError) bool { return strings.HasPrefix(e.Code, "ClientError.") }

// decode decodes an answer.
func (s service) decode(call *httpcall.Call, op string, into any) error {
	if !s.issues {
		return call.Decode(op, into)
	}
	if json.Unmarshal(call.Body, into) != nil {
		return unquoted(call, op)
	}
	return nil
}

// unquoted returns the error of an unexpected answer that may hold a key.
func unquoted(call *httpcall.Call, op string) error {
	return call.Failure(op, httpcall.Answer{Message: fmt.Sprintf("unexpected response: status %d without the documented JSON; "+
		"it is not shown, because it may hold a key", call.Status)}, nil)
}

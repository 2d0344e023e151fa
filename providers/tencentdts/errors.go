package tencentdts

import (
	"errors"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
	tcerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
)

// kinds maps the service's codes to the contract's kinds. A code is
// FAMILY.DETAIL, and its family decides unless it stands here itself. A
// failure inside the service may come after part of the work, so it is no
// proof that nothing was done.
var kinds = map[string]error{
	"AuthFailure":              providers.ErrDenied,
	"UnauthorizedOperation":    providers.ErrDenied,
	"IpInBlacklist":            providers.ErrDenied,
	"IpNotInWhitelist":         providers.ErrDenied,
	"ResourceNotFound":         providers.ErrNotFound,
	"RequestLimitExceeded":     providers.ErrThrottled,
	"InternalError":            providers.ErrUnavailable,
	"FailedOperation":          providers.ErrUnavailable,
	"ResourceUnavailable":      providers.ErrUnavailable,
	"ServiceUnavailable":       providers.ErrUnavailable,
	"LimitExceeded":            providers.ErrPrecondition,
	"OperationDenied":          providers.ErrPrecondition,
	"ResourceInUse":            providers.ErrPrecondition,
	"ResourceInsufficient":     providers.ErrPrecondition,
	"ResourcesSoldOut":         providers.ErrPrecondition,
	"UnsupportedOperation":     providers.ErrUnsupported,
	"UnsupportedRegion":        providers.ErrUnsupported,
	"UnsupportedProtocol":      providers.ErrUnsupported,
	"ActionOffline":            providers.ErrUnsupported,
	"InvalidAction":            providers.ErrUnsupported,
	"NoSuchProduct":            providers.ErrUnsupported,
	"NoSuchVersion":            providers.ErrUnsupported,
	"DryRunOperation":          providers.ErrInvalid,
	"InvalidParameter":         providers.ErrInvalid,
	"InvalidParameterValue":    providers.ErrInvalid,
	"InvalidRequest":           providers.ErrInvalid,
	"MissingParameter":         providers.ErrInvalid,
	"UnknownParameter":         providers.ErrInvalid,
	"RequestSizeLimitExceeded": providers.ErrInvalid,

	"FailedOperation.NotAllowOperation":     providers.ErrPrecondition,
	"FailedOperation.StatusInConflict":      providers.ErrPrecondition,
	"FailedOperation.StatusInConflictError": providers.ErrPrecondition,
	"FailedOperation.UserNotAuthed":         providers.ErrDenied,
	"InvalidParameter.InstanceNotFound":     providers.ErrNotFound,
}

// remedies say what to do where the service's own words do not.
var remedies = map[string]string{
	"AuthFailure.SignatureExpire":  "set this machine's clock: it may be off by five minutes at most",
	"AuthFailure.SignatureFailure": "check the secret that belongs to this secretId",
	"AuthFailure.TokenFailure":     "get a new temporary key with its token; a permanent key takes none",
}

func kindOf(code string) error {
	if kind := kinds[code]; kind != nil {
		return kind
	}
	family, _, _ := strings.Cut(code, ".")
	return kinds[family]
}

// failed makes an error of the contract of what the SDK says of a call. Its
// own codes, ClientError.*, stand for the network or for an answer that it
// could not read: of both the call knows more.
func failed(call *httpcall.Call, op string, err error) error {
	var said *tcerrors.TencentCloudSDKError
	switch {
	case !errors.As(err, &said):
		return call.Failure(op, httpcall.Answer{}, err)
	case strings.HasPrefix(said.Code, "ClientError."):
		return call.Failure(op, httpcall.Answer{}, nil)
	}
	message := said.Message
	if remedy := remedies[said.Code]; remedy != "" {
		message += " (" + remedy + ")"
	}
	return call.Failure(op, httpcall.Answer{Kind: kindOf(said.Code), Code: said.Code, Message: message}, nil)
}

package tencentdts

import (
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// kinds maps the service's codes to the contract's kinds. A code is
// FAMILY.DETAIL; its family decides unless the code itself is listed. A failure
// inside the service may come after part of the work, so it does not prove that
// nothing was moved.
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

// remedies say what to do if the service's message does not.
var remedies = map[string]string{
	"AuthFailure.SignatureExpire":  "set this machine's clock: it may be off by at most five minutes",
	"AuthFailure.SignatureFailure": "check the secret that belongs to this secretId",
	"AuthFailure.TokenFailure":     "get a new temporary key with its token; a permanent key has none",
}

// classify returns the kind of an error code, nil if it is unknown, and the remedy
// if there is one.
func classify(code string) (remedy string, kind error) {
	if kind = kinds[code]; kind == nil {
		family, _, _ := strings.Cut(code, ".")
		kind = kinds[family]
	}
	return remedies[code], kind
}

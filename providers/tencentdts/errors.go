package tencentdts

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
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
	"UnsupportedRegion":        providers.ErrInvalid,
	"UnsupportedProtocol":      providers.ErrInvalid,
	"ActionOffline":            providers.ErrInvalid,
	"InvalidAction":            providers.ErrInvalid,
	"NoSuchProduct":            providers.ErrInvalid,
	"NoSuchVersion":            providers.ErrInvalid,
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

// remedies say what to do if the service's message does not, by code or family.
var remedies = map[string]string{
	"AuthFailure":                       checkKey,
	"AuthFailure.MFAFailure":            "use a key of a user or role that needs no multi-factor authentication for API calls",
	"AuthFailure.SignatureExpire":       "set this machine's clock: it may be off by at most five minutes",
	"AuthFailure.SignatureFailure":      "check that the secretKey belongs to this secretId",
	"AuthFailure.TokenFailure":          "get a new temporary key with its token; a permanent key has none",
	"ResourceNotFound":                  "check subscribeId, region and site, and that the subscription belongs to the key's account",
	"InvalidParameter.InstanceNotFound": "check subscribeId, region and site, and that the subscription belongs to the key's account",
	"RequestLimitExceeded":              tooMany,
	"UnsupportedRegion":                 checkRegion,
	"UnsupportedProtocol":               checkEndpoint,
	"ActionOffline":                     checkEndpoint,
	"InvalidAction":                     checkEndpoint,
	"NoSuchProduct":                     checkEndpoint,
	"NoSuchVersion":                     checkEndpoint,
}

// Sentences that several remedies share.
const (
	checkKey = "check that the key exists and is enabled, and that it belongs to the site of the endpoint: " +
		"accounts of tencentcloud.com need site: international"
	checkRegion = "check region: it is written like ap-guangzhou, and must be the subscription's own; " +
		"accounts of tencentcloud.com need site: international"
	tooMany = "the service accepts 20 requests per second of an action, from all of the account's programs together: " +
		"set rateLimit lower"
	checkEndpoint = "check endpoint: it must be a host of DTS, such as https://dts.tencentcloudapi.com, or be left out; " +
		"check region and site as well"
)

// permission matches what a refusal names: the action, and the resource on which it
// is missing.
var permission = pattern.New(`operation \((?:name/)?(\w+:\w+)\)(?:\s+resource \(([^)]*)\))?`)

// classify returns the kind of an action's error, nil if its code is unknown, and
// the remedy if there is one.
func classify(action, code, message string) (remedy string, kind error) {
	family, _, _ := strings.Cut(code, ".")
	if kind = kinds[code]; kind == nil {
		kind = kinds[family]
	}
	switch {
	case family == "UnauthorizedOperation" || unauthorized[code]:
		return grant(action, message), kind
	case family == "InvalidParameterValue" && region.MatchString(message):
		return checkRegion, kind
	}
	return cmp.Or(remedies[code], remedies[family]), kind
}

// region matches the gateway's refusal of a region's name.
var region = pattern.New("`(?:X-TC-)?Region`")

// unauthorized are the codes of other families that mean a missing permission.
var unauthorized = map[string]bool{"AuthFailure.UnauthorizedOperation": true, "AuthFailure.AuthorizedOperationDenyError": true,
	"FailedOperation.UserNotAuthed": true}

// grant says which permission an account needs.
func grant(action, message string) string {
	needed, resource := "dts:"+action, ""
	if found := permission.FindStringSubmatch(message); found != nil {
		needed = found[1]
		if found[2] != "" {
			resource = " on " + found[2]
		}
	}
	return fmt.Sprintf("allow the action %s%s in a CAM policy of the key's user or role", needed, resource)
}

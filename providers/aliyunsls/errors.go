package aliyunsls

import (
	"errors"

	"github.com/resetplan/resetplan/providers"
)

// kinds maps the service's codes to the contract's kinds. Two codes also have the
// service's misspelling.
var kinds = map[string]error{
	"ProjectNotExist":       providers.ErrNotFound,
	"LogStoreNotExist":      providers.ErrNotFound,
	"ConsumerGroupNotExist": providers.ErrNotFound,
	"ConsumerNotExist":      providers.ErrNotFound,
	"ConsumerNotExsit":      providers.ErrNotFound,
	"ShardNotExist":         providers.ErrNotFound,
	"ShardNotExsit":         providers.ErrNotFound,
	"LogStoreWithoutShard":  providers.ErrNotFound,

	"Unauthorized":           providers.ErrDenied,
	"SignatureNotMatch":      providers.ErrDenied,
	"InvalidAccessKeyId":     providers.ErrDenied,
	"MissAccessKeyId":        providers.ErrDenied,
	"SecurityTokenExpired":   providers.ErrDenied,
	"RequestTimeExpired":     providers.ErrDenied, // this machine's clock is more than 15 minutes off
	"RequestTimeTooSkewed":   providers.ErrDenied,
	"ProjectForbidden":       providers.ErrDenied,
	"InvalidSignatureMethod": providers.ErrDenied,

	"ConsumerNotMatch": providers.ErrPrecondition,

	"ReadQuotaExceed":       providers.ErrThrottled,
	"WriteQuotaExceed":      providers.ErrThrottled,
	"ShardReadQuotaExceed":  providers.ErrThrottled,
	"ShardWriteQuotaExceed": providers.ErrThrottled,
	"ExceedQuota":           providers.ErrThrottled,
	"QuotaExceed":           providers.ErrThrottled,

	"InternalServerError": providers.ErrUnavailable,
	"ServerBusy":          providers.ErrUnavailable,
	"RequestTimeout":      providers.ErrUnavailable,

	"InvalidShardCheckPoint": providers.ErrInvalid,
	"InvalidCursor":          providers.ErrInvalid,
	"ParameterInvalid":       providers.ErrInvalid,
	"PostBodyInvalid":        providers.ErrInvalid,
	"InvalidContentType":     providers.ErrInvalid,
	"InvalidHost":            providers.ErrInvalid,
	"InvalidRequestTime":     providers.ErrInvalid,
}

// classify returns the kind of an error code, or nil if it is unknown.
func classify(code string) error { return kinds[code] }

// isCode reports whether an error has a code of the service.
func isCode(err error, code string) bool {
	var e *providers.Error
	return errors.As(err, &e) && e.Code == code
}

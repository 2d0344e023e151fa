package aliyunsls

import (
	"encoding/json"
	"errors"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// kinds maps the service's codes to the contract's kinds. Two are known in
// the service's misspelling, too.
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

// said reads a refusal.
func said(body []byte) httpcall.Answer {
	var answer struct {
		Code    string `json:"errorCode"`
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return httpcall.Answer{}
	}
	return httpcall.Answer{Kind: kinds[answer.Code], Code: answer.Code, Message: answer.Message}
}

// isCode reports whether the service answered with a code.
func isCode(err error, code string) bool {
	var e *providers.Error
	return errors.As(err, &e) && e.Code == code
}

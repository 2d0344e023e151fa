package enospipeline

import (
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/internal/api"
)

// kinds maps the documented codes to the contract's kinds. EnOS does not report
// how far a request had got when the service failed internally: those codes are
// ErrUnavailable, which leaves a write in doubt.
var kinds = map[int64]error{
	// the gateway and its token service
	api.EncryptionRepeated: providers.ErrThrottled, // another request with this key in the same millisecond; nothing was done
	1002:                   providers.ErrDenied,    // unknown appKey
	api.EncryptionInvalid:  providers.ErrDenied,
	api.ParameterInvalid:   providers.ErrInvalid,
	1005:                   providers.ErrUnavailable,
	1202:                   providers.ErrInvalid, // a parameter is empty
	api.TokenExpired:       providers.ErrDenied,
	1204:                   providers.ErrDenied, // the token cannot be refreshed
	api.SessionExpired:     providers.ErrDenied,
	api.LoginExpired:       providers.ErrDenied,

	// stream processing
	61100: providers.ErrInvalid, // the configuration is not valid JSON
	61108: providers.ErrNotFound,
	61115: providers.ErrUnavailable,  // the pipelines cannot be listed
	61121: providers.ErrPrecondition, // another pipeline of the organisation is being started
	61122: providers.ErrPrecondition, // it cannot be stopped
	61128: providers.ErrPrecondition, // no resources were requested for it
	61152: providers.ErrPrecondition, // this change of status is not possible
	61165: providers.ErrPrecondition, // it cannot be started in this status
	61168: providers.ErrUnavailable,  // the average rate of its Kafka topic is unknown
	61169: providers.ErrPrecondition, // it is neither stopped nor paused
	61176: providers.ErrInvalid,      // a parameter must be positive
	99000: providers.ErrUnavailable,

	// every API
	99400:        providers.ErrInvalid,
	99403:        providers.ErrDenied,
	api.NotFound: providers.ErrNotFound,
	99500:        providers.ErrUnavailable,
}

// classify returns the kind of a code, nil if the code is not documented.
func classify(code int64) error { return kinds[code] }

package enospipeline

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// The codes on which something depends here.
const (
	encryptionInvalid = 1003
	parameterInvalid  = 1004
	tokenExpired      = 1203
)

// kinds maps the documented codes to the contract's kinds. EnOS does not say
// how far a request had come when the service failed inside: those codes are
// ErrUnavailable, which leaves a write in doubt.
var kinds = map[int64]error{
	// the gateway and its token service
	1001:              providers.ErrThrottled, // somebody asked with this key in the same millisecond; nothing was done
	1002:              providers.ErrDenied,    // no such appKey
	encryptionInvalid: providers.ErrDenied,
	parameterInvalid:  providers.ErrInvalid,
	1005:              providers.ErrUnavailable,
	1202:              providers.ErrInvalid, // a parameter is empty
	tokenExpired:      providers.ErrDenied,
	1204:              providers.ErrDenied, // the token cannot be refreshed

	// stream processing
	61100: providers.ErrInvalid, // the configuration is no valid JSON
	61108: providers.ErrNotFound,
	61115: providers.ErrUnavailable,  // the pipelines cannot be listed
	61121: providers.ErrPrecondition, // somebody of the organisation is starting a pipeline
	61122: providers.ErrPrecondition, // it cannot be stopped
	61128: providers.ErrPrecondition, // no resources were requested for it
	61152: providers.ErrPrecondition, // this change of status is not possible
	61165: providers.ErrPrecondition, // it cannot be started in this status
	61168: providers.ErrUnavailable,  // the average rate of its Kafka topic cannot be told
	61169: providers.ErrPrecondition, // it is neither stopped nor paused
	61176: providers.ErrInvalid,      // a parameter must be positive
	99000: providers.ErrUnavailable,

	// every API
	99400: providers.ErrInvalid,
	99403: providers.ErrDenied,
	99404: providers.ErrNotFound,
	99500: providers.ErrUnavailable,
}

// said reads a refusal: what a code that is not success means. EnOS answers 200
// whatever happened, so a code that is not documented does not prove that a
// write was not carried out.
func (c *connection) said(call *httpcall.Call, r request, a answer) httpcall.Answer {
	code, told := a.code()
	kind, documented := kinds[code]
	switch success := call.Status/100 == 2; {
	case !documented && !success && (!told || a.Msg == ""):
		return httpcall.Answer{} // the status and the body say more
	case !documented && success && r.writes:
		kind = errors.Join(providers.ErrInDoubt, providers.ErrInvalid)
	}
	return httpcall.Answer{Kind: kind, Code: strconv.FormatInt(code, 10), Message: a.Msg + c.clock(call, code)}
}

// clock tells of a clock that is so far off that it may be why the gateway
// does not take what was signed with its time.
func (c *connection) clock(call *httpcall.Call, code int64) string {
	if code != encryptionInvalid && code != parameterInvalid {
		return ""
	}
	theirs, err := http.ParseTime(call.Header.Get("Date"))
	if err != nil {
		return ""
	}
	off := c.now().Sub(theirs).Round(time.Second)
	if off.Abs() < 5*time.Minute {
		return ""
	}
	return fmt.Sprintf("; this machine's clock is off by %s against the gateway's: set it, for requests are signed with the time", off)
}

package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// The codes that the client itself acts on.
const (
	EncryptionInvalid = 1003
	ParameterInvalid  = 1004
	TokenExpired      = 1203
)

// refusal reads an answer that is not a success. EnOS answers with status 200 in
// any case, so an undocumented code does not prove that a write had no effect.
func (c *Client) refusal(call *httpcall.Call, r request, a answer) httpcall.Answer {
	code, known := a.code()
	kind := c.options.Classify(code)
	switch success := call.Status/100 == 2; {
	case kind == nil && !success && (!known || a.Msg == ""):
		return httpcall.Answer{} // the status and the body are more helpful
	case kind == nil && success && r.writes:
		kind = errors.Join(providers.ErrInDoubt, providers.ErrInvalid)
	}
	return httpcall.Answer{Kind: kind, Code: strconv.FormatInt(code, 10), Message: a.Msg + c.clockSkew(call, code)}
}

// clockSkew describes a difference between the clocks that is large enough to be
// the reason why the gateway refuses a signature, which covers the time.
func (c *Client) clockSkew(call *httpcall.Call, code int64) string {
	if code != EncryptionInvalid && code != ParameterInvalid {
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
	return fmt.Sprintf("; this machine's clock differs from the gateway's by %s, and signatures cover the time: set the clock", off)
}

package api

import (
	"bytes"
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
	EncryptionRepeated = 1001 // another request for a token had the same time
	EncryptionInvalid  = 1003
	ParameterInvalid   = 1004
	TokenExpired       = 1203
	SessionExpired     = 4011 // as TokenExpired, in the scheme of the vendor's SDKs
	LoginExpired       = 4012
	NotFound           = 99404
)

// expired reports whether the gateway refused a request because of its token. The
// gateway does so before the request reaches the service.
func expired(code int64) bool {
	return code == TokenExpired || code == SessionExpired || code == LoginExpired
}

// refused returns the error of an answer that is not a success.
func (c *Client) refused(call *httpcall.Call, r request, a answer) error {
	refusal := c.refusal(call, r, a)
	return advise(call.Failure(r.op, refusal, nil), c.clockSkew(call, a), elsewhere(call))
}

// refusal reads an answer that is not a success. EnOS answers with status 200 in
// any case, so an undocumented code does not prove that a write had no effect.
func (c *Client) refusal(call *httpcall.Call, r request, a answer) httpcall.Answer {
	code, known := a.code()
	kind := c.options.Classify(code)
	switch success := call.Status/100 == 2; {
	case kind == nil && elsewhere(call) != "":
		return httpcall.Answer{Kind: providers.ErrInvalid}
	case code == NotFound && r.pipeline == "":
		kind = providers.ErrInvalid // the path does not exist, not a pipeline
	case kind == nil && !success && (!known || a.message() == ""):
		return httpcall.Answer{} // the status and the body are more helpful
	case kind == nil && success && r.writes:
		kind = errors.Join(providers.ErrInDoubt, providers.ErrInvalid)
	}
	return httpcall.Answer{Kind: kind, Code: strconv.FormatInt(code, 10), Message: a.message()}
}

// advise adds advice to an error. Empty advice is left out.
func advise(err error, advice ...string) error {
	var own *providers.Error
	if !errors.As(err, &own) {
		return err
	}
	for _, more := range advice {
		if more != "" {
			own.Message += "; " + more
		}
	}
	return err
}

// elsewhere returns what to check if an answer does not come from the API: another
// server, or a gateway without this service.
func elsewhere(call *httpcall.Call) string {
	page := call.Status/100 == 2 && bytes.HasPrefix(bytes.TrimSpace(call.Body), []byte("<"))
	if !page && call.Status != http.StatusNotFound && call.Status != http.StatusMethodNotAllowed {
		return ""
	}
	return "this address does not serve the API: check endpoint, the console shows the address of the API gateway under Help, Environment Information"
}

// clockSkew describes a difference between the clocks that is large enough to be
// the reason why the gateway refuses a signature or a token, which cover the time.
func (c *Client) clockSkew(call *httpcall.Call, a answer) string {
	code, known := a.code()
	denied := !known && (call.Status == http.StatusUnauthorized || call.Status == http.StatusForbidden)
	if code != EncryptionInvalid && code != ParameterInvalid && !expired(code) && !denied {
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
	return fmt.Sprintf("this machine's clock differs from the gateway's by %s, and signatures cover the time: set the clock", off)
}

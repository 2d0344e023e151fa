package huaweirocketmq

import (
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// kinds maps the codes for which the HTTP status is not enough. For other codes the
// status decides: in the manual's tables 401 and 403 are denials, 404 is what does not
// exist, 429 a limit, 5xx a failure, and any other 4xx an invalid request.
var kinds = map[string]error{
	"DMS.50050004": providers.ErrPrecondition, // the group is offline
	"DMS.00400026": providers.ErrPrecondition, // not allowed in the instance's present state
	"DMS.00400975": providers.ErrUnavailable,  // the topics could not be queried
	"APIG.0202":    providers.ErrUnavailable,  // the backend is unavailable
	"APIG.0203":    providers.ErrUnavailable,  // the backend timed out
	"APIG.0308":    providers.ErrThrottled,
}

// classify returns the kind of an error code, or nil if the HTTP status decides.
func classify(code string) error { return kinds[strings.Replace(code, "APIGW.", "APIG.", 1)] }

package aliyunsls

import (
	"errors"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/providers"
)

// kinds maps the service's codes, in lower case, to the contract's kinds. Three codes
// also have another spelling of the service's.
var kinds = map[string]error{
	"projectnotexist":       providers.ErrNotFound,
	"projectnotexists":      providers.ErrNotFound,
	"logstorenotexist":      providers.ErrNotFound,
	"consumergroupnotexist": providers.ErrNotFound,
	"consumernotexist":      providers.ErrNotFound,
	"consumernotexsit":      providers.ErrNotFound,
	"shardnotexist":         providers.ErrNotFound,
	"shardnotexsit":         providers.ErrNotFound,
	"logstorewithoutshard":  providers.ErrNotFound,

	"unauthorized":           providers.ErrDenied,
	"signaturenotmatch":      providers.ErrDenied,
	"invalidaccesskeyid":     providers.ErrDenied,
	"missaccesskeyid":        providers.ErrDenied,
	"securitytokenexpired":   providers.ErrDenied,
	"requesttimeexpired":     providers.ErrDenied, // this machine's clock is more than 15 minutes off
	"requesttimetooskewed":   providers.ErrDenied,
	"projectforbidden":       providers.ErrDenied,
	"invalidsignaturemethod": providers.ErrDenied,

	"consumernotmatch": providers.ErrPrecondition,

	"readquotaexceed":               providers.ErrThrottled,
	"writequotaexceed":              providers.ErrThrottled,
	"shardreadquotaexceed":          providers.ErrThrottled,
	"shardwritequotaexceed":         providers.ErrThrottled,
	"exceedquota":                   providers.ErrThrottled,
	"metaoperationqpslimitexceeded": providers.ErrThrottled,

	"internalservererror": providers.ErrUnavailable,
	"serverbusy":          providers.ErrUnavailable,
	"requesttimeout":      providers.ErrUnavailable,

	"invalidshardcheckpoint": providers.ErrInvalid,
	"invalidcursor":          providers.ErrInvalid,
	"parameterinvalid":       providers.ErrInvalid,
	"postbodyinvalid":        providers.ErrInvalid,
	"invalidcontenttype":     providers.ErrInvalid,
	"missingparameter":       providers.ErrInvalid,
	"postbodytoolarge":       providers.ErrInvalid,
	"invalidmethod":          providers.ErrInvalid, // of an endpoint that does not have the action
	"invalidhost":            providers.ErrInvalid,
	"invalidrequesttime":     providers.ErrInvalid,
}

// relocate is what to do if the endpoint does not know what was requested.
const relocate = "correct the region or the endpoint"

// advice is what to do about a refusal whose own message does not say it, by the
// code in lower case.
var advice = map[string]string{
	"projectnotexist":      "correct the project, the region or the endpoint: a project exists in one region only",
	"projectnotexists":     "correct the project, the region or the endpoint: a project exists in one region only",
	"projectforbidden":     "look for an overdue payment; a new project needs a few minutes",
	"invalidmethod":        "the endpoint does not offer this request; " + relocate,
	"invalidhost":          relocate,
	"requesttimeexpired":   clock,
	"requesttimetooskewed": clock,
	"unauthorized":         wrongKey,
	"signaturenotmatch":    wrongKey,
	"invalidaccesskeyid":   wrongKey,
	"securitytokenexpired": newKey,
}

const (
	wrongKey = "check that the key's id and secret belong together, and that it is enabled"
	newKey   = "request a new temporary key, and check that its token belongs to it"
)

const clock = "correct this machine's clock, which may differ from the service's by 15 minutes"

// denial matches the message for a key that lacks a permission: the code is the one
// for a key that does not exist.
var denial = pattern.New(`denied by sts or ram, action: ([\w:*-]+)(, resource: \S+)?`)

// classify returns what to do about a refusal, "" if its message says enough, and its
// kind, nil if its code is unknown. Some codes also come in other cases.
func classify(code, message string) (remedy string, kind error) {
	low := strings.ToLower(code)
	kind, known := kinds[low]
	if !known && (strings.HasSuffix(low, "exceed") || strings.HasSuffix(low, "exceeded")) {
		kind = providers.ErrThrottled
	}
	remedy = advice[low]
	if found := denial.FindStringSubmatch(message); found != nil {
		remedy = "grant the key's user " + found[1] + map[bool]string{true: " on this resource"}[found[2] != ""] + ", in RAM"
	} else if strings.Contains(message, "does not belong to you") {
		remedy = "use a key of the project's account, or correct the project"
	} else if strings.Contains(message, "has not opened") {
		remedy = "activate Log Service for the key's account, in the console"
	} else if low == "unauthorized" && strings.Contains(strings.ToLower(message), "token") {
		remedy = newKey
	}
	return remedy, kind
}

// isCode reports whether an error has a code of the service.
func isCode(err error, code string) bool {
	var e *providers.Error
	return errors.As(err, &e) && strings.EqualFold(e.Code, code)
}

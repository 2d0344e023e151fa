package huaweirocketmq

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/internal/api"
)

// kinds maps the codes for which the HTTP status is not enough. For other codes the
// status decides: in the manual's tables 401 and 403 are denials, 404 is what does not
// exist, 429 a limit, 5xx a failure, and any other 4xx an invalid request.
var kinds = map[string]error{
	"50050004":  providers.ErrPrecondition, // the group is offline
	"00400026":  providers.ErrPrecondition, // not allowed in the instance's present state
	"00400975":  providers.ErrUnavailable,  // the topics could not be queried
	"10240101":  providers.ErrDenied,       // the token is invalid
	"10240102":  providers.ErrDenied,       // the token has expired
	"APIG.0101": providers.ErrInvalid,      // the endpoint has no such API
	"APIG.0202": providers.ErrUnavailable,  // the backend is unavailable
	"APIG.0203": providers.ErrUnavailable,  // the backend timed out
	"APIG.0308": providers.ErrThrottled,
}

// normal returns the form of a code that kinds has: DMS's codes come with their prefix
// or without it, and the gateway has two names.
func normal(code string) string {
	return strings.TrimPrefix(strings.Replace(code, "APIGW.", "APIG.", 1), "DMS.")
}

// permissions are what each action needs, as identity policies name it, and the name
// in the older policies.
var permissions = map[string][2]string{
	"ResetConsumeOffset":         {"dms:group:resetConsumeOffset", "dms:instance:modify"},
	"ShowGroup":                  {"dms:group:get", "dms:instance:get"},
	"ShowConsumerConnections":    {"dms:group:get", "dms:instance:get"},
	"ShowConsumerListOrDetails":  {"dms:group:get", "dms:instance:get"},
	"ListInstanceConsumerGroups": {"dms:group:list", "dms:instance:get"},
	"ShowTopicStatus":            {"dms:topic:get", "dms:instance:get"},
	"ListRocketInstanceTopics":   {"dms:topic:list", "dms:instance:get"},
}

// An explainer puts the service's refusals into words.
type explainer struct {
	endpoint, region, instance, key string // key: where the key was found
}

// explain returns the kind of a refusal, or nil if the HTTP status decides, and what
// to do about it, or "".
func (e explainer) explain(r api.Refusal) (error, string) { //nolint:staticcheck // the error is a kind, and the remedy belongs to it
	code := normal(r.Code)
	kind := kinds[code]
	switch {
	case r.Status == 404 && (code == "" || strings.HasPrefix(code, "APIG.")):
		return providers.ErrInvalid, fmt.Sprintf("%s does not offer this API: check endpoint and region (%s); clouds of partners, such as eu-west-0 "+
			"and ru-moscow-1, need their own endpoint", e.endpoint, e.region)
	case code == "50050004":
		return kind, "a reset needs an online consumer: start the group's consumers, then run resetplan again"
	case code == "00404022":
		return kind, fmt.Sprintf("check instanceId (%s), region (%s) and projectId", e.instance, e.region)
	case code == "10240104", code == "00400002":
		return kind, fmt.Sprintf("check projectId: the console shows the id for region %s under My Credentials", e.region)
	case code == "10240306":
		return kind, "check the account's bills in the console"
	case r.Status == 401 || r.Status == 403 || errors.Is(kind, providers.ErrDenied):
		return kind, e.denial(r, code)
	}
	return kind, ""
}

// Words of the gateway about a request's date, and the form of an action in policies.
var (
	aboutClock = pattern.New(`(?i)sdk-?date|timestamp|time ?stamp|clock|signature (?:has )?expired|request time`)
	aboutToken = pattern.New(`(?i)token`)
	anAction   = pattern.New(`\b[a-z]+:[A-Za-z]+:[A-Za-z]+\b`)
	aboutWhich = pattern.New(`(?i)(?:perform|action)["': ]+([a-z]+:[A-Za-z]+:[A-Za-z]+)`)
)

// denial returns what to check if a request is denied.
func (e explainer) denial(r api.Refusal, code string) string {
	switch {
	case aboutClock.MatchString(r.Message):
		return "the clock of this machine differs from the service's by more than 15 minutes: set it, for example by NTP"
	case r.Status == 403 || r.Encoded != "" || aboutWhich.MatchString(r.Message):
		return e.permission(r)
	case code == "10240101", code == "10240102", aboutToken.MatchString(r.Message):
		return fmt.Sprintf("the credentials are from %s: get a new token, or a new temporary key with its security token", e.key)
	}
	return fmt.Sprintf("the key is from %s: check in the console that it exists, is enabled, and that its secret matches", e.key)
}

// permission names the permission that is missing: as the answer does, or as the
// manual does for the action.
func (e explainer) permission(r api.Refusal) string {
	plain, _ := base64.StdEncoding.DecodeString(r.Encoded)
	needed := ""
	if m := aboutWhich.FindStringSubmatch(r.Message + "\n" + string(plain)); m != nil {
		needed = m[1]
	}
	if needed = cmp.Or(needed, anAction.FindString(r.Message), anAction.FindString(string(plain))); needed != "" {
		return fmt.Sprintf("allow %s in the policies of the user or agency (the key is from %s)", needed, e.key)
	}
	var words []string
	if p, known := permissions[r.Action]; known {
		words = append(words, fmt.Sprintf("%s needs %s, or %s in policies of the older kind: allow it for the user or agency (the key is from %s)",
			r.Action, p[0], p[1], e.key))
	} else {
		words = append(words, "check the permissions of the user or agency; the key is from "+e.key)
	}
	if r.Encoded != "" {
		words = append(words, "IAM explains the denial if its API DecodeAuthorizationMessage is given "+r.Encoded)
	}
	return strings.Join(words, "; ")
}

package aliyun

import (
	"encoding/json"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
)

// A cause is what a service refuses about a signed request.
type cause int

const (
	other cause = iota
	badKey
	badToken
	badClock
	noPermission
)

// causes map parts of error codes to causes. All services of the vendor use these
// words; their spelling of the rest differs.
var causes = []struct {
	part  string
	cause cause
}{
	{"securitytoken", badToken},
	{"timestamp", badClock}, {"requesttime", badClock}, {"signaturenonceused", badClock},
	{"accesskey", badKey}, {"signature", badKey},
	{"forbidden", noPermission}, {"nopermission", noPermission}, {"permission_check", noPermission}, {"unauthorized", noPermission},
	{"request_not_allowed", noPermission}, {"owner_error", noPermission},
}

func causeOf(code string) cause {
	switch code { // of an answer with HTTP status 200
	case "401":
		return badKey
	case "403":
		return noPermission
	}
	low := strings.ToLower(code)
	for _, c := range causes {
		if strings.Contains(low, c.part) {
			return c.cause
		}
	}
	return other
}

// Advice returns what to check about a refused request: which key was refused and
// where it comes from, the clock, or the missing permission, which the answer may
// name. It is "" for a refusal that has another cause.
func (s *Source) Advice(code, message, permission string) string {
	if permission == "" {
		permission = deniedAction(message)
	}
	why := causeOf(code)
	if why == noPermission && permission == "" && strings.Contains(message, "AccessKeyId") {
		why = badKey // some services have one code for both
	}
	switch why {
	case badKey:
		return "the key comes from " + s.from + ": check that its id and secret belong together, and that it is enabled"
	case badToken:
		return "the temporary key comes from " + s.from + ": get a new one if it has expired, and check that the token belongs to the key"
	case badClock:
		return "the clock of this machine differs from the service's: synchronise it and try again"
	case noPermission:
		if permission == "" {
			permission = "the permission, or use another key"
		}
		return "the key comes from " + s.from + ": grant its user or role " + permission
	}
	return ""
}

// Origin names the place of the key that a service has refused with a code. It is ""
// if the code is about the clock of this machine.
func (s *Source) Origin(code string) string {
	if causeOf(code) == badClock {
		return ""
	}
	return "the key comes from " + s.from
}

// denied matches a message that names the refused action: "denied by sts or ram,
// action: log:GetCursor, resource: acs:log:…".
var denied = pattern.New(`action: ?([A-Za-z]+:[A-Za-z]+)(?:, resource: ?(\S*[^\s.,;]))?`)

func deniedAction(message string) string {
	m := denied.FindStringSubmatch(message)
	switch {
	case m == nil:
		return ""
	case m[2] == "":
		return "the permission " + m[1]
	}
	return "the permission " + m[1] + " on " + m[2]
}

// Permission returns the permission that an answer's AccessDeniedDetail names, such
// as "alikafka:UpdateGroup (for RAM user 2003…, denied by an ACCOUNT policy)", or "".
// Its long encoded form is left out: only the account's administrator can read it.
func Permission(body []byte) string {
	var answer struct {
		Detail struct{ AuthAction, PolicyType, NoPermissionType, AuthPrincipalType, AuthPrincipalDisplayName string } `json:"AccessDeniedDetail"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Detail.AuthAction == "" {
		return ""
	}
	d := answer.Detail
	var more []string
	if d.AuthPrincipalDisplayName != "" {
		more = append(more, "refused for "+strings.TrimSpace(d.AuthPrincipalType+" "+d.AuthPrincipalDisplayName))
	}
	if d.NoPermissionType != "" {
		more = append(more, d.NoPermissionType)
	}
	if d.PolicyType != "" {
		more = append(more, "policy type "+d.PolicyType)
	}
	if len(more) == 0 {
		return "the permission " + d.AuthAction
	}
	return "the permission " + d.AuthAction + " (" + strings.Join(more, ", ") + ")"
}

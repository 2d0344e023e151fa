package aliyun_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
)

func TestARefusalSaysWhereTheKeyComesFromAndWhatToCheck(t *testing.T) {
	source, err := aliyun.Find("some-service", providers.Credentials{}, process(home(t, "", ""), current))
	check(t, err)
	const from = "$ALIBABA_CLOUD_ACCESS_KEY_ID and $ALIBABA_CLOUD_ACCESS_KEY_SECRET"
	for code, want := range map[string][]string{
		"SignatureDoesNotMatch":        {from, "id and secret belong together"},
		"InvalidAccessKeyId.NotFound":  {from, "enabled"},
		"InvalidAccessKeyId.Inactive":  {from, "enabled"},
		"InvalidSecurityToken.Expired": {from, "expired"},
		"SecurityTokenExpired":         {from, "expired"},
		"InvalidTimeStamp.Expired":     {"clock", "synchronise"},
		"RequestTimeTooSkewed":         {"clock"},
		"Forbidden.RAM":                {from, "grant its user or role the permission x:Y"},
		"AUTH_PERMISSION_CHECK_ERROR":  {"grant"},
		"BIZ_INSTANCE_NOT_FOUND":       {""},
	} {
		got := source.Advice(code, "as the service says.", "the permission x:Y")
		if (got == "") != (want[0] == "") {
			t.Errorf("%s: got %q", code, got)
		}
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is not in %q", code, w, got)
			}
		}
	}
	for message, want := range map[string]string{
		"denied by sts or ram, action: log:GetCursor, resource: acs:log:cn-hangzhou:1:project/p/logstore/l": "grant its user or role the permission log:GetCursor on acs:log:cn-hangzhou:1:project/p/logstore/l",
		"AccessKeyId not found: LTAI": "id and secret belong together",
		"":                            "grant its user or role the permission, or use another key",
	} {
		if got := source.Advice("Unauthorized", message, ""); !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

func TestThePermissionOfAnAnswer(t *testing.T) {
	for body, want := range map[string]string{
		`{"AccessDeniedDetail": {"AuthAction": "alikafka:UpdateGroup", "PolicyType": "AccountLevelIdentityBasedPolicy", "NoPermissionType": "ImplicitDeny",
			"AuthPrincipalType": "SubUser", "AuthPrincipalDisplayName": "2003", "EncodedDiagnosticMessage": "AQEA"}}`: "the permission alikafka:UpdateGroup (refused for SubUser 2003, ImplicitDeny, policy type AccountLevelIdentityBasedPolicy)",
		`{"AccessDeniedDetail": {"AuthAction": "alikafka:ListGroup"}}`: "the permission alikafka:ListGroup",
		`{"AccessDeniedDetail": {}}`:                                   "", `{}`: "", `<Error/>`: "", `{"AccessDeniedDetail": "x"}`: "",
	} {
		if got := aliyun.Permission([]byte(body)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

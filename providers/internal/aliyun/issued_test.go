package aliyun_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
)

// issuedN are the keys of the emulated service's answer number n.
func issuedN(n int) aliyun.Keys {
	return aliyun.Keys{AccessKeyID: fmt.Sprintf("STS.id-%d", n), AccessKeySecret: fmt.Sprintf("issued-secret-%d", n),
		SecurityToken: fmt.Sprintf("issued-token-%d", n)}
}

// modes is a configuration with every mode of the command line client that requests
// keys. %d is a time in the future.
const modes = `{"current": "role", "profiles": [
	{"name": "role", "mode": "RamRoleArn", "access_key_id": "role-id", "access_key_secret": "role-secret", "ram_role_arn": "acs:ram::1:role/x",
	 "ram_session_name": "nightly", "expired_seconds": 900, "sts_region": "cn-hangzhou", "external_id": "ext"},
	{"name": "role-with-token", "mode": "RamRoleArn", "access_key_id": "role-id", "access_key_secret": "role-secret", "sts_token": "role-token",
	 "ram_role_arn": "acs:ram::1:role/x"},
	{"name": "machine", "mode": "EcsRamRole", "ram_role_name": "machine-role"},
	{"name": "any-machine", "mode": "ecsramrole"},
	{"name": "machine-role", "mode": "RamRoleArnWithRoleName", "ram_role_name": "machine-role", "ram_role_arn": "acs:ram::1:role/y"},
	{"name": "chain", "mode": "ChainableRamRoleArn", "source_profile": "machine", "ram_role_arn": "acs:ram::1:role/z", "ram_session_name": "chained"},
	{"name": "cluster", "mode": "OIDC", "oidc_provider_arn": "acs:ram::1:oidc-provider/p", "oidc_token_file": "TOKENFILE",
	 "ram_role_arn": "acs:ram::1:role/pod", "sts_region": "cn-hangzhou", "enable_vpc": true},
	{"name": "uri", "mode": "CredentialsURI", "credentials_uri": "http://keys.example.com/issue?session=s3ssion-of-a-container"},
	{"name": "sso", "mode": "CloudSSO", "cloud_sso_sign_in_url": "https://signin.example.com/start", "cloud_sso_account_id": "a-1",
	 "cloud_sso_access_config": "c-1", "access_token": "sso-access-token", "cloud_sso_access_token_expire": 4102444800},
	{"name": "unnamed-mode", "ram_role_name": "machine-role"}]}`

func TestEveryModeThatRequestsKeys(t *testing.T) {
	tokenFile := filepath.Join(t.TempDir(), "token")
	check(t, os.WriteFile(tokenFile, []byte("identity-token"), 0o600))
	configuration := strings.ReplaceAll(modes, "TOKENFILE", tokenFile)
	identity := map[string]string{"ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/pod", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1:oidc-provider/p",
		"ALIBABA_CLOUD_OIDC_TOKEN_FILE": tokenFile}
	const metadata, security = "100.100.100.200", "/latest/meta-data/ram/security-credentials/"
	for name, c := range map[string]struct {
		profile           string
		env               map[string]string
		commandLine, file string
		requests          int
		host, path        string
		form              map[string]string
		where             string
	}{
		"a role": {commandLine: configuration, requests: 1, host: "sts.cn-hangzhou.aliyuncs.com", path: "/", form: map[string]string{
			"Action": "AssumeRole", "AccessKeyId": "role-id", "RoleArn": "acs:ram::1:role/x", "RoleSessionName": "nightly", "DurationSeconds": "900",
			"ExternalId": "ext"}, where: `profile "role" (mode RamRoleArn) in ~/.aliyun/config.json`},
		"a role, by temporary keys": {profile: "role-with-token", commandLine: configuration, requests: 1, host: "sts.aliyuncs.com", path: "/",
			form: map[string]string{"SecurityToken": "role-token", "RoleSessionName": "resetplan", "DurationSeconds": "3600"}},
		"an instance role":        {profile: "machine", commandLine: configuration, requests: 1, host: metadata, path: security + "machine-role"},
		"the instance's own role": {profile: "any-machine", commandLine: configuration, requests: 1, host: metadata, path: security + "role-of-the-machine"},
		"a profile without mode":  {profile: "unnamed-mode", commandLine: configuration, requests: 1, host: metadata, path: security + "machine-role"},
		"an instance role, by its own variable": {env: map[string]string{"ALIBABA_CLOUD_ECS_METADATA": "named-role"}, requests: 1, host: metadata,
			path: security + "named-role", where: "the instance role in $ALIBABA_CLOUD_ECS_METADATA"},
		"an instance role that assumes a role": {profile: "machine-role", commandLine: configuration, requests: 2, host: "sts.aliyuncs.com", path: "/",
			form: map[string]string{"Action": "AssumeRole", "AccessKeyId": "STS.id-1", "SecurityToken": "issued-token-1", "RoleArn": "acs:ram::1:role/y"}},
		"a chain of profiles": {profile: "chain", commandLine: configuration, requests: 2, host: "sts.aliyuncs.com", path: "/",
			form: map[string]string{"AccessKeyId": "STS.id-1", "SecurityToken": "issued-token-1", "RoleSessionName": "chained"}},
		"an OIDC identity": {profile: "cluster", commandLine: configuration, requests: 1, host: "sts-vpc.cn-hangzhou.aliyuncs.com", path: "/",
			form: map[string]string{"Action": "AssumeRoleWithOIDC", "OIDCToken": "identity-token", "RoleArn": "acs:ram::1:role/pod"}},
		"an OIDC identity in variables, before files": {env: identity, commandLine: configuration, requests: 1, host: "sts.aliyuncs.com", path: "/",
			form: map[string]string{"OIDCToken": "identity-token", "OIDCProviderArn": "acs:ram::1:oidc-provider/p"}, where: "the OIDC identity in $ALIBABA_CLOUD_ROLE_ARN"},
		"a credentials URI": {profile: "uri", commandLine: configuration, requests: 1, host: "keys.example.com", path: "/issue"},
		"a credentials URI in a variable": {env: map[string]string{"ALIBABA_CLOUD_CREDENTIALS_URI": "http://keys.example.com/own"}, requests: 1,
			host: "keys.example.com", path: "/own", where: "the credentials URI in $ALIBABA_CLOUD_CREDENTIALS_URI"},
		"a sign-in": {profile: "sso", commandLine: configuration, requests: 1, host: "signin.example.com", path: "/cloud-credentials"},
		"an instance role of the profile file": {profile: "machine", file: profiles, requests: 1, host: metadata, path: security + "x",
			where: `profile "machine" (type ecs_ram_role) in ~/.alibabacloud/credentials`},
		"a role of the profile file": {profile: "role", file: "[role]\ntype = ram_role_arn\naccess_key_id = i\naccess_key_secret = s\nrole_arn = r\n" +
			"role_session_name = file-session\n", requests: 1, host: "sts.aliyuncs.com", path: "/", form: map[string]string{"RoleSessionName": "file-session"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			p := process(home(t, c.commandLine, c.file), s.through(c.env))
			source, err := aliyun.Find("some-service", providers.Credentials{Profile: c.profile}, p)
			check(t, err)
			if s.count() != 0 {
				t.Error("it contacted a service before keys were needed")
			}
			got, err := source.Keys(t.Context(), time.Minute)
			want := issuedN(c.requests)
			if err != nil || got != want || s.count() != c.requests {
				t.Fatalf("got %v, %v after %d requests", got, err, s.count())
			}
			in := s.last(t)
			if in.host != c.host || in.path != c.path || !strings.Contains(source.Where(), c.where) {
				t.Errorf("it requested %s%s for %q", in.host, in.path, source.Where())
			}
			for key, value := range c.form {
				if in.form[key] != value {
					t.Errorf("%s is %q, want %q", key, in.form[key], value)
				}
			}
			for _, secret := range []string{want.AccessKeyID, want.AccessKeySecret, want.SecurityToken} {
				if p.Secrets.Hide("x "+secret+" x") != "x "+providers.Hidden+" x" {
					t.Errorf("%s is not hidden", secret)
				}
			}
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestKeysAreKeptAsLongAsTheyAreValid(t *testing.T) {
	s := start(t)
	source, err := aliyun.Find("some-service", providers.Credentials{Profile: "machine"}, process(home(t, modes, ""), s.through()))
	check(t, err)
	for range 3 {
		if got, err := source.Keys(t.Context(), time.Minute); err != nil || got != issuedN(1) {
			t.Fatalf("got %v, %v", got, err)
		}
	}
}

func TestKeysThatExpireAreRequestedAgain(t *testing.T) {
	for _, profile := range []string{"machine", "role", "chain", "uri", "sso"} {
		t.Run(profile, func(t *testing.T) {
			s := start(t)
			s.lasts = time.Minute // less than the time for which one request may need them
			p := process(home(t, modes, ""), s.through())
			source, err := aliyun.Find("some-service", providers.Credentials{Profile: profile}, p)
			check(t, err)
			before, err := source.Keys(t.Context(), time.Minute)
			check(t, err)
			after, err := source.Keys(t.Context(), time.Minute)
			if err != nil || after == before || p.Secrets.Hide(after.AccessKeySecret) != providers.Hidden {
				t.Errorf("got %v after %v, %v", after, before, err)
			}
		})
	}
}

// TestNoServiceIsContactedUnlessAModeSaysSo checks that a search that finds nothing
// contacts nothing.
func TestNoServiceIsContactedUnlessAModeSaysSo(t *testing.T) {
	s := start(t)
	_, err := find(t, providers.Credentials{}, s.through(), "", "")
	if !errors.Is(err, providers.ErrDenied) || s.count() != 0 {
		t.Errorf("got %v after %d requests", err, s.count())
	}
	_, err = find(t, providers.Credentials{Profile: "absent"}, s.through(map[string]string{"ALIBABA_CLOUD_ECS_METADATA": "role",
		"ALIBABA_CLOUD_CREDENTIALS_URI": "http://keys.example.com/"}), modes, "")
	if !errors.Is(err, providers.ErrDenied) || s.count() != 0 {
		t.Errorf("for a profile that does not exist: got %v after %d requests", err, s.count())
	}
}

func TestAFailedRequestForKeysNamesThePlace(t *testing.T) {
	answer := func(status int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		profile string
		refusal func(http.ResponseWriter)
		env     map[string]string
		kind    error
		words   []string
	}{
		"a role that may not be assumed": {"role", answer(403, `{"Code": "NoPermission", "Message": "You are not authorized to do this action.", "RequestId": "R-9"}`),
			nil, providers.ErrDenied, []string{"NoPermission", "R-9", `profile "role" (mode RamRoleArn) in ~/.aliyun/config.json`}},
		"a throttled role": {"role", answer(400, `{"Code": "Throttling.User", "Message": "Request was denied.", "RequestId": "R-9"}`), nil,
			providers.ErrThrottled, []string{"Throttling.User"}},
		"an instance without the role": {"machine", answer(404, `<?xml version="1.0"?><html>404 - Not Found</html>`), nil, providers.ErrDenied,
			[]string{"metadata service", "404", "RAM role"}},
		"an answer that the library panics on": {"machine", answer(200, `{"Code": "Success", "AccessKeyId": "i-77", "AccessKeySecret": "s-77", "SecurityToken": "t-77"}`), nil,
			providers.ErrDenied, []string{"unexpected response"}},
		"a page instead of keys": {"uri", answer(200, `<html>`), nil, providers.ErrDenied, []string{`profile "uri"`}},
		"no metadata service": {"machine", nil, map[string]string{"HTTP_PROXY": "http://127.0.0.1:1"}, providers.ErrUnavailable,
			[]string{"metadata service", "ECS"}},
		"no service behind the URI": {"uri", nil, map[string]string{"HTTP_PROXY": "http://127.0.0.1:1"}, providers.ErrUnavailable,
			[]string{"http://keys.example.com", "refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			s.refusal = c.refusal
			env := s.through()
			for k, v := range c.env {
				env[k] = v
			}
			_, err := find(t, providers.Credentials{Profile: c.profile}, env, modes, "")
			if !errors.Is(err, c.kind) {
				t.Fatalf("got %v", err)
			}
			for _, w := range append(c.words, "the keys are requested for") {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in %q", w, err)
				}
			}
			for _, secret := range []string{"role-secret", "role-id", "s3ssion", "i-77", "s-77"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%q is in %q", secret, err)
				}
			}
		})
	}
}

func TestRequestsForKeysThatWouldRevealThem(t *testing.T) {
	for name, c := range map[string]struct {
		profile string
		env     map[string]string
		want    string
	}{
		"an instance role through a proxy of another machine": {"machine", map[string]string{"HTTP_PROXY": "http://proxy.example.com:3128"}, "NO_PROXY"},
		"the library's own log":                               {"machine", map[string]string{"DEBUG": "sdk,credential"}, "DEBUG"},
		"metadata switched off":                               {"machine", map[string]string{"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}, "ALIBABA_CLOUD_ECS_METADATA_DISABLED"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := aliyun.Find("some-service", providers.Credentials{Profile: c.profile}, process(home(t, modes, ""), c.env))
			if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	past := map[string]string{"HTTP_PROXY": "http://proxy.example.com:3128", "NO_PROXY": "100.100.100.200"}
	if _, err := aliyun.Find("some-service", providers.Credentials{Profile: "machine"}, process(home(t, modes, ""), past)); err != nil {
		t.Errorf("past the proxy: got %v", err)
	}
}

func TestARequestForKeysEndsWithItsContextOrTimeout(t *testing.T) {
	s := start(t)
	s.refusal = func(http.ResponseWriter) { time.Sleep(300 * time.Millisecond) }
	source, err := aliyun.Find("some-service", providers.Credentials{Profile: "uri"}, process(home(t, modes, ""), s.through()))
	check(t, err)
	if _, err := source.Keys(t.Context(), time.Millisecond); !errors.Is(err, providers.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestACommandPrintsAProfile(t *testing.T) {
	dir := t.TempDir()
	counter, script := filepath.Join(dir, "n"), filepath.Join(dir, "keys.sh")
	check(t, os.WriteFile(script, []byte("echo x >> "+counter+"\nn=$(wc -l < "+counter+" | tr -d ' ')\n"+
		`echo "{\"mode\": \"StsToken\", \"access_key_id\": \"printed-id-$n\", \"access_key_secret\": \"printed-secret\", \"sts_token\": \"printed-token\"}"`), 0o600))
	configuration := fmt.Sprintf(`{"profiles": [{"name": "outside", "mode": "External", "process_command": "sh %s"},
		{"name": "broken", "mode": "External", "process_command": "sh -c false"}]}`, script)
	now := time.Now()
	p := process(home(t, configuration, ""), nil)
	p.Now = func() time.Time { return now }
	source, err := aliyun.Find("some-service", providers.Credentials{Profile: "outside"}, p)
	check(t, err)
	for i, want := range []string{"printed-id-1", "printed-id-1", "printed-id-2"} {
		got, err := source.Keys(t.Context(), time.Minute)
		if err != nil || got != (aliyun.Keys{AccessKeyID: want, AccessKeySecret: "printed-secret", SecurityToken: "printed-token"}) {
			t.Errorf("call %d: got %v, %v", i, got, err)
		}
		if i == 1 {
			now = now.Add(11 * time.Minute)
		}
	}
	if p.Secrets.Hide("printed-secret") != providers.Hidden {
		t.Error("the secret is not hidden")
	}
	if _, err := find(t, providers.Credentials{Profile: "broken"}, nil, configuration, ""); !errors.Is(err, providers.ErrDenied) ||
		!strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("got %v", err)
	}
}

// TestKeysAreRequestedOnlyFromPermittedAddresses has every mode that requests keys.
func TestKeysAreRequestedOnlyFromPermittedAddresses(t *testing.T) {
	for _, profile := range []string{"role", "machine", "machine-role", "chain", "uri", "sso"} {
		s := start(t)
		p := process(home(t, modes, ""), s.through())
		var asked []string
		p.Reach = func(address string) error {
			asked = append(asked, address)
			return &providers.Error{Kind: providers.ErrForbidden, Message: address + " is not permitted"}
		}
		_, err := aliyun.Find("some-service", providers.Credentials{Profile: profile}, p)
		if !errors.Is(err, providers.ErrForbidden) || errors.Is(err, providers.ErrDenied) || len(asked) == 0 || s.count() != 0 {
			t.Errorf("%s: requested %q, %d requests, %v", profile, asked, s.count(), err)
		}
	}
}

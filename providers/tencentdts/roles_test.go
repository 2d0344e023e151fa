package tencentdts_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/resetplan/resetplan/providers/tencentdts"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
)

// account is a service whose temporary keys are issued by an Identity.
type account struct {
	*service
	identity *tencentdtsfake.Identity
	issuer   string // the URL of the identity
	now      time.Time
}

func withIdentity(t *testing.T) *account {
	t.Helper()
	a := &account{service: start(t), now: time.Now()}
	a.identity = a.Identity(func() time.Time { return a.now })
	web := httptest.NewServer(a.identity)
	t.Cleanup(web.Close)
	a.issuer = web.URL
	return a
}

// connect connects with keys from the places that a process has.
func (a *account) connect(t *testing.T, named providers.Credentials, e providers.Process) (providers.Connection, error) {
	t.Helper()
	e.Now = func() time.Time { return a.now }
	conn, err := tencentdts.NewWith(a.issuer, a.issuer).Connect(providers.Config{Decode: providertest.Keys(config()), Endpoint: a.url,
		Timeout: 10 * time.Second, RateLimit: 1000, Credentials: named}, e)
	if err == nil {
		t.Cleanup(func() { check(t, conn.Close()) })
	}
	return conn, err
}

const (
	oneRole = "/latest/meta-data/cam/security-credentials/"
	roleKey = oneRole + tencentdtsfake.MachineRole
)

// waysToARole are the places that name a role, and what is requested for its key.
func waysToARole() map[string]struct {
	profile string
	env     []string
	files   map[string]string
	want    []string
} {
	variables := []string{"TENCENTCLOUD_SECRET_ID", tencentdtsfake.AccessKey, "TENCENTCLOUD_SECRET_KEY", tencentdtsfake.Secret}
	role := `{"secretId": "` + tencentdtsfake.AccessKey + `", "secretKey": "` + tencentdtsfake.Secret + `", "role-arn": "` + tencentdtsfake.Role + `"`
	type way = struct {
		profile string
		env     []string
		files   map[string]string
		want    []string
	}
	return map[string]way{
		"a role for the variables' key": {env: append(variables, "TENCENTCLOUD_ROLE_ARN", tencentdtsfake.Role, "TENCENTCLOUD_ROLE_SESSION_NAME", "ops"),
			want: []string{"AssumeRole"}},
		"a role for the file's key": {env: []string{"TENCENTCLOUD_ROLE_ARN", tencentdtsfake.Role},
			files: map[string]string{".tencentcloud/credentials": "[default]\n" + good}, want: []string{"AssumeRole"}},
		"a role in the command line's file": {files: map[string]string{".tccli/default.credential": role + `, "role-session-name": "ops"}`},
			want: []string{"AssumeRole"}},
		"a role without a name for the session": {profile: "prod", files: map[string]string{".tccli/prod.credential": role + `}`},
			want: []string{"AssumeRole"}},
		"a pod's identity": {env: []string{"TKE_REGION", "ap-guangzhou", "TKE_PROVIDER_ID", tencentdtsfake.WebProvider, "TKE_ROLE_ARN",
			tencentdtsfake.Role, "TKE_WEB_IDENTITY_TOKEN_FILE", "~/token"}, files: map[string]string{"token": tencentdtsfake.WebToken + "\n"},
			want: []string{"AssumeRoleWithWebIdentity"}},
		"the virtual machine, by its role's name": {env: []string{"TENCENTCLOUD_CAM_ROLE_NAME", tencentdtsfake.MachineRole}, want: []string{roleKey}},
		"the virtual machine, by the command line's file": {files: map[string]string{".tccli/default.credential": `{"type": "cvm-role"}`},
			want: []string{oneRole, roleKey}},
		"the virtual machine, by a profile": {profile: "vm", env: variables, files: map[string]string{".tccli/vm.credential": `{"type": "cvm-role"}`},
			want: []string{oneRole, roleKey}},
	}
}

// TestKeysOfRoles proves each way to a role by accepted requests, and that its key
// is renewed in the middle of an apply: between a read, a reset and a read.
func TestKeysOfRoles(t *testing.T) {
	for name, c := range waysToARole() {
		t.Run(name, func(t *testing.T) {
			a := withIdentity(t)
			e := home(t, c.env, c.files)
			e.Secrets = &providers.Secrets{}
			getenv := e.Getenv
			e.Getenv = func(name string) string { return strings.Replace(getenv(name), "~", e.Home, 1) }
			conn, err := a.connect(t, providers.Credentials{Profile: c.profile}, e)
			check(t, err)
			if got := a.identity.Requests(); len(got) > 0 {
				t.Errorf("connecting requests %q", got)
			}
			reads := func() error { return conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit)}})[0].Err }
			check(t, errors.Join(reads(), reads()))
			if got := a.identity.Requests(); !slices.Equal(got, c.want) {
				t.Errorf("two reads request %q, want %q", got, c.want)
			}
			if text := e.Secrets.Hide("sandbox-issued-sk-1 sandbox-issued-token-1"); strings.Contains(text, "issued") {
				t.Errorf("the key is no secret: %s", text)
			}
			a.now = a.now.Add(118 * time.Minute)
			a.Expire()
			if _, err := conn.Reset(t.Context(), providers.Move{Target: goal(t, audit), To: []providers.PartMove{to(0, oldest)}}); err != nil {
				t.Errorf("after the key has expired: %v", err)
			}
			check(t, reads())
			if got, want := a.identity.Requests(), append(c.want, c.want...); !slices.Equal(got, want) || a.committed(t, audit)[part(0)] != providers.AtOffset(0) {
				t.Errorf("all requests: %q, want %q", got, want)
			}
		})
	}
}

// TestAPodsTokenIsReadAgain at each renewal: the cluster replaces it.
func TestAPodsTokenIsReadAgain(t *testing.T) {
	a := withIdentity(t)
	e := home(t, nil, map[string]string{"token": "stale"})
	file := filepath.Join(e.Home, "token")
	pod := map[string]string{"TKE_REGION": "ap-guangzhou", "TKE_PROVIDER_ID": tencentdtsfake.WebProvider, "TKE_ROLE_ARN": tencentdtsfake.Role,
		"TKE_WEB_IDENTITY_TOKEN_FILE": file}
	e.Getenv = func(name string) string { return pod[name] }
	conn, err := a.connect(t, providers.Credentials{}, e)
	check(t, err)
	reads := func() error { return conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit)}})[0].Err }
	if err := reads(); err == nil || !strings.Contains(err.Error(), "InvalidParameter.WebIdentityTokenError") || strings.Contains(err.Error(), "stale") {
		t.Errorf("with a stale token: %v", err)
	}
	check(t, os.WriteFile(file, []byte(tencentdtsfake.WebToken), 0o600))
	check(t, reads())
	check(t, os.Remove(file))
	a.now = a.now.Add(3 * time.Hour)
	if err := reads(); !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "$TKE_WEB_IDENTITY_TOKEN_FILE") {
		t.Errorf("without the token's file: %v", err)
	}
}

// TestTheMetadataServiceIsReachedWithoutAProxy: a proxy would answer with the role of
// its own machine. The name does not exist, so only a proxy could answer.
func TestTheMetadataServiceIsReachedWithoutAProxy(t *testing.T) {
	a := withIdentity(t)
	proxy := a.issuer
	a.issuer = "http://metadata.invalid"
	conn, err := a.connect(t, providers.Credentials{}, home(t, []string{"TENCENTCLOUD_CAM_ROLE_NAME", tencentdtsfake.MachineRole, "HTTP_PROXY", proxy}, nil))
	check(t, err)
	err = conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit)}})[0].Err
	if !errors.Is(err, providers.ErrUnavailable) || !strings.HasPrefix(err.Error(), "http://metadata.invalid: ") || len(a.identity.Requests()) > 0 {
		t.Errorf("got %v; the proxy received %q", err, a.identity.Requests())
	}
}

// TestRefusedKeysSayWhereTheyAreFrom and what to check, with the request's id and
// without a secret.
func TestRefusedKeysSayWhereTheyAreFrom(t *testing.T) {
	variables := []string{"TENCENTCLOUD_SECRET_ID", tencentdtsfake.AccessKey, "TENCENTCLOUD_SECRET_KEY", "s3cret"}
	for name, c := range map[string]struct {
		named providers.Credentials
		env   []string
		files map[string]string
		want  []string
	}{
		"variables": {env: variables, want: []string{"SignatureFailure", "from $TENCENTCLOUD_SECRET_ID and $TENCENTCLOUD_SECRET_KEY", "secretKey"}},
		"named variables": {named: providers.Credentials{Env: map[string]string{"secretId": "PROD_ID", "secretKey": "PROD_KEY"}},
			env: []string{"PROD_ID", "unknown", "PROD_KEY", "s3cret"}, want: []string{"SecretIdNotFound", "from $PROD_ID and $PROD_KEY", "site"}},
		"the SDKs' file": {files: map[string]string{".tencentcloud/credentials": "[default]\nsecret_id=sandbox-ak\nsecret_key=s3cret\n"},
			want: []string{"the section default of ~/.tencentcloud/credentials"}},
		"a profile": {named: providers.Credentials{Profile: "prod"}, files: map[string]string{".tccli/prod.credential": `{"secretId": "x", "secretKey": "s3cret"}`},
			want: []string{"from ~/.tccli/prod.credential"}},
		"a login that is over": {files: map[string]string{".tccli/default.credential": `{"type": "sso", "secretId": "sandbox-tmp-ak", "secretKey": "s3cret"}`},
			want: []string{"TokenFailure", "log in again"}},
		"the key for a role": {env: append(variables, "TENCENTCLOUD_ROLE_ARN", tencentdtsfake.Role),
			want: []string{"assume the role " + tencentdtsfake.Role, "SignatureFailure", "from $TENCENTCLOUD_SECRET_ID"}},
		"a role that does not exist": {env: append(slices.Clone(variables[:3]), tencentdtsfake.Secret, "TENCENTCLOUD_ROLE_ARN", "qcs::cam::uin/1:roleName/x"),
			want: []string{"assume the role qcs::cam::uin/1:roleName/x", "ResourceNotFound.RoleNotFound"}},
		"a role that this machine lacks": {env: []string{"TENCENTCLOUD_CAM_ROLE_NAME", "other"}, want: []string{"bind a CAM role"}},
	} {
		a := withIdentity(t)
		conn, err := a.connect(t, c.named, home(t, c.env, c.files))
		check(t, err)
		err = conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit)}})[0].Err
		var own *providers.Error
		if !errors.As(err, &own) || own.RequestID == "" && !strings.Contains(name, "machine") {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: %q is not in %v", name, want, err)
			}
		}
	}
}

// TestAnswersWithKeysAreNotQuoted, whatever is wrong with them.
func TestAnswersWithKeysAreNotQuoted(t *testing.T) {
	for name, answer := range map[string]string{
		"truncated":           `{"TmpSecretId": "planted-id-123", "TmpSecretKey": "planted-key-123", "Response": {"Credentials": {"TmpSecretKey": "planted-key-123`,
		"without the token":   `{"Code": "Success", "TmpSecretId": "planted-id-123", "TmpSecretKey": "planted-key-123", "Response": {"Credentials": {"TmpSecretKey": "planted-key-123"}}}`,
		"a list":              `["planted-key-123"]`,
		"a number for a text": `{"TmpSecretId": 1, "TmpSecretKey": "planted-key-123", "Response": {"Credentials": {"TmpSecretId": 1, "TmpSecretKey": "planted-key-123"}}}`,
	} {
		for _, status := range []int{http.StatusOK, http.StatusBadGateway} {
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = w.Write([]byte(answer))
			}))
			a := withIdentity(t)
			a.issuer = web.URL
			for _, env := range [][]string{{"TENCENTCLOUD_CAM_ROLE_NAME", "r"}, {"TENCENTCLOUD_SECRET_ID", "a", "TENCENTCLOUD_SECRET_KEY", "b",
				"TENCENTCLOUD_ROLE_ARN", "r"}} {
				conn, err := a.connect(t, providers.Credentials{}, home(t, env, nil))
				check(t, err)
				_, err = conn.Reset(t.Context(), providers.Move{Target: goal(t, audit), To: []providers.PartMove{to(0, oldest)}})
				if err == nil || strings.Contains(err.Error(), "planted") || errors.Is(err, providers.ErrInDoubt) || a.Writes() > 0 {
					t.Errorf("%s, status %d: got %v", name, status, err)
				}
			}
			web.Close()
		}
	}
}

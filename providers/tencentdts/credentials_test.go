package tencentdts_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/resetplan/resetplan/providers/tencentdts"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
)

const (
	good      = "secret_id = " + tencentdtsfake.AccessKey + "\nsecret_key = " + tencentdtsfake.Secret + "\n"
	goodJSON  = `{"secretId": "` + tencentdtsfake.AccessKey + `", "secretKey": "` + tencentdtsfake.Secret + `"}`
	wrongJSON = `{"secretId": "wrong", "secretKey": "wrong"}`
	temporary = `{"type": "sso", "secretId": "` + tencentdtsfake.TemporaryKey + `", "secretKey": "` + tencentdtsfake.TemporarySecret + `", "token": "` + tencentdtsfake.Token + `", "expiresAt": 1}`
)

// TestCredentialsAreFound proves each place by an accepted request, and that no other
// service is contacted for it.
func TestCredentialsAreFound(t *testing.T) {
	s := withIdentity(t)
	named := func(fields ...string) providers.Credentials {
		out := providers.Credentials{Env: map[string]string{}}
		for i := 0; i < len(fields); i += 2 {
			out.Env[fields[i]] = fields[i+1]
		}
		return out
	}
	for name, c := range map[string]struct {
		named providers.Credentials
		env   []string
		files map[string]string // in the home folder
	}{
		"variables": {env: []string{"TENCENTCLOUD_SECRET_ID", tencentdtsfake.AccessKey, "TENCENTCLOUD_SECRET_KEY",
			tencentdtsfake.Secret}, files: map[string]string{".tccli/default.credential": wrongJSON}},
		"variables that the document names": {named: named("secretId", "PROD_ID", "secretKey", "PROD_KEY"),
			env: []string{"PROD_ID", tencentdtsfake.AccessKey, "PROD_KEY", tencentdtsfake.Secret, "TENCENTCLOUD_SECRET_ID", "wrong",
				"TENCENTCLOUD_SECRET_KEY", "wrong", "TENCENTCLOUD_TOKEN", "wrong"}},
		"a token that the document names": {named: named("secretId", "A", "secretKey", "B", "token", "C"),
			env: []string{"A", tencentdtsfake.TemporaryKey, "B", tencentdtsfake.TemporarySecret, "C", tencentdtsfake.Token}},
		"the SDKs' file": {files: map[string]string{".tencentcloud/credentials": "# mine\n[default]\n" + good,
			".tccli/default.credential": wrongJSON}},
		"the SDKs' file, elsewhere": {env: []string{"TENCENTCLOUD_CREDENTIALS_FILE", "~/elsewhere"},
			files: map[string]string{"elsewhere": "[default]\n" + good, ".tencentcloud/credentials": "[default]\nsecret_id=wrong\nsecret_key=wrong\n"}},
		"a section of the SDKs' file": {named: providers.Credentials{Profile: "prod"},
			env: []string{"TENCENTCLOUD_SECRET_ID", "wrong", "TENCENTCLOUD_SECRET_KEY",
				"wrong"}, files: map[string]string{".tencentcloud/credentials": "[default]\nsecret_id=wrong\nsecret_key=wrong\n[prod]\n" + good}},
		"the command line's file": {files: map[string]string{".tccli/default.credential": goodJSON}},
		"the command line's profile": {env: []string{"TCCLI_PROFILE", "prod"},
			files: map[string]string{".tccli/default.credential": wrongJSON, ".tccli/prod.credential": goodJSON}},
		"a profile of the command line": {named: providers.Credentials{Profile: "prod"},
			files: map[string]string{".tccli/prod.credential": temporary, ".tencentcloud/credentials": "[default]\nsecret_id=wrong\nsecret_key=wrong\n"}},
		"half a pair does not count": {env: []string{"TENCENTCLOUD_SECRET_ID", "wrong"},
			files: map[string]string{".tccli/default.credential": goodJSON}},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := s.connect(t, c.named, home(t, c.env, c.files))
			check(t, err)
			if err := conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit)}})[0].Err; err != nil || len(s.identity.Requests()) > 0 {
				t.Errorf("got %v; requests for temporary keys: %q", err, s.identity.Requests())
			}
		})
	}
}

func TestCredentialsNotFound(t *testing.T) {
	for name, c := range map[string]struct {
		named providers.Credentials
		env   []string
		files map[string]string
		want  []string
	}{
		"no place has them": {want: []string{"$TENCENTCLOUD_SECRET_ID", "$TENCENTCLOUD_SECRET_KEY", "~/.tencentcloud/credentials",
			"~/.tccli/default.credential"}},
		"a profile that does not exist": {named: providers.Credentials{Profile: "prod"},
			files: map[string]string{".tencentcloud/credentials": "[default]\n" + good},
			want:  []string{"~/.tencentcloud/credentials", "~/.tccli/prod.credential", `"prod"`}},
		"variables that are not set": {named: providers.Credentials{Env: map[string]string{"secretId": "PROD_ID", "secretKey": "PROD_KEY"}},
			env:   []string{"PROD_ID", "x", "TENCENTCLOUD_SECRET_KEY", "s3cret"},
			files: map[string]string{".tccli/default.credential": goodJSON}, want: []string{"$PROD_ID", "$PROD_KEY", "credentials.env"}},
		"a file that is not JSON": {files: map[string]string{".tccli/default.credential": "secretId: s3cret"},
			want: []string{"~/.tccli/default.credential: "}},
		"a file that is not INI": {files: map[string]string{".tencentcloud/credentials": "[default"}, want: []string{"~/.tencentcloud/credentials: "}},
	} {
		_, err := tencentdts.New().Connect(providers.Config{Decode: providertest.Keys(config()), Timeout: time.Second, Credentials: c.named},
			home(t, c.env, c.files))
		if !errors.Is(err, providers.ErrDenied) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: %v does not name %s", name, err, want)
			}
		}
	}
}

// home is a process with these variables and these files in its home folder.
func home(t *testing.T, variables []string, files map[string]string) providers.Process {
	t.Helper()
	all := map[string]string{}
	for i := 0; i < len(variables); i += 2 {
		all[variables[i]] = variables[i+1]
	}
	all["RESETPLAN_ALLOW_ENV"] = "PROD_*,?"
	e := providers.Process{Getenv: func(name string) string { return all[name] }, Now: time.Now, Home: t.TempDir()}
	for name, text := range files {
		path := filepath.Join(e.Home, name)
		check(t, os.MkdirAll(filepath.Dir(path), 0o700))
		check(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return e
}

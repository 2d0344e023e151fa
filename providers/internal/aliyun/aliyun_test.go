package aliyun_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
)

const config = `{"current": "work", "profiles": [
	{"name": "work", "mode": "AK", "access_key_id": "cli-id", "access_key_secret": "cli-secret", "sts_token": "unused"},
	{"name": "short", "mode": "StsToken", "access_key_id": "cli-sts-id", "access_key_secret": "cli-sts-secret", "sts_token": "cli-token"},
	{"name": "role", "mode": "RamRoleArn", "access_key_id": "role-id", "access_key_secret": "role-secret", "ram_role_arn": "acs:ram::1:role/x"},
	{"name": "empty", "mode": "AK", "access_key_id": "half-id"}]}`

const profiles = `
[default]
enable = true
type = access_key
access_key_id = file-id
access_key_secret = file-secret

[short]
type = sts
access_key_id = shadowed
access_key_secret = shadowed

[temporary]
type = sts
access_key_id = file-sts-id
access_key_secret = file-sts-secret
security_token = file-token

[machine]
type = ecs_ram_role
role_name = x

[untyped]
access_key_id = x
access_key_secret = y
`

var (
	current = map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "env-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "env-secret"}
	legacy  = map[string]string{"ALICLOUD_ACCESS_KEY": "old-id", "ALICLOUD_SECRET_KEY": "old-secret", "ALICLOUD_ACCESS_KEY_STS_TOKEN": "old-token"}
)

func with(sets ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, s := range sets {
		for k, v := range s {
			out[k] = v
		}
	}
	return out
}

// home returns a home folder with both files, or without one whose text is "".
func home(t *testing.T, commandLine, file string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{".aliyun/config.json": commandLine, ".alibabacloud/credentials": file} {
		path := filepath.Join(dir, name)
		if text == "" {
			continue
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// process returns a process with these variables.
func process(home string, env map[string]string) providers.Process {
	return providers.Process{Home: home, Now: time.Now, Secrets: &providers.Secrets{}, Getenv: func(name string) string {
		if name == "RESETPLAN_ALLOW_ENV" {
			return "PROD_*,?"
		}
		return env[name]
	}}
}

// find returns the keys of the credentials that are found.
func find(t *testing.T, c providers.Credentials, env map[string]string, commandLine, file string) (aliyun.Keys, error) {
	t.Helper()
	s, err := aliyun.Find("some-service", c, process(home(t, commandLine, file), env))
	if err != nil {
		return aliyun.Keys{}, err
	}
	return s.Keys(t.Context(), time.Minute)
}

func TestKeysAreFoundInTheVendorsOrder(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(elsewhere, []byte("[default]\ntype = access_key\naccess_key_id = there-id\naccess_key_secret = there-secret\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		given             providers.Credentials
		env               map[string]string
		commandLine, file string
		want              aliyun.Keys
	}{
		"variables come first": {env: with(current, legacy), commandLine: config, file: profiles,
			want: aliyun.Keys{AccessKeyID: "env-id", AccessKeySecret: "env-secret"}},
		"a token comes with its keys": {env: with(current, map[string]string{"ALIBABA_CLOUD_SECURITY_TOKEN": "env-token"}),
			want: aliyun.Keys{AccessKeyID: "env-id", AccessKeySecret: "env-secret", SecurityToken: "env-token"}},
		"older variables come next": {env: legacy, commandLine: config,
			want: aliyun.Keys{AccessKeyID: "old-id", AccessKeySecret: "old-secret", SecurityToken: "old-token"}},
		"an id without a secret is not completed from older variables": {env: with(map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "env-id"}, legacy),
			want: aliyun.Keys{AccessKeyID: "old-id", AccessKeySecret: "old-secret", SecurityToken: "old-token"}},
		"the command line's current profile": {commandLine: config, file: profiles,
			want: aliyun.Keys{AccessKeyID: "cli-id", AccessKeySecret: "cli-secret"}},
		"the profile that the environment names": {env: map[string]string{"ALIBABA_CLOUD_PROFILE": "short"}, commandLine: config, file: profiles,
			want: aliyun.Keys{AccessKeyID: "cli-sts-id", AccessKeySecret: "cli-sts-secret", SecurityToken: "cli-token"}},
		"a profile in the document skips the variables": {given: providers.Credentials{Profile: "short"}, env: with(current, legacy,
			map[string]string{"ALIBABA_CLOUD_PROFILE": "work"}), commandLine: config,
			want: aliyun.Keys{AccessKeyID: "cli-sts-id", AccessKeySecret: "cli-sts-secret", SecurityToken: "cli-token"}},
		"a profile that the command line does not have is looked for in the file": {given: providers.Credentials{Profile: "temporary"},
			commandLine: config, file: profiles,
			want: aliyun.Keys{AccessKeyID: "file-sts-id", AccessKeySecret: "file-sts-secret", SecurityToken: "file-token"}},
		"the command line's profiles are switched off": {env: map[string]string{"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "True"},
			commandLine: config, file: profiles,
			want: aliyun.Keys{AccessKeyID: "file-id", AccessKeySecret: "file-secret"}},
		"the file is elsewhere": {env: map[string]string{"ALIBABA_CLOUD_CREDENTIALS_FILE": elsewhere}, file: profiles,
			want: aliyun.Keys{AccessKeyID: "there-id", AccessKeySecret: "there-secret"}},
		"variables that the document names": {given: providers.Credentials{Env: map[string]string{"accessKeyId": "A", "accessKeySecret": "B",
			"securityToken": "C"}},
			env: with(current, map[string]string{"A": "a", "B": "b", "C": "c"}), want: aliyun.Keys{AccessKeyID: "a", AccessKeySecret: "b",
				SecurityToken: "c"}},
		"another account's token is not used instead": {given: providers.Credentials{Env: map[string]string{"accessKeyId": "A", "accessKeySecret": "B"}},
			env: with(current, map[string]string{"A": "a", "B": "b", "ALIBABA_CLOUD_SECURITY_TOKEN": "other"}), want: aliyun.Keys{AccessKeyID: "a",
				AccessKeySecret: "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := find(t, c.given, c.env, c.commandLine, c.file)
			if err != nil || got != c.want {
				t.Errorf("got %v, %v; want %v", got, err, c.want)
			}
		})
	}
}

func TestTheErrorForMissingKeysNamesThePlaces(t *testing.T) {
	for name, c := range map[string]struct {
		given             providers.Credentials
		env               map[string]string
		commandLine, file string
		want              []string
		not               []string
	}{
		"no keys": {want: []string{"searched $ALIBABA_CLOUD_ACCESS_KEY_ID, $ALIBABA_CLOUD_ACCESS_KEY_SECRET, ~/.aliyun/config.json and 10 other places, " +
			"which `resetplan providers --format json` lists"}, not: []string{"$ALIBABA_CLOUD_CREDENTIALS_URI"}},
		"a profile that does not exist": {given: providers.Credentials{Profile: "prod"}, env: current, commandLine: config, file: profiles,
			want: []string{`profile "prod"`, "~/.aliyun/config.json", "~/.alibabacloud/credentials"}, not: []string{"$ALIBABA_CLOUD_ACCESS_KEY_ID"}},
		"a mode without signatures does not fall back to another account": {given: providers.Credentials{Profile: "bearer"},
			commandLine: `{"profiles": [{"name": "bearer", "mode": "BearerToken", "bearer_token": "b3arer"}]}`, file: profiles,
			want: []string{`"bearer"`, "mode BearerToken", "EcsRamRole"}, not: []string{"b3arer"}},
		"a profile without type": {given: providers.Credentials{Profile: "untyped"}, file: profiles, want: []string{`"untyped"`, "type"}},
		"half a key":             {given: providers.Credentials{Profile: "empty"}, commandLine: config, want: []string{`"empty"`, "no access_key_secret"}},
		"temporary keys without a token do not take the token of the environment": {given: providers.Credentials{Profile: "cut"}, env: map[string]string{
			"ALIBABA_CLOUD_SECURITY_TOKEN": "other"}, file: "[cut]\ntype = sts\naccess_key_id = i-1\naccess_key_secret = s3cret\n",
			want: []string{`"cut"`, "no token"}, not: []string{"s3cret", "other"}},
		"a profile that is its own source": {given: providers.Credentials{Profile: "a"}, commandLine: `{"profiles": [
			{"name": "a", "mode": "ChainableRamRoleArn", "source_profile": "b", "ram_role_arn": "r"},
			{"name": "b", "mode": "ChainableRamRoleArn", "source_profile": "a", "ram_role_arn": "r"}]}`, want: []string{"own source", `"b"`}},
		"a source that does not exist": {given: providers.Credentials{Profile: "a"}, commandLine: `{"profiles": [
			{"name": "a", "mode": "ChainableRamRoleArn", "source_profile": "b", "ram_role_arn": "r"}]}`, want: []string{"source_profile", `"b"`}},
		"an expired sign-in": {given: providers.Credentials{Profile: "sso"}, commandLine: `{"profiles": [{"name": "sso", "mode": "CloudSSO",
			"cloud_sso_sign_in_url": "https://x", "access_token": "acc3ss", "cloud_sso_access_token_expire": 7}]}`,
			want: []string{"expired", "aliyun configure --profile sso --mode CloudSSO"}, not: []string{"acc3ss"}},
		"expired keys of an OAuth sign-in": {given: providers.Credentials{Profile: "web"}, commandLine: `{"profiles": [{"name": "web", "mode": "OAuth",
			"access_key_id": "i-1", "access_key_secret": "s3cret", "sts_token": "t0ken", "sts_expiration": 7}]}`,
			want: []string{"expired", "--profile web", "the keys are requested for profile"}, not: []string{"s3cret", "t0ken"}},
		"a session that is too short": {given: providers.Credentials{Profile: "role"}, commandLine: `{"profiles": [{"name": "role", "mode": "RamRoleArn",
			"access_key_id": "i-1", "access_key_secret": "s3cret", "ram_role_arn": "r", "expired_seconds": 60}]}`,
			want: []string{"900", `"role"`}, not: []string{"s3cret"}},
		"a broken configuration of the client does not fall back to another account": {commandLine: `{"current": "s3cret", `, file: profiles,
			want: []string{"~/.aliyun/config.json", "`aliyun configure`"}, not: []string{"s3cret"}},
		"a broken profile file": {file: "s3cret", want: []string{"~/.alibabacloud/credentials", "INI"}, not: []string{"s3cret"}},
		"variables that the document names": {given: providers.Credentials{Env: map[string]string{"accessKeyId": "PROD_AK",
			"accessKeySecret": "PROD_SK"}}, env: current, commandLine: config,
			want: []string{"$PROD_AK", "$PROD_SK"}, not: []string{"$ALIBABA_CLOUD_ACCESS_KEY_ID", "config.json"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := find(t, c.given, c.env, c.commandLine, c.file)
			if !errors.Is(err, providers.ErrDenied) {
				t.Fatalf("got %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in %q", w, err)
				}
			}
			for _, n := range c.not {
				if strings.Contains(err.Error(), n) {
					t.Errorf("%q is in %q", n, err)
				}
			}
		})
	}
}

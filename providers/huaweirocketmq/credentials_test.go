package huaweirocketmq

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/internal/api"
	"github.com/resetplan/resetplan/providers/providertest"
)

func TestTheKeyIsFoundInTheVendorsOrder(t *testing.T) {
	const file = "[basic]\nak = file-ak\nsk = file-sk\n\n[basic.prod]\nak = prod-ak\nsk = prod-sk\nsecurity_token = prod-token\n"
	sdk := map[string]string{"HUAWEICLOUD_SDK_AK": "env-ak", "HUAWEICLOUD_SDK_SK": "env-sk", "HUAWEICLOUD_SDK_SECURITY_TOKEN": "env-token"}
	samples := map[string]string{"CLOUD_SDK_AK": "sample-ak", "CLOUD_SDK_SK": "sample-sk"}
	for name, c := range map[string]struct {
		named     providers.Credentials
		variables []map[string]string
		file      string
		want      api.Key
	}{
		"the SDK's variables first": {variables: []map[string]string{sdk, samples}, file: file, want: signing("env-ak",
			"env-sk", "env-token")},
		"then its file":                     {variables: []map[string]string{samples}, file: file, want: signing("file-ak", "file-sk", "")},
		"last the variables of the samples": {variables: []map[string]string{samples}, want: signing("sample-ak", "sample-sk", "")},
		"a key is never combined from two places": {variables: []map[string]string{{"HUAWEICLOUD_SDK_AK": "env-ak",
			"CLOUD_SDK_SK": "sample-sk"}}, file: file, want: signing("file-ak", "file-sk", "")},
		"a profile skips the variables": {named: providers.Credentials{Profile: "basic.prod"},
			variables: []map[string]string{sdk}, file: file, want: signing("prod-ak", "prod-sk", "prod-token")},
		"a document's variables are the only ones read": {named: providers.Credentials{Env: map[string]string{"accessKeyId": "A",
			"accessKeySecret": "S", "securityToken": "T"}}, variables: []map[string]string{sdk, {"A": "a", "S": "s", "T": "t"}}, file: file,
			want: signing("a", "s", "t")},
		"a token only if the document names it": {named: providers.Credentials{Env: map[string]string{"accessKeyId": "A",
			"accessKeySecret": "S"}}, variables: []map[string]string{sdk, {"A": "a", "S": "s"}}, want: signing("a", "s", "")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := credentials(c.named, fake.Region, home(t, c.file, c.variables...))
			if err != nil || got.Key != c.want || got.from == "" {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func signing(access, secret, token string) api.Key {
	return api.Key{Access: access, Secret: secret, Token: token}
}

// home returns a process with a credentials file, or without one if its text is "".
func home(t *testing.T, file string, variables ...map[string]string) providers.Process {
	t.Helper()
	all := map[string]string{}
	for _, v := range variables {
		maps.Copy(all, v)
	}
	env := environment(all)
	env.Home = t.TempDir()
	if file != "" {
		if err := os.Mkdir(filepath.Join(env.Home, ".huaweicloud"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(env.Home, ".huaweicloud", "credentials"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return env
}

func TestTheFileMayBeElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.ini")
	if err := os.WriteFile(path, []byte("[basic]\nak=a\nsk=s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := credentials(providers.Credentials{}, fake.Region, home(t, "", map[string]string{"HUAWEICLOUD_SDK_CREDENTIALS_FILE": path}))
	if err != nil || got.Key != signing("a", "s", "") {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestTheErrorForAMissingKeyNamesEveryPlaceSearched(t *testing.T) {
	for name, c := range map[string]struct {
		named providers.Credentials
		file  string
		want  []string
	}{
		"no key": {want: []string{"$HUAWEICLOUD_SDK_AK", "$HUAWEICLOUD_SDK_SK", "~/.huaweicloud/credentials", "$CLOUD_SDK_AK",
			"$CLOUD_SDK_SK", "mode = ecsAgency"}},
		"an unknown profile": {named: providers.Credentials{Profile: "prod"}, file: "[basic]\nak=a\nsk=s3cret\n",
			want: []string{"~/.huaweicloud/credentials", `"prod"`}},
		"unset variables": {named: providers.Credentials{Env: map[string]string{"accessKeyId": "A", "accessKeySecret": "S"}},
			want: []string{"$A", "$S"}},
		"a broken file": {file: "[basic\nsk=s3cret\n", want: []string{"not an INI file"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Connect(providers.Config{Decode: providertest.Keys(settings()), Credentials: c.named}, home(t, c.file))
			if !errors.Is(err, providers.ErrDenied) || strings.Contains(err.Error(), "s3cret") {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %q", want, err)
				}
			}
		})
	}
}

// By default the SDK reads the variables of the process, and creates a file with an id
// of its user in the home folder.
func TestTheSDKUsesOnlyWhatItIsGiven(t *testing.T) {
	own := t.TempDir()
	t.Setenv("HOME", own)
	for name, value := range sandboxKey() {
		t.Setenv(name, value)
	}
	if _, err := New().Connect(providers.Config{Decode: providertest.Keys(settings())}, home(t, "")); !errors.Is(err, providers.ErrDenied) {
		t.Errorf("got %v", err)
	}
	var agent string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { agent = r.UserAgent() }))
	defer s.Close()
	_ = read(t, dial(t, s.URL))
	if agent != "huaweicloud-usdk-go/3.0; resetplan" {
		t.Errorf("the user agent is %s", agent)
	}
	if left, err := os.ReadDir(own); err != nil || len(left) > 0 {
		t.Errorf("the home folder has %v, %v", left, err)
	}
}

package huaweirocketmq

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/providertest"
)

// iam emulates IAM, which exchanges the token of an identity provider.
func iam(t *testing.T, wanted string, until time.Time, accept func(access, secret, token string, until time.Time)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Auth struct {
				IDToken  struct{ ID string } `json:"id_token"`
				Identity struct {
					Token struct{ ID string }
				}
			}
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", "iam-1")
		switch {
		case r.URL.Path == "/v3.0/OS-AUTH/id-token/tokens" && r.Header.Get("X-Idp-Id") == "idp-1" && body.Auth.IDToken.ID == wanted:
			w.Header().Set("X-Subject-Token", "subject-token-of-iam-1")
			_, _ = w.Write([]byte(`{"token":{"expires_at":"2030-01-01T00:00:00.000000Z","issued_at":"2026-01-01T00:00:00.000000Z"}}`))
		case r.URL.Path == "/v3.0/OS-CREDENTIAL/securitytokens" && body.Auth.Identity.Token.ID == "subject-token-of-iam-1":
			accept("federated-ak", "federated-sk", "federated-token", until)
			_, _ = w.Write([]byte(secured("federated-ak", "federated-sk", "federated-token", 6*time.Hour)))
		default:
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"error":{"code":"IAM.0101","message":"the token %s is not valid"}}`, body.Auth.IDToken.ID)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestATokenOfAnIdentityProviderIsExchangedAtIAM(t *testing.T) {
	f, url := start(t, fake.Options{TakeUp: fake.AtOnce})
	at := iam(t, "id-token-of-the-job", now.Add(time.Hour), f.Accept)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("id-token-of-the-job\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{"HUAWEICLOUD_SDK_IDP_ID": "idp-1", "HUAWEICLOUD_SDK_ID_TOKEN_FILE": file, "HUAWEICLOUD_SDK_IAM_ENDPOINT": at}
	profile := "[basic]\nidp_id = idp-1\nid_token_file = " + file + "\niam_endpoint = " + at + "\n"
	for name, env := range map[string]providers.Process{"variables": home(t, "", variables), "profile": home(t, profile)} {
		env.Secrets = &providers.Secrets{}
		c := connect(t, url, env)
		if s := read(t, c); s.Err != nil {
			t.Errorf("%s: %v", name, s.Err)
		}
		if _, err := reset(t, c, providers.At(providers.Earliest)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		const all = "id-token-of-the-job subject-token-of-iam-1 federated-ak federated-sk federated-token"
		if got := env.Secrets.Hide(all); strings.Count(got, "(hidden)") != 5 {
			t.Errorf("%s: shown as %q", name, got)
		}
	}
	if err := os.WriteFile(file, []byte("an-old-token-of-the-job"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := home(t, "", variables)
	env.Secrets = &providers.Secrets{}
	_, err := reset(t, connect(t, url, env), providers.At(providers.Earliest))
	if !errors.Is(err, providers.ErrDenied) || errors.Is(err, providers.ErrInDoubt) || own(t, err).Code != "IAM.0101" ||
		own(t, err).RequestID != "iam-1" || strings.Contains(err.Error(), "an-old-token") || !strings.Contains(err.Error(), "HUAWEICLOUD_SDK_IDP_ID") {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if s := read(t, connect(t, url, env)); !errors.Is(s.Err, providers.ErrDenied) || !strings.Contains(s.Err.Error(), "HUAWEICLOUD_SDK_ID_TOKEN_FILE") {
		t.Errorf("got %v", s.Err)
	}
}

func TestIAMIsReachedByHTTPSOnly(t *testing.T) {
	for given, want := range map[string]string{
		"":                               "https://iam.cn-north-4.myhuaweicloud.com",
		"iam.example.com":                "https://iam.example.com",
		"https://iam.example.com":        "https://iam.example.com",
		"http://127.0.0.1:1":             "http://127.0.0.1:1",
		"http://LocalHost:1":             "http://LocalHost:1",
		"http://iam.example.com":         "",
		"https://user:s3cret@iam.com":    "",
		"https://iam.example.com/path":   "",
		"https://iam.example.com?query=": "",
	} {
		got, err := iamEndpoint(given, "cn-north-4")
		if want == "" && (err == nil || strings.Contains(err.Error(), "s3cret")) || want != "" && (err != nil || got != want) {
			if want != "" || err == nil {
				t.Errorf("%s: got %s, %v", given, got, err)
			}
		}
	}
}

func TestThePodsAgencyIsUsedIfItsVariablesAreSet(t *testing.T) {
	f, url := start(t, fake.Options{})
	f.Accept("pod-ak", "pod-sk", "pod-token", now.Add(time.Hour))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "service-account-token" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = w.Write([]byte(strings.NewReplacer("credential", "credentials", "access", "accessKeyId", `"secret"`, `"secretAccessKey"`, "securitytoken",
			"securityToken", "expires_at", "expiration").Replace(secured("pod-ak", "pod-sk", "pod-token", time.Hour))))
	}))
	defer s.Close()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("service-account-token"), 0o600); err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{"HC_CONTAINER_CREDENTIALS_FULL_URI": s.URL, "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE": file}
	for name, value := range variables {
		t.Setenv(name, value) // the SDK reads them itself
	}
	c := connect(t, url, home(t, "", variables))
	if got := read(t, c); got.Err != nil {
		t.Error(got.Err)
	}
	if err := os.WriteFile(file, []byte("another-token"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := read(t, connect(t, url, home(t, "", variables))); got.Err == nil || !strings.Contains(got.Err.Error(), "no key for this pod") {
		t.Errorf("got %v", got.Err)
	}
}

func TestATokenOfIAMNeedsPermissionAndIsSentUnsigned(t *testing.T) {
	f, url := start(t, fake.Options{TakeUp: fake.AtOnce})
	f.AcceptToken("iam-token-of-a-user", now.Add(time.Hour))
	config := providers.Config{Decode: providertest.Keys(settings()), Endpoint: url, Timeout: time.Second, RateLimit: 1000,
		Credentials: providers.Credentials{Env: map[string]string{"authToken": "MY_IAM_TOKEN"}}}
	with := func(allowed, token string) providers.Process {
		return providers.Process{Now: func() time.Time { return now }, Secrets: &providers.Secrets{}, Getenv: func(name string) string {
			return map[string]string{"RESETPLAN_ALLOW_ENV": allowed, "MY_IAM_TOKEN": token}[name]
		}}
	}
	if _, err := New().Connect(config, with("", "iam-token-of-a-user")); !errors.Is(err, providers.ErrForbidden) {
		t.Errorf("got %v", err)
	}
	for token, words := range map[string]string{"iam-token-of-a-user": "", "iam-token-unknown": "credentials.env.authToken"} {
		c, err := New().Connect(config, with("MY_*", token))
		if err != nil {
			t.Fatal(err)
		}
		_, failed := reset(t, c, providers.At(providers.Earliest))
		for act, err := range map[string]error{"read": read(t, c).Err, "reset": failed} {
			if (err == nil) != (words == "") || err != nil && (!errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), words)) {
				t.Errorf("%s with %s: got %v", act, token, err)
			}
		}
		_ = c.Close()
	}
}

package kafka_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// awsEnvironment gives the SDK, which reads the process's environment, only what a
// test sets.
func awsEnvironment(t *testing.T, set map[string]string) {
	t.Helper()
	none := filepath.Join(t.TempDir(), "none")
	for _, name := range []string{"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
		t.Setenv(name, set[name])
	}
	t.Setenv("AWS_CONFIG_FILE", none)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", none)
	if file := set["AWS_SHARED_CREDENTIALS_FILE"]; file != "" {
		t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// mskBroker runs a broker that accepts AWS_MSK_IAM, and returns what it receives.
func mskBroker(t *testing.T) (address string, received chan string) {
	t.Helper()
	received = make(chan string, 100)
	address, c := unseeded(t, kfake.EnableSASL())
	c.ControlKey(int16(kmsg.SASLHandshake), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return req.ResponseKind(), nil, true
	})
	c.ControlKey(int16(kmsg.SASLAuthenticate), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		received <- string(req.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes)
		resp := req.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		resp.SASLAuthBytes = []byte(`{"version": "2020_10_22"}`)
		return resp, nil, true
	})
	return address, received
}

func msk(address string) providers.Config {
	c := config(map[string]any{"bootstrapServers": []string{address}, "sasl": map[string]any{"mechanism": "AWS_MSK_IAM"}})
	c.Timeout = 2 * time.Second
	return c
}

func TestMSKReceivesASignatureOfTheChainsKey(t *testing.T) {
	credentials := filepath.Join(t.TempDir(), "credentials")
	check(t, os.WriteFile(credentials, []byte("[prod]\naws_access_key_id = AKIAPROFILE00001\naws_secret_access_key = profile-secret\n"), 0o600))
	for name, c := range map[string]struct {
		profile string
		set     map[string]string
		want    string
	}{
		"of variables": {"", map[string]string{"AWS_ACCESS_KEY_ID": "AKIAVARIABLE0001", "AWS_SECRET_ACCESS_KEY": "variable-secret",
			"AWS_SESSION_TOKEN": "session-token-value", "AWS_REGION": "eu-central-1"}, "AKIAVARIABLE0001"},
		"of a profile": {"prod", map[string]string{"AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_REGION": "eu-central-1"}, "AKIAPROFILE00001"},
	} {
		t.Run(name, func(t *testing.T) {
			awsEnvironment(t, c.set)
			address, received := mskBroker(t)
			keys := msk(address)
			keys.Credentials.Profile = c.profile
			env := environment(nil)
			env.Secrets = &providers.Secrets{}
			_ = attempt(t, keys, env) // the emulated broker knows no such login
			var got map[string]string
			check(t, json.Unmarshal([]byte(<-received), &got))
			if got["action"] != "kafka-cluster:Connect" || got["host"] != "127.0.0.1" || got["user-agent"] != "resetplan" ||
				!strings.HasPrefix(got["x-amz-credential"], c.want+"/") || !strings.HasSuffix(got["x-amz-credential"], "/eu-central-1/kafka-cluster/aws4_request") ||
				got["x-amz-security-token"] != c.set["AWS_SESSION_TOKEN"] || len(got["x-amz-signature"]) != 64 {
				t.Errorf("the broker received %v", got)
			}
			if shown := env.Secrets.Hide(got["x-amz-credential"] + " variable-secret"); strings.Contains(shown, c.want) ||
				c.profile == "" && strings.Contains(shown, "variable-secret") {
				t.Errorf("it is shown as %q", shown)
			}
		})
	}
}

func TestWhyThereAreNoAWSCredentials(t *testing.T) {
	for name, c := range map[string]struct {
		profile string
		set     map[string]string
		kind    error
		want    string
	}{
		"nothing is set":              {"", map[string]string{"AWS_REGION": "eu-central-1"}, providers.ErrDenied, "no AWS credentials found"},
		"the profile does not exist":  {"prod", map[string]string{"AWS_REGION": "eu-central-1"}, providers.ErrDenied, "no AWS credentials in the profile prod"},
		"the host name has no region": {"", map[string]string{"AWS_ACCESS_KEY_ID": "AKIAVARIABLE0001", "AWS_SECRET_ACCESS_KEY": "s"}, providers.ErrInvalid, "set AWS_REGION"},
	} {
		t.Run(name, func(t *testing.T) {
			awsEnvironment(t, c.set)
			address, received := mskBroker(t)
			keys := msk(address)
			keys.Credentials.Profile = c.profile
			err := attempt(t, keys, environment(nil))
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || len(received) > 0 {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestTheChainIsNotTouchedByOtherMechanisms names a profile that does not exist: to
// load it would fail.
func TestTheChainIsNotTouchedByOtherMechanisms(t *testing.T) {
	awsEnvironment(t, map[string]string{"AWS_PROFILE": "does-not-exist"})
	f, _ := unseeded(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "alice", "s3cret"))
	check(t, attempt(t, config(map[string]any{"bootstrapServers": []string{f}, "sasl": map[string]any{"mechanism": "PLAIN"}}), permitting("")))
	conn, err := kafka.New().Connect(msk("127.0.0.1:1"), environment(nil)) // not even by this one, before a broker asks
	check(t, err)
	check(t, conn.Close())
}

func TestMSKNeedsTLSBeyondLoopback(t *testing.T) {
	_, err := kafka.New().Connect(msk("b-1.msk.example.com:9098"), environment(nil))
	if !errors.Is(err, providers.ErrInvalid) || !strings.Contains(err.Error(), "AWS_MSK_IAM without TLS") {
		t.Errorf("got %v", err)
	}
}

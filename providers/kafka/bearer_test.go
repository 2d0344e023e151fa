package kafka_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// tokens is a token endpoint, and what a broker has received.
type tokens struct {
	url      string
	issued   atomic.Int32
	lifetime atomic.Int32 // seconds
	answer   func(w http.ResponseWriter, r *http.Request) bool
	refuse   atomic.Bool // the broker refuses
	received chan string
}

// oauthBroker runs a broker that accepts OAUTHBEARER, and a token endpoint.
func oauthBroker(t *testing.T) (*tokens, string) {
	t.Helper()
	o := &tokens{received: make(chan string, 100)}
	o.lifetime.Store(3600)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.answer != nil && o.answer(w, r) {
			return
		}
		id, secret, _ := r.BasicAuth()
		if r.FormValue("grant_type") != "client_credentials" || id != "client-one" || secret != "s3cretvalue" || r.FormValue("scope") != "kafka" {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"error": "invalid_client", "error_description": "not %s"}`, secret)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token": "token-%d", "token_type": "Bearer", "expires_in": %d}`, o.issued.Add(1), o.lifetime.Load())
	}))
	t.Cleanup(s.Close)
	o.url = s.URL + "/token"
	address, c := unseeded(t, kfake.EnableSASL())
	c.ControlKey(int16(kmsg.SASLHandshake), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return req.ResponseKind(), nil, true
	})
	c.ControlKey(int16(kmsg.SASLAuthenticate), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		resp := req.ResponseKind().(*kmsg.SASLAuthenticateResponse)
		o.received <- string(req.(*kmsg.SASLAuthenticateRequest).SASLAuthBytes)
		if o.refuse.Load() {
			resp.SASLAuthBytes = []byte(`{"status":"invalid_token"}`)
		}
		return resp, nil, true
	})
	return o, address
}

func (o *tokens) keys(address string) map[string]any {
	return map[string]any{"bootstrapServers": []string{address}, "sasl": map[string]any{"mechanism": "OAUTHBEARER",
		"oauth": map[string]any{"tokenEndpoint": o.url, "scope": "kafka", "logicalCluster": "lkc-1"}}}
}

func clientEnvironment(secret string) providers.Process {
	return providers.Process{Now: time.Now, Getenv: func(name string) string {
		return map[string]string{"KAFKA_SASL_CLIENT_ID": "client-one", "KAFKA_SASL_CLIENT_SECRET": secret}[name]
	}}
}

// authenticated returns what the broker received first, and the error of a read; the
// emulated broker itself knows no OAUTHBEARER, so only the login is looked at.
func (o *tokens) authenticate(t *testing.T, keys map[string]any, env providers.Process) (string, error) {
	t.Helper()
	c := config(keys)
	c.Timeout = 2 * time.Second
	err := attempt(t, c, env)
	select {
	case got := <-o.received:
		return got, err
	default:
		return "", err
	}
}

func TestATokenIsRequestedAndSent(t *testing.T) {
	o, address := oauthBroker(t)
	env := clientEnvironment("s3cretvalue")
	env.Secrets = &providers.Secrets{}
	got, _ := o.authenticate(t, o.keys(address), env)
	if !strings.Contains(got, "auth=Bearer token-1\x01") || !strings.Contains(got, "logicalCluster=lkc-1\x01") {
		t.Errorf("the broker received %q", got)
	}
	if shown := env.Secrets.Hide("token-1 s3cretvalue"); strings.Contains(shown, "token-1") || strings.Contains(shown, "s3cret") {
		t.Errorf("it is shown as %q", shown)
	}
}

// TestATokenIsFetchedAgainOnlyWhenItExpires counts tokens and logins of one connection.
func TestATokenIsFetchedAgainOnlyWhenItExpires(t *testing.T) {
	for name, lifetime := range map[string]int32{"long": 3600, "short": 5} {
		t.Run(name, func(t *testing.T) {
			o, address := oauthBroker(t)
			o.lifetime.Store(lifetime)
			c := config(o.keys(address))
			c.Timeout = 2 * time.Second
			conn, err := kafka.New().Connect(c, clientEnvironment("s3cretvalue"))
			check(t, err)
			defer conn.Close()
			for len(o.received) < 2 {
				conn.Read(t.Context(), []providers.ReadRequest{{Target: target(t, address, map[string]any{"group": "g", "topic": "orders"})}})
			}
			logins, issued := len(o.received), int(o.issued.Load())
			if lifetime == 5 && issued != logins || lifetime == 3600 && issued != 1 {
				t.Errorf("%d tokens for %d logins", issued, logins)
			}
		})
	}
}

func TestWhyThereIsNoToken(t *testing.T) {
	for name, c := range map[string]struct {
		secret string
		answer func(w http.ResponseWriter, r *http.Request) bool
		kind   error
		want   string
	}{
		"a wrong secret": {"wr0ng", nil, providers.ErrDenied, "401 invalid_client"},
		"it fails": {"s3cretvalue", func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true },
			providers.ErrUnavailable, "the token endpoint fails"},
		"it limits": {"s3cretvalue", func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		},
			providers.ErrThrottled, "limits requests"},
		"it redirects": {"s3cretvalue", func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
			return true
		}, providers.ErrInvalid, "returned no token"},
		"it is a page": {"s3cretvalue", func(w http.ResponseWriter, r *http.Request) bool {
			_, secret, _ := r.BasicAuth()
			_, _ = fmt.Fprint(w, "<html>"+secret)
			return true
		}, providers.ErrInvalid, "returned no token"},
	} {
		t.Run(name, func(t *testing.T) {
			o, address := oauthBroker(t)
			o.answer = c.answer
			_, err := o.authenticate(t, o.keys(address), clientEnvironment(c.secret))
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), c.secret) {
				t.Errorf("got %v", err)
			}
		})
	}
	o, address := oauthBroker(t)
	o.refuse.Store(true)
	if _, err := o.authenticate(t, o.keys(address), clientEnvironment("s3cretvalue")); !errors.Is(err, providers.ErrDenied) ||
		!strings.Contains(err.Error(), "the broker refused the token") {
		t.Errorf("a refusal by the broker: %v", err)
	}
}

func TestAnAddressThatTheOperatorDoesNotPermitIsNotContacted(t *testing.T) {
	o, address := oauthBroker(t)
	for _, refused := range []string{address, strings.TrimSuffix(strings.TrimPrefix(o.url, "http://"), "/token")} {
		env := clientEnvironment("s3cretvalue")
		env.Reach = func(to string) error {
			if to == refused {
				return &providers.Error{Kind: providers.ErrForbidden, Message: "not permitted"}
			}
			return nil
		}
		if got, err := o.authenticate(t, o.keys(address), env); !errors.Is(err, providers.ErrForbidden) || got != "" || o.issued.Load() > 0 {
			t.Errorf("%s: got %q, %v", refused, got, err)
		}
	}
}

func TestASecretIsNotSentToATokenEndpointInTheClear(t *testing.T) {
	keys := (&tokens{url: "http://idp.example.com/token"}).keys("127.0.0.1:1")
	_, err := kafka.New().Connect(config(keys), clientEnvironment("s"))
	if !errors.Is(err, providers.ErrInvalid) || !strings.Contains(err.Error(), "unencrypted to idp.example.com") {
		t.Errorf("got %v", err)
	}
	_, err = kafka.New().Connect(config((&tokens{url: "https://idp.example.com/token"}).keys("127.0.0.1:1")), environment(nil))
	if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "KAFKA_SASL_CLIENT_ID (clientId), KAFKA_SASL_CLIENT_SECRET (clientSecret)") {
		t.Errorf("got %v", err)
	}
}

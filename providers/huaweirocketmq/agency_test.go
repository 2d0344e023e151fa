package huaweirocketmq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/providertest"
)

// metadata emulates the metadata service of an ECS and directs its address
// to it. It returns how many keys were requested.
func metadata(t *testing.T, answer func(n int64) (status int, body string)) (asked func() int64) {
	t.Helper()
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPut && r.URL.Path == "/meta-data/latest/api/token":
			_, _ = w.Write([]byte("metadata-session-token"))
		case r.Header.Get("X-Metadata-Token") != "metadata-session-token" || r.URL.Path != "/openstack/latest/securitykey":
			w.WriteHeader(http.StatusUnauthorized)
		default:
			status, body := answer(n.Add(1))
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}))
	t.Cleanup(s.Close)
	was := http.DefaultTransport
	redirected := was.(*http.Transport).Clone()
	redirected.Proxy = nil
	redirected.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address == "169.254.169.254:80" {
			address = strings.TrimPrefix(s.URL, "http://")
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	http.DefaultTransport = redirected
	t.Cleanup(func() { http.DefaultTransport = was })
	return n.Load
}

// secured is a key in the form of the metadata service. The SDK compares its end with
// the clock of the machine.
func secured(access, secret, token string, left time.Duration) string {
	raw, _ := json.Marshal(map[string]any{"credential": map[string]string{"access": access, "secret": secret, "securitytoken": token,
		"expires_at": time.Now().Add(left).UTC().Format("2006-01-02T15:04:05.000000Z")}})
	return string(raw)
}

const agency = "[basic]\nmode = ecsAgency\n"

func TestTheAgencyOfAnECSIsUsedIfTheFileSaysSo(t *testing.T) {
	f, url := start(t, fake.Options{})
	f.Accept("agency-ak-1", "agency-sk-1", "agency-token-1", now.Add(time.Hour))
	asked := metadata(t, func(int64) (int, string) {
		return 200, secured("agency-ak-1", "agency-sk-1", "agency-token-1", 24*time.Hour)
	})
	env := home(t, agency)
	env.Secrets = &providers.Secrets{}
	c := connect(t, url, env)
	if asked() != 0 {
		t.Error("connecting requests a key")
	}
	for range 2 {
		if s := read(t, c); s.Err != nil {
			t.Fatal(s.Err)
		}
	}
	if asked() != 1 {
		t.Errorf("%d keys were requested", asked())
	}
	if got := env.Secrets.Hide("agency-ak-1 agency-sk-1 agency-token-1"); got != "(hidden) (hidden) (hidden)" {
		t.Errorf("shown as %q", got)
	}
}

func TestTheMetadataServiceIsNotContactedUnasked(t *testing.T) {
	asked := metadata(t, func(int64) (int, string) { return 200, secured("a", "s", "t", time.Hour) })
	_, url := start(t, fake.Options{})
	if s := read(t, connect(t, url, home(t, "[basic]\nak = a\nsk = s\n[basic.ecs]\nmode = ecsAgency\n", sandboxKey()))); s.Err != nil {
		t.Error(s.Err)
	}
	config := providers.Config{Decode: providertest.Keys(settings()), Endpoint: url, Timeout: time.Second}
	for _, env := range []providers.Process{home(t, ""), home(t, "[basic]\n"), home(t, "[other]\nmode = ecsAgency\n")} {
		if _, err := New().Connect(config, env); !errors.Is(err, providers.ErrDenied) {
			t.Errorf("got %v", err)
		}
	}
	if asked() != 0 {
		t.Errorf("%d keys were requested", asked())
	}
}

// In an apply, a key may expire between the reading and the reset, or be replaced.
func TestAKeyOfAnAgencyIsRenewedInTheMiddleOfAnApply(t *testing.T) {
	clock := now
	f, url := start(t, fake.Options{Now: func() time.Time { return clock }, TakeUp: fake.AtOnce})
	f.Accept("agency-ak-1", "agency-sk-1", "agency-token-1", now.Add(90*time.Second))
	f.Accept("agency-ak-2", "agency-sk-2", "agency-token-2", now.Add(24*time.Hour))
	asked := metadata(t, func(n int64) (int, string) {
		return 200, secured(fmt.Sprint("agency-ak-", n), fmt.Sprint("agency-sk-", n), fmt.Sprint("agency-token-", n), []time.Duration{0,
			10 * time.Minute, 24 * time.Hour}[min(n, 2)])
	})
	env := home(t, agency)
	env.Now = func() time.Time { return clock }
	c := connect(t, url, env)
	if s := read(t, c); s.Err != nil {
		t.Fatal(s.Err)
	}
	clock = now.Add(2 * time.Minute)
	if _, err := reset(t, c, providers.At(providers.Earliest)); err != nil {
		t.Error(err)
	}
	clock = now.Add(4 * time.Minute)
	if s := read(t, c); s.Err != nil || asked() != 2 {
		t.Errorf("%v after %d keys", s.Err, asked())
	}
}

func TestAKeyThatCannotBeRenewedIsUsedWhileItIsAccepted(t *testing.T) {
	clock := now
	f, url := start(t, fake.Options{Now: func() time.Time { return clock }})
	f.Accept("agency-ak-1", "agency-sk-1", "agency-token-1", now.Add(5*time.Minute))
	metadata(t, func(n int64) (int, string) {
		if n > 1 {
			return 500, "the metadata service is restarting"
		}
		return 200, secured("agency-ak-1", "agency-sk-1", "agency-token-1", 10*time.Minute)
	})
	env := home(t, agency)
	env.Now = func() time.Time { return clock }
	c := connect(t, url, env)
	for _, c2 := range []struct {
		after time.Duration
		words string
	}{{0, ""}, {2 * time.Minute, ""}, {10 * time.Minute, "the agency of this ECS"}, {10 * time.Minute, "gave no key (status 500)"}} {
		clock = now.Add(c2.after)
		err := read(t, c).Err
		if (err == nil) != (c2.words == "") || err != nil && !strings.Contains(err.Error(), c2.words) {
			t.Errorf("after %s: got %v", c2.after, err)
		}
	}
}

func TestARefusedKeyOfAnAgencyIsReplaced(t *testing.T) {
	f, url := start(t, fake.Options{})
	f.Accept("agency-ak-2", "agency-sk-2", "agency-token-2", now.Add(time.Hour))
	metadata(t, func(n int64) (int, string) {
		return 200, secured(fmt.Sprint("agency-ak-", n), fmt.Sprint("agency-sk-", n), fmt.Sprint("agency-token-", n), 24*time.Hour)
	})
	c := connect(t, url, home(t, agency))
	if s := read(t, c); !errors.Is(s.Err, providers.ErrDenied) || !strings.Contains(s.Err.Error(), "the agency of this ECS (mode = ecsAgency") {
		t.Errorf("got %v", s.Err)
	}
	if s := read(t, c); s.Err != nil {
		t.Error(s.Err)
	}
}

func TestAnAgencyThatGivesNoKeyIsExplained(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   error
		words  string
	}{
		"no agency":           {404, "agency not found", providers.ErrDenied, "assign to it an agency"},
		"an empty object":     {200, "{}", providers.ErrUnavailable, "unexpected response"},
		"a key without parts": {200, secured("", "", "", time.Hour), providers.ErrUnavailable, "unexpected response"},
		"a page":              {200, "<html>", providers.ErrUnavailable, "mode = ecsAgency"},
	} {
		t.Run(name, func(t *testing.T) {
			f, url := start(t, fake.Options{})
			metadata(t, func(int64) (int, string) { return c.status, c.body })
			conn := connect(t, url, home(t, agency))
			_, failed := reset(t, conn, providers.At(providers.Earliest))
			for act, err := range map[string]error{"read": read(t, conn).Err, "reset": failed} {
				if !errors.Is(err, c.kind) || errors.Is(err, providers.ErrInDoubt) || !strings.Contains(err.Error(), c.words) ||
					strings.Contains(err.Error(), "\n") {
					t.Errorf("%s: got %v", act, err)
				}
			}
			if len(f.Requests()) > 0 {
				t.Errorf("requested %v", f.Requests())
			}
		})
	}
}

func TestAKeyOfAnAgencyIsNotRequestedThroughAProxy(t *testing.T) {
	asked := metadata(t, func(int64) (int, string) { return 200, secured("a", "s", "t", time.Hour) })
	http.DefaultTransport.(*http.Transport).Proxy = func(*http.Request) (*url.URL, error) { return url.Parse("http://127.0.0.1:1") }
	_, at := start(t, fake.Options{})
	if s := read(t, connect(t, at, home(t, agency))); s.Err == nil || !strings.Contains(s.Err.Error(), "NO_PROXY") || asked() != 0 {
		t.Errorf("got %v", s.Err)
	}
}

func TestAnUnknownModeIsRefused(t *testing.T) {
	for _, mode := range []string{"SSO", "AssumeRole"} {
		_, err := New().Connect(providers.Config{Decode: providertest.Keys(settings())}, home(t, "[basic]\nmode = "+mode+"\nak = a\nsk = s\n"))
		if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "unknown mode: use ecsAgency or AKSK") {
			t.Errorf("got %v", err)
		}
	}
}

// TestAKeyOfAnAgencyIsRequestedOnlyIfItsAddressIsPermitted permits the endpoint alone.
func TestAKeyOfAnAgencyIsRequestedOnlyIfItsAddressIsPermitted(t *testing.T) {
	asked := metadata(t, func(int64) (int, string) { return 200, secured("a", "s", "t", time.Hour) })
	_, url := start(t, fake.Options{})
	env := home(t, agency)
	env.Reach = func(address string) error {
		if address == "169.254.169.254:80" {
			return &providers.Error{Kind: providers.ErrForbidden, Message: address + " is not permitted"}
		}
		return nil
	}
	config := providers.Config{Decode: providertest.Keys(settings()), Endpoint: url, Timeout: time.Second}
	if _, err := New().Connect(config, env); !errors.Is(err, providers.ErrForbidden) || asked() != 0 {
		t.Errorf("%d keys were requested, %v", asked(), err)
	}
}

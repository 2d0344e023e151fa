package aliyunsls_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/providertest"
)

// fails reads a group and returns the error.
func fails(t *testing.T, c providers.Config, env providers.Process) error {
	t.Helper()
	err := connect(t, c, env).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, c, nil)}})[0].Err
	if err != nil && strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("the error has several lines: %q", err)
	}
	return err
}

func TestEveryDocumentedCodeHasItsKind(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   error
	}{
		{400, "InvalidShardCheckPoint", providers.ErrInvalid}, {400, "ParameterInvalid", providers.ErrInvalid}, {400, "InvalidCursor",
			providers.ErrInvalid},
		{400, "PostBodyInvalid", providers.ErrInvalid}, {415, "InvalidContentType", providers.ErrInvalid}, {400, "InvalidRequestTime",
			providers.ErrInvalid},
		{400, "RequestTimeExpired", providers.ErrDenied}, {401, "Unauthorized", providers.ErrDenied}, {403, "SignatureNotMatch", providers.ErrDenied},
		{401, "SomethingNew", providers.ErrDenied}, {404, "ProjectNotExist", providers.ErrNotFound},
		{404, "ProjectNotExists", providers.ErrNotFound}, {404, "ConsumerGroupNotExist", providers.ErrNotFound},
		{404, "ConsumerNotExist", providers.ErrNotFound}, {404, "ShardNotExist", providers.ErrNotFound}, {400, "ShardNotExsit", providers.ErrNotFound},
		{400, "LogStoreWithoutShard", providers.ErrNotFound}, {400, "ConsumerNotMatch", providers.ErrPrecondition},
		{403, "ReadQuotaExceed", providers.ErrThrottled}, {403, "ShardReadQuotaExceed", providers.ErrThrottled}, {403, "WriteQuotaExceed",
			providers.ErrThrottled},
		{500, "InternalServerError", providers.ErrUnavailable}, {503, "ServerBusy", providers.ErrUnavailable}, {502, "SomethingNew",
			providers.ErrUnavailable},
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("x-log-requestid", "5AEEC78E")
			w.WriteHeader(c.status)
			fmt.Fprintf(w, `{"errorCode": %q, "errorMessage": "in its\nown words", "more": 1}`, c.code)
		})
		err := fails(t, config(url), environment(nil))
		var e *providers.Error
		if !errors.Is(err, c.want) || !errors.As(err, &e) || e.Code != c.code || e.RequestID != "5AEEC78E" || !strings.Contains(err.Error(),
			"in its own words") {
			t.Errorf("%d %s: got %v", c.status, c.code, err)
		}
	}
}

func TestRefusedCredentialsAreReportedWithTheReason(t *testing.T) {
	keys := func(id, secret, token string) map[string]string {
		return map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": id, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret, "ALIBABA_CLOUD_SECURITY_TOKEN": token}
	}
	for name, c := range map[string]struct {
		variables map[string]string
		ahead     time.Duration // this machine's clock
		code      string        // "" = accepted
	}{
		"a temporary key":  {keys(aliyunslsfake.AccessKey, aliyunslsfake.Secret, aliyunslsfake.SecurityToken), 0, ""},
		"a wrong secret":   {keys(aliyunslsfake.AccessKey, "s3cret", ""), 0, "SignatureNotMatch"},
		"an unknown key":   {keys("unknown", aliyunslsfake.Secret, ""), 0, "Unauthorized"},
		"an expired token": {keys(aliyunslsfake.AccessKey, aliyunslsfake.Secret, aliyunslsfake.ExpiredToken), 0, "Unauthorized"},
		"a clock ahead":    {nil, 20 * time.Minute, "RequestTimeExpired"},
		"a clock behind":   {nil, -20 * time.Minute, "RequestTimeExpired"},
		"a clock near it":  {nil, 10 * time.Minute, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, url := start(t, aliyunslsfake.Options{Now: func() time.Time { return time.Now().Add(-c.ahead) }})
			err := fails(t, config(url), environment(c.variables))
			if c.code == "" {
				check(t, err)
				return
			}
			var e *providers.Error
			if !errors.Is(err, providers.ErrDenied) || !errors.As(err, &e) || e.Code != c.code || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnUnknownProjectIsNotFound(t *testing.T) {
	_, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	c.Decode = providertest.Keys(map[string]any{"region": "cn-hangzhou", "project": "sandbx"})
	if err := fails(t, c, environment(nil)); !errors.Is(err, providers.ErrNotFound) || !strings.Contains(err.Error(), "sandbx") {
		t.Errorf("got %v", err)
	}
}

// TestAFailedReadIsSentOnce checks that the SDK, which retries reads for ninety
// seconds, sends one request.
func TestAFailedReadIsSentOnce(t *testing.T) {
	for name, c := range map[string]struct {
		kind inject.Kind
		want error
	}{
		"throttled":               {inject.Throttle, providers.ErrThrottled},
		"failed inside":           {inject.Error, providers.ErrUnavailable},
		"a proxy's page":          {inject.Foreign, providers.ErrUnavailable},
		"success of another page": {inject.Garbled, providers.ErrInvalid},
		"truncated":               {inject.Truncate, providers.ErrUnavailable},
		"lost":                    {inject.Drop, providers.ErrUnavailable},
		"without end":             {inject.Huge, providers.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			f, url := start(t, aliyunslsfake.Options{})
			f.Arm(c.kind, inject.Reads, 1)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			err := fails(t, config(url), environment(nil))
			if !errors.Is(err, c.want) || errors.Is(err, providers.ErrInDoubt) || f.Requests()["ListShards"] != 1 {
				t.Errorf("got %v after %v", err, f.Requests())
			}
			if ctx.Err() != nil {
				t.Error("the SDK went on trying")
			}
		})
	}
}

func TestAnUnreachableServiceIsUnavailable(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	if err := fails(t, config(s.URL), environment(nil)); !errors.Is(err, providers.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestAReadingEndsWithItsContext(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	release := f.Block()
	defer release()
	c := config(url)
	conn, target := connect(t, c, environment(nil)), goal(t, c, nil)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- conn.Read(ctx, []providers.ReadRequest{{Target: target}})[0].Err }()
	f.Hangs()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestAnAnswerOfAnotherServerIsNotAMissingLogstore serves what a wrong endpoint serves.
func TestAnAnswerOfAnotherServerIsNotAMissingLogstore(t *testing.T) {
	for name, body := range map[string]string{"a page": "<html><title>404 Not Found</title></html>", "JSON": `{"error": "not found"}`, "nothing": ""} {
		for _, status := range []int{http.StatusNotFound, http.StatusMethodNotAllowed} {
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			})
			err := fails(t, config(url), environment(nil))
			want := fmt.Sprintf("status %d is not an answer of Log Service: correct the region or the endpoint", status)
			if !errors.Is(err, providers.ErrInvalid) || errors.Is(err, providers.ErrNotFound) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
}

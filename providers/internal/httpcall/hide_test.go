package httpcall_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// TestCredentialsThatAServiceEchoesAreHidden uses a service that echoes all that it
// receives.
func TestCredentialsThatAServiceEchoesAreHidden(t *testing.T) {
	var log bytes.Buffer
	for name, echo := range map[string]func(http.ResponseWriter, string){
		"in a refusal": func(w http.ResponseWriter, sent string) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(sent))
		},
		"in an answer that is not JSON": func(w http.ResponseWriter, sent string) { _, _ = w.Write([]byte(sent)) },
		"in its request id": func(w http.ResponseWriter, sent string) {
			w.Header().Set("X-Request-Id", strings.ReplaceAll(sent, "\n", " "))
			w.WriteHeader(http.StatusForbidden)
		},
		"late": func(w http.ResponseWriter, sent string) {
			_, _ = w.Write([]byte(strings.Repeat("x", 110) + sent))
		},
		"in its content type": func(w http.ResponseWriter, sent string) {
			w.Header().Set("Content-Type", strings.ReplaceAll(sent, "\n", " "))
			w.WriteHeader(http.StatusForbidden)
		},
		"in a redirect's host": func(w http.ResponseWriter, _ string) {
			w.Header().Set("Location", "https://access-key-secret.example/")
			w.WriteHeader(http.StatusFound)
		},
		"in a redirect": func(w http.ResponseWriter, sent string) {
			w.Header().Set("Location", "/path/"+url.PathEscape(sent)+"?"+url.QueryEscape(sent))
			w.WriteHeader(http.StatusFound)
		},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			echo(w, "sent "+r.URL.RawQuery+" "+r.Header.Get("Authorization")+" signature "+strings.Repeat("Zz9/", 7)+" not match")
		}))
		secrets := &providers.Secrets{}
		secrets.Add("access-key-id/+", "access-key-secret")
		w, _, _ := start(t, providers.Process{Secrets: secrets, Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		c := w.Read(t.Context(), "Thing")
		err := c.Do(func() error {
			r, err := http.NewRequest(http.MethodGet, s.URL+"?AccessKeyId="+url.QueryEscape("access-key-id/+")+"&Signature=c2lnbmF0dXJlMQ%3D%3D1234", nil)
			check(t, err)
			r.Header.Set("Authorization", "LOG access-key-id/+:c2lnbmF0dXJlMjIyMjIy")
			answer, err := c.Client().Do(r)
			if err == nil {
				_ = answer.Body.Close()
			}
			return err
		})
		text := c.Failure("do the thing", httpcall.Answer{}, err).Error() + c.Failure("do", httpcall.Answer{Message: string(c.Body)},
			err).Error() + log.String()
		for _, hidden := range []string{"access-key", "c2lnbmF0dXJlM", "Zz9/Zz9/"} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s: %q is in %s", name, hidden, text)
			}
		}
		s.Close()
	}
}

// TestARepeatedSignatureIsHiddenAfterTheCall uses a service that repeats the signature,
// with escapes, as a value that is shown after the call.
func TestARepeatedSignatureIsHiddenAfterTheCall(t *testing.T) {
	const signature = "c2lnbmF0dXJlMTIzNA=="
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"state": "` + strings.ReplaceAll(signature, "=", `\u003d`) + `"}`))
	}))
	defer s.Close()
	secrets := &providers.Secrets{}
	w, _, _ := start(t, providers.Process{Secrets: secrets})
	c := w.Read(t.Context(), "Thing")
	check(t, c.Do(func() error {
		answer, err := c.Client().Get(s.URL + "?Signature=" + url.QueryEscape(signature))
		if err == nil {
			_ = answer.Body.Close()
		}
		return err
	}))
	var got struct{ State string }
	check(t, c.Decode("read", &got))
	if got.State != signature || secrets.Hide(got.State) != providers.Hidden {
		t.Errorf("the state %q is shown as %q", got.State, secrets.Hide(got.State))
	}
}

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
		text := c.Failure("do the thing", httpcall.Answer{}, err).Error() + c.Failure("do", httpcall.Answer{Message: string(c.Body)}, err).Error() + log.String()
		for _, hidden := range []string{"access-key", "c2lnbmF0dXJlM", "Zz9/Zz9/"} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s: %q is in %s", name, hidden, text)
			}
		}
		s.Close()
	}
}

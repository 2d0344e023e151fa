package enospipeline_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const token = "t0k3n-of-the-gateway"

// gateway is a service that gives a token and leaves the rest to api.
func gateway(t *testing.T, api http.HandlerFunc) *service {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/apim-token-service/") {
			fmt.Fprintf(w, `{"status":0,"msg":"SUCCESS","business":"apim-token-service","data":{"accessToken":%q,"expire":7200}}`, token)
			return
		}
		api(w, r)
	}))
}

// says answers every request of the API alike.
func says(t *testing.T, status int, body string) *service {
	t.Helper()
	return gateway(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

// readErr and resetErr are what a fresh connection makes of a service.
func (s *service) readErr(t *testing.T) error {
	t.Helper()
	return s.read(t, s.connect(t), "p").Err
}

func (s *service) resetErr(t *testing.T) error {
	t.Helper()
	_, err := s.connect(t).Reset(t.Context(), s.move(t, "p"))
	return err
}

// moved reports whether a pipeline of the fake was reset.
func (s *service) moved(id string) bool { return s.Committed(id)[0] == 0 }

// oneLine fails the test where an error's text does not fit in a line, or
// tells a secret.
func oneLine(t *testing.T, s *service, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, no := range []string{"\n", s.secret, token} {
		if strings.Contains(err.Error(), no) {
			t.Errorf("the error tells %q: %q", no, err)
		}
	}
}

// decoded is a document's keys.
func decoded(v map[string]any) func(any) error {
	return func(into any) error {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		return json.Unmarshal(raw, into)
	}
}

package enospipeline_test

import (
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

// answering answers every request of the API alike.
func answering(t *testing.T, status int, body string) *service {
	t.Helper()
	return gateway(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
}

package aliyunkafka_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

func TestWithoutAnEndpointTheRegionsOwnIsAskedOverHTTPS(t *testing.T) {
	var asked string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.Host
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	told(t, read(t, connect(t, "", with(keys(), "HTTPS_PROXY", proxy.URL)), seeded(t)).Err, providers.ErrUnavailable)
	if asked != "CONNECT alikafka.cn-hangzhou.aliyuncs.com:443" {
		t.Errorf("it asked %s", asked)
	}
}

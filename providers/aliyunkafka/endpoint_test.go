package aliyunkafka_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

func TestWithoutAnEndpointTheRegionsOwnIsUsedOverHTTPS(t *testing.T) {
	var requested string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requested = r.Method + " " + r.Host
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	checkError(t, read(t, connect(t, "", with(keys(), "HTTPS_PROXY", proxy.URL)), seeded(t)).Err, providers.ErrUnavailable)
	if requested != "CONNECT alikafka.cn-hangzhou.aliyuncs.com:443" {
		t.Errorf("it requested %s", requested)
	}
}

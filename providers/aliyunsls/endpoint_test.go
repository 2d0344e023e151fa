package aliyunsls_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
)

// TestRequestsGoToTheProjectsHost checks the hosts of requests in a proxy.
func TestRequestsGoToTheProjectsHost(t *testing.T) {
	seen := make(chan string, 10)
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusForbidden)
	})
	for endpoint, want := range map[string]string{
		"":                                    "CONNECT sandbox.cn-hangzhou.log.aliyuncs.com:443",
		"http://cn-hangzhou.log.aliyuncs.com": "GET sandbox.cn-hangzhou.log.aliyuncs.com",
	} {
		env := environment(map[string]string{"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "ALIBABA_CLOUD_ACCESS_KEY_ID": aliyunslsfake.AccessKey,
			"ALIBABA_CLOUD_ACCESS_KEY_SECRET": aliyunslsfake.Secret})
		if err := fails(t, config(endpoint), env); err == nil {
			t.Error("it answers")
		}
		if got := <-seen; got != want {
			t.Errorf("it requests %q, want %q", got, want)
		}
	}
}

// TestTheSignatureIsTheOneThatTheRegionAccepts checks the scheme and, in the fourth
// signature, the region.
func TestTheSignatureIsTheOneThatTheRegionAccepts(t *testing.T) {
	seen := make(chan string, 10)
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get("Authorization")
		w.WriteHeader(http.StatusForbidden)
	})
	env := environment(map[string]string{"HTTP_PROXY": proxy, "ALIBABA_CLOUD_ACCESS_KEY_ID": aliyunslsfake.AccessKey,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET": aliyunslsfake.Secret})
	for _, c := range []struct {
		endpoint string
		keys     map[string]any
		want     string
	}{
		{"http://cn-hangzhou.log.aliyuncs.com", nil, "LOG sandbox-ak:"},
		{"http://cn-heyuan-acdr-1-intranet.log.aliyuncs.com", nil, "LOG sandbox-ak:"},
		{"http://xx-test-acdr-ut-1-intranet.log.aliyuncs.com", nil, "SLS4-HMAC-SHA256 /xx-test-acdr-ut-1/sls/"},
		{"http://xx-test-acdr-ut-1-internal.log.aliyuncs.com", nil, "SLS4-HMAC-SHA256 /xx-test-acdr-ut-1/sls/"},
		{"http://log.example.com", map[string]any{"region": "xx-test-acdr-ut-1"}, "SLS4-HMAC-SHA256 /xx-test-acdr-ut-1/sls/"},
	} {
		if err := fails(t, at(c.endpoint, c.keys), env); err == nil {
			t.Error("it answers")
		}
		got := <-seen
		for _, part := range strings.Fields(c.want) {
			if !strings.Contains(got, part) {
				t.Errorf("%s: got %q, want %q", c.endpoint, got, c.want)
			}
		}
	}
}

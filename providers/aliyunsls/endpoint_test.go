package aliyunsls_test

import (
	"net/http"
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

//go:build integration

package aliyunslsfake_test

import (
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

// TestIntegrationOfficialSDK runs the vendor's Python SDKs against the fake.
// RESETPLAN_PYTHON is an interpreter with the packages of testdata/requirements.txt.
func TestIntegrationOfficialSDK(t *testing.T) {
	python := shelltest.Python(t, "testdata/requirements.txt")
	f, err := aliyunslsfake.New(aliyunslsfake.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
	t.Cleanup(func() { s.Close() })
	go s.Serve(l)
	out, err := exec.CommandContext(t.Context(), python, "testdata/official_sdk.py", "http://"+l.Addr().String()).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

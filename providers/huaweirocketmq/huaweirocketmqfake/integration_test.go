//go:build integration

package huaweirocketmqfake

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

// TestIntegrationOfficialSDK runs the vendor's Python SDK against the service. It
// requires a Python interpreter with the packages of testdata/requirements.txt.
func TestIntegrationOfficialSDK(t *testing.T) {
	python := shelltest.Python(t, "testdata/requirements.txt")
	s := httptest.NewServer(start(t, Options{Now: time.Now, TakeUp: 200 * time.Millisecond, CommitEvery: time.Hour}))
	defer s.Close()
	run := exec.CommandContext(t.Context(), python, "testdata/official_sdk.py", s.URL)
	run.Env = append(os.Environ(), "HOME="+t.TempDir()) // the SDK writes an id there
	out, err := run.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

//go:build integration

package enospipelinefake

import (
	"net/http/httptest"
	"os/exec"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

// TestIntegrationIndependentClient uses the service from another language, by a
// client that was written from the manual, independently of this code.
func TestIntegrationIndependentClient(t *testing.T) {
	python := shelltest.Python(t, "")
	f, err := New(Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(f)
	defer s.Close()
	out, err := exec.CommandContext(t.Context(), python, "testdata/independent_client.py", s.URL).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

//go:build integration

package tencentdts_test

import (
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
	"github.com/resetplan/resetplan/providers/tencentdts"
)

// TestIntegrationCommandsWithTheVendorsClient runs a plan's commands with tccli, the
// vendor's command line client, and looks at what they moved. $RESETPLAN_PYTHON
// names an interpreter that has what tencentdtsfake/testdata/requirements.txt lists;
// tccli is next to it. It speaks only https, so the service is behind TLS here.
func TestIntegrationCommandsWithTheVendorsClient(t *testing.T) {
	python := shelltest.Python(t, "tencentdtsfake/testdata/requirements.txt")
	s := start(t)
	front := httptest.NewTLSServer(http.HandlerFunc(s.ServeHTTP))
	t.Cleanup(front.Close)
	folder := t.TempDir()
	trusted := filepath.Join(folder, "ca.pem")
	check(t, os.WriteFile(trusted, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}), 0o600))
	// The client trusts only the authorities that come with it.
	check(t, os.WriteFile(filepath.Join(folder, "sitecustomize.py"), fmt.Appendf(nil, "import certifi\ncertifi.where = lambda: %q\n", trusted), 0o600))
	script, err := shelltest.Write(tencentdts.New(), providers.Config{Endpoint: front.URL}, config(), map[string]any{"group": audit},
		to(0, providers.AtTime(s.now.Add(-47*time.Hour).Add(2*time.Second))), to(1, newest), to(2, oldest))
	check(t, err)
	for _, command := range script.Commands {
		run := exec.CommandContext(t.Context(), "sh", "-euc", command)
		run.Env = []string{"PATH=" + filepath.Dir(python) + ":/usr/bin:/bin", "HOME=" + folder, "PYTHONPATH=" + folder,
			"TENCENTCLOUD_SECRET_ID=sandbox-ak", "TENCENTCLOUD_SECRET_KEY=sandbox-sk"}
		out, err := run.CombinedOutput()
		t.Logf("%s\n%s", command, out)
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", command, err))
		}
	}
	if got := s.committed(t, audit); !maps.Equal(got, committedAt(12, 576, 0, 400)) {
		t.Errorf("committed at %v", got)
	}
}

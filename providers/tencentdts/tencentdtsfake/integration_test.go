//go:build integration

package tencentdtsfake

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

// TestIntegrationOfficialSDK runs the vendor's own SDK for Python against the
// service. $RESETPLAN_PYTHON names an interpreter that has what
// testdata/requirements.txt lists.
func TestIntegrationOfficialSDK(t *testing.T) {
	python := shelltest.Python(t, "testdata/requirements.txt")
	f, url := start(t, Options{})
	for n := range 11 {
		f.AddGroup(fmt.Sprintf("group-%02d", n))
	}
	out, err := exec.CommandContext(t.Context(), python, "testdata/official_sdk.py", strings.TrimPrefix(url, "http://")).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

//go:build integration

package aliyunkafkafake_test

import (
	"os/exec"
	"testing"

	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

func TestIntegrationOfficialSDK(t *testing.T) {
	python := shelltest.Python(t, "testdata/requirements.txt")
	_, at, _ := start(t)
	out, err := exec.CommandContext(t.Context(), python, "testdata/official_sdk.py", at).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

//go:build integration

package aliyunkafkafake_test

import (
	"os"
	"os/exec"
	"testing"
)

func TestIntegrationOfficialSDK(t *testing.T) {
	python := os.Getenv("RESETPLAN_PYTHON")
	if python == "" {
		t.Fatal("set RESETPLAN_PYTHON to a Python interpreter with the packages of testdata/requirements.txt")
	}
	_, at, _ := start(t)
	out, err := exec.CommandContext(t.Context(), python, "testdata/official_sdk.py", at).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

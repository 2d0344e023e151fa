//go:build integration

package aliyunsls_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

// TestIntegrationScriptWithTheVendorsClient runs the commands of a move with aliyunlog,
// which RESETPLAN_PYTHON's folder has, through the fake as a proxy: aliyunlog always
// connects to project.endpoint.
func TestIntegrationScriptWithTheVendorsClient(t *testing.T) {
	python := shelltest.Python(t, "aliyunslsfake/testdata/requirements.txt")
	for _, endpoint := range []string{"http://cn-hangzhou.log.aliyuncs.com", "http://xx-test-acdr-ut-1-internal.log.aliyuncs.com"} {
		f, _ := start(t, aliyunslsfake.Options{})
		proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
			r.Host = strings.TrimSuffix(r.Host, ":80") // of the URL; the client signs the Host header, which has no port
			f.ServeHTTP(w, r)
		})
		c := at(endpoint, nil)
		m := rewind(f, goal(t, c, nil))
		script, err := aliyunsls.New().(providers.Scripter).Script(c, m)
		check(t, err)
		run := exec.CommandContext(t.Context(), "sh", "-eu", "-c", strings.Join(script.Commands, "\n"))
		run.Env = []string{"PATH=" + filepath.Dir(python) + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "http_proxy=" + proxy,
			"ALIYUN_LOG_CLI_ACCESSID=" + aliyunslsfake.AccessKey, "ALIYUN_LOG_CLI_ACCESSKEY=" + aliyunslsfake.Secret}
		out, err := run.CombinedOutput()
		if err != nil || !reflect.DeepEqual(moved(f, m), []bool{true, true, true}) {
			t.Errorf("%s: moved %v, %v:\n%s", endpoint, moved(f, m), err, out)
		}
		if last := m.To[2].Position; !strings.Contains(string(out), strings.TrimPrefix(last.String(), "cursor:")) {
			t.Errorf("%s: the check does not show %s:\n%s", endpoint, last, out)
		}
	}
}

package enospipeline_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
	"github.com/resetplan/resetplan/providers/providertest"
)

func FuzzAnswers(f *testing.F) {
	good := map[string]string{
		"get": `{"status": 0, "msg": "SUCCESS", "data": {"accessToken": "t0k3n-of-the-gateway", "expire": 7200}}`,
		"":    `{"code": 0, "msg": "OK", "requestId": "r-1", "data": {"count": 1, "pipelines": [{"pipelineId": "p", "pipelineName": "hourly", "status": "RUNNING", "executionMode": 1}], "topicName": "points", "lagAndOffset": [{"offset": 51, "lag": 13, "ts": 1790000000000}]}}`,
	}
	providertest.FuzzAnswers(f, providertest.Answers{
		Provider: enospipeline.New(), Config: map[string]any{"orgId": enospipelinefake.Org}, Target: map[string]any{"pipelineId": "p"},
		Env:  map[string]string{"ENOS_APP_KEY": "planted-app/key+", "ENOS_APP_SECRET": "planted-app/secret=="},
		Move: providers.PartMove{Position: providers.At(providers.Default)},
		Good: func(r *http.Request) string {
			if strings.HasPrefix(r.URL.Path, "/apim-token-service/") {
				return good["get"]
			}
			return good[""]
		},
	})
}

package aliyunsls_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
	"github.com/resetplan/resetplan/providers/providertest"
)

func FuzzAnswers(f *testing.F) {
	good := map[string]string{
		"shards":             `[{"shardID": 0, "status": "readwrite", "createTime": 1524155379}, {"shardID": 1, "status": "readonly", "createTime": 1524155380}]`,
		"logstores":          `{"total": 1, "count": 1, "logstores": ["access-log"]}`,
		"consumergroups":     `[{"name": "access-log-etl", "timeout": 60, "order": false}, {"name": "donor", "timeout": 60, "order": false}]`,
		"access-log-etl":     `[{"shard": 0, "checkpoint": "MjE=", "updateTime": 1524224984800922, "consumer": "etl-1"}, {"shard": 1, "checkpoint": "MjI=", "updateTime": 1524224984800922, "consumer": "etl-1"}]`,
		"donor":              `[{"shard": 0, "checkpoint": "MzE=", "updateTime": 1524224984800922, "consumer": ""}]`,
		"0 cursor begin":     `{"cursor": "MTE="}`,
		"0 cursor end":       `{"cursor": "OTE="}`,
		"1 cursor begin":     `{"cursor": "MTI="}`,
		"1 cursor end":       `{"cursor": "OTI="}`,
		"0 cursor 100":       `{"cursor": "MTE="}`,
		"1 cursor 100":       `{"cursor": "NDI="}`,
		"0 cursor_time MTE=": `{"cursor_time": 1554260243}`,
	}
	providertest.FuzzAnswers(f, providertest.Answers{
		Provider: aliyunsls.New(), Config: map[string]any{"region": "cn-hangzhou", "project": aliyunslsfake.Project}, Target: words(nil),
		Env: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5t/Planted+id=", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "Planted/secret+key=",
			"ALIBABA_CLOUD_SECURITY_TOKEN": "CAIS/planted+token=="},
		Resolve: []providers.Position{providers.AtTime(time.Unix(100, 0)), providers.At(providers.Latest), providers.PlaceOf("donor")},
		Move:    providers.PartMove{Part: shard(0), Position: providers.AtCursor("MTU=")},
		Good: func(r *http.Request) string {
			q := r.URL.Query()
			question := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] + " " + q.Get("type") + " " + q.Get("from") + q.Get("cursor")
			return good[strings.TrimSpace(question)]
		},
	})
}

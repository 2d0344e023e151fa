package huaweirocketmq

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/providertest"
)

func FuzzAnswers(f *testing.F) {
	good := map[string]string{
		"groups/group_01":         `{"name": "group_01", "broadcast": false, "group_online": true}`,
		"groups/group_01/clients": `{"online": true, "total": 1, "clients": [{"client_id": "c-1", "client_addr": "10.0.0.7:40712"}]}`,
		"groups/group_01/topics":  `{"brokers": [{"broker_name": "broker-0", "queues": [{"id": 0, "broker_offset": 50, "consumer_offset": 41, "last_message_time": 1790000000000}, {"id": 1, "broker_offset": 60, "consumer_offset": 42}]}]}`,
		"topics/topic_01/status":  `{"brokers": [{"broker_name": "broker-0", "queues": [{"id": 0, "min_offset": 11, "max_offset": 50}, {"id": 1, "min_offset": 12, "max_offset": 60}]}]}`,
		"groups":                  `{"total": 1, "groups": [{"name": "group_01"}]}`,
		"topics":                  `{"total": 1, "topics": [{"name": "topic_01"}]}`,
	}
	providertest.FuzzAnswers(f, providertest.Answers{
		Provider: New(), Config: settings(), Target: map[string]any{"group": fake.Group, "topic": fake.Topic},
		Env: map[string]string{"HUAWEICLOUD_SDK_AK": "PLANTEDAK/1234567", "HUAWEICLOUD_SDK_SK": "Planted/secret+key=",
			"HUAWEICLOUD_SDK_SECURITY_TOKEN": "planted/token+0123=="},
		Resolve: []providers.Position{providers.AtTime(time.UnixMilli(1_790_000_000_000))},
		Move:    providers.PartMove{Position: providers.AtTime(time.UnixMilli(1_790_000_000_000))},
		Good: func(r *http.Request) string {
			_, action, _ := strings.Cut(r.URL.Path, "/instances/"+fake.Instance+"/")
			if body, known := good[action]; known {
				return body
			}
			return `{}`
		},
	})
}

package aliyunkafka_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/providertest"
)

func FuzzAnswers(f *testing.F) {
	good := map[string]string{
		"GetConsumerProgress": `{"Success": true, "Code": 200, "RequestId": "r-1", "ConsumerProgress": {"State": "Empty", "TotalDiff": 77, "TopicList": {"TopicList": [{"Topic": "orders", "OffsetList": {"OffsetList": [` +
			`{"Partition": 0, "BrokerOffset": 50, "ConsumerOffset": 21}, {"Partition": 1, "BrokerOffset": 60, "ConsumerOffset": 22, "ClientId": "c", "ClientIP": "/10.0.0.7", "MemberId": "m"}]}}]}}}`,
		"GetTopicStatus":  `{"Success": true, "Code": 200, "TopicStatus": {"OffsetTable": {"OffsetTable": [{"Partition": 0, "MinOffset": 5, "MaxOffset": 50}, {"Partition": 1, "MinOffset": 6, "MaxOffset": 60}]}}}`,
		"GetConsumerList": `{"Success": true, "Code": 200, "Total": 2, "ConsumerList": {"ConsumerVO": [{"ConsumerId": "orders-billing"}, {"ConsumerId": "donor"}]}}`,
		"GetTopicList":    `{"Success": true, "Code": 200, "Total": 1, "TopicList": {"TopicVO": [{"Topic": "orders"}]}}`,
	}
	providertest.FuzzAnswers(f, providertest.Answers{
		Provider: aliyunkafka.New(), Config: config(), Target: map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic},
		Env: map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5t/Planted+id=", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "Planted/secret+key=",
			"ALIBABA_CLOUD_SECURITY_TOKEN": "CAIS/planted+token=="},
		Resolve: []providers.Position{providers.AtTime(time.UnixMilli(1_790_000_000_000)), providers.PlaceOf("donor")},
		Move:    providers.PartMove{Part: part(kafkafake.SeedTopic, 0), Position: providers.AtOffset(7)},
		Good: func(r *http.Request) string {
			if body, known := good[r.URL.Query().Get("Action")]; known {
				return body
			}
			return `{"Success": true, "Code": 200, "Message": "operation success.", "RequestId": "r-2"}`
		},
	})
}

package tencentdts_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/resetplan/resetplan/providers/tencentdts"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
)

func FuzzAnswers(f *testing.F) {
	good := map[string]string{
		"DescribeConsumerGroups": `{"Response": {"TotalCount": 1, "RequestId": "r-1", "Items": [` +
			auditAt(`{"PartitionNo": 0, "ConsumerGroupOffset": 21, "ConsumerGroupLag": 30}, {"PartitionNo": 1, "ConsumerGroupOffset": 22, "ConsumerGroupLag": 40}`) + `]}}`,
		"DescribeSubscribeDetail":  `{"Response": {"SubscribeId": "` + tencentdtsfake.SeedSubscription + `", "Topic": "` + topic + `", "Status": "normal", "SubsStatus": "running"}}`,
		"oldest":                   `{"Response": {"Items": [{"PartitionNo": 0, "Offset": 13}, {"PartitionNo": 1, "Offset": 14}]}}`,
		"newest":                   `{"Response": {"Items": [{"PartitionNo": 0, "Offset": 51}, {"PartitionNo": 1, "Offset": 62}]}}`,
		"a time":                   `{"Response": {"Items": [{"PartitionNo": 0, "Offset": 33}, {"PartitionNo": 1, "Offset": 34}]}}`,
		"ResetConsumerGroupOffset": `{"Response": {"RequestId": "r-2"}}`,
	}
	providertest.FuzzAnswers(f, providertest.Answers{
		Provider: tencentdts.New(), Config: config(), Target: map[string]any{"group": audit, "topic": topic}, Sums: true,
		Env: map[string]string{"TENCENTCLOUD_SECRET_ID": "AKIDplanted/id+12", "TENCENTCLOUD_SECRET_KEY": "Planted/secret+key=",
			"TENCENTCLOUD_TOKEN": "planted/token+0123=="},
		Resolve: []providers.Position{providers.AtTime(time.UnixMilli(1_790_000_000_000))},
		Move:    providers.PartMove{Part: part(0), Position: providers.AtTime(time.UnixMilli(1_790_000_000_000))},
		Good: func(r *http.Request) string {
			action := r.Header.Get("X-TC-Action")
			if action != "DescribeOffsetByTime" {
				return good[action]
			}
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			switch {
			case bytes.Contains(body, []byte(`"Time":""`)):
				return good["oldest"]
			case bytes.Contains(body, []byte(`"Time":"2027`)):
				return good["newest"]
			}
			return good["a time"]
		},
	})
}

package api

import (
	"maps"
	"testing"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/alikafka"
)

// TestRequestsAreTheSDKs compares the requests of the actions that only read with
// those of the SDK's own types.
func TestRequestsAreTheSDKs(t *testing.T) {
	progress, status := alikafka.CreateGetConsumerProgressRequest(), alikafka.CreateGetTopicStatusRequest()
	progress.InstanceId, progress.ConsumerId = "alikafka-1", "orders-billing"
	status.InstanceId, status.Topic = "alikafka-1", "orders"
	groups, topics := alikafka.CreateGetConsumerListRequest(), alikafka.CreateGetTopicListRequest()
	groups.InstanceId, groups.CurrentPage, groups.PageSize = "alikafka-1", "2", pageSize
	topics.InstanceId, topics.CurrentPage, topics.PageSize = "alikafka-1", "2", pageSize
	page := map[string]string{"CurrentPage": "2", "PageSize": pageSize}
	c := &Client{options: Options{InstanceID: "alikafka-1"}}
	for _, one := range []struct {
		action string
		params map[string]string
		sdk    requests.AcsRequest
	}{
		{"GetConsumerProgress", map[string]string{"ConsumerId": "orders-billing"}, progress},
		{"GetTopicStatus", map[string]string{"Topic": "orders"}, status},
		{"GetConsumerList", page, groups},
		{"GetTopicList", page, topics},
	} {
		if err := requests.InitParams(one.sdk); err != nil {
			t.Fatal(err)
		}
		own := c.request(one.action, one.params)
		for what, pair := range map[string][2]string{
			"action": {own.GetActionName(), one.sdk.GetActionName()}, "version": {own.GetVersion(), one.sdk.GetVersion()},
			"product": {own.GetProduct(), one.sdk.GetProduct()}, "method": {own.GetMethod(), one.sdk.GetMethod()},
			"style": {own.GetStyle(), one.sdk.GetStyle()},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s is %q, the SDK has %q", one.action, what, pair[0], pair[1])
			}
		}
		if !maps.Equal(own.GetQueryParams(), one.sdk.GetQueryParams()) || !maps.Equal(own.GetHeaders(), one.sdk.GetHeaders()) {
			t.Errorf("%s: %v and %v, the SDK has %v and %v", one.action, own.GetQueryParams(), own.GetHeaders(), one.sdk.GetQueryParams(), one.sdk.GetHeaders())
		}
	}
}

package aliyunslsfake

import (
	"net/http"
	"slices"
	"strings"
)

// permissions are the RAM actions of the API's actions, which have other names, and
// the form of the resource: p = the project's logstores, l = a logstore, g = its group,
// a = all groups of the logstore. The vendor documents them on each action's page:
// https://www.alibabacloud.com/help/en/sls/developer-reference/api-sls-2020-12-30-overview
var permissions = map[string][2]string{
	"ListLogStores":       {"log:ListLogStores", "p"},
	"ListShards":          {"log:ListShards", "l"},
	"GetCursor":           {"log:GetCursorOrData", "l"},
	"GetCursorTime":       {"log:GetCursorOrData", "l"},
	"ListConsumerGroup":   {"log:ListConsumerGroup", "a"},
	"CreateConsumerGroup": {"log:CreateConsumerGroup", "g"},
	"DeleteConsumerGroup": {"log:DeleteConsumerGroup", "g"},
	"GetCheckPoint":       {"log:GetConsumerGroupCheckPoint", "g"},
	"UpdateCheckPoint":    {"log:ConsumerGroupUpdateCheckPoint", "g"},
	"HeartBeat":           {"log:ConsumerGroupHeartBeat", "g"},
}

// permit refuses a request whose RAM action the key may not use.
func (f *Fake) permit(mux *http.ServeMux, r *http.Request) *refusal {
	name, _ := action(mux, r)
	needed, known := permissions[name]
	if !f.limited || known && slices.Contains(f.allowed, needed[0]) {
		return nil
	}
	project, _, _ := strings.Cut(r.Host, ".")
	resource := "acs:log:cn-hangzhou:1234567890123456:project/" + project + "/logstore/"
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/") // logstores, the logstore, consumergroups or shards, one of them
	if len(path) > 1 {
		resource += path[1]
	}
	switch {
	case needed[1] == "p":
		resource += "*"
	case needed[1] == "a":
		resource += "/consumergroup/*"
	case needed[1] == "g" && len(path) > 3:
		resource += "/consumergroup/" + path[3]
	}
	return unauthorized("denied by sts or ram, action: " + needed[0] + ", resource: " + resource)
}

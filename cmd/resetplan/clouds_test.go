package main

import (
	"fmt"
	"net/http"
	"strings"
)

// A cloudKind is a service behind HTTP as a test's plan names it.
type cloudKind struct {
	keys, target, to string
	env              []string // its credentials
}

func clouds() map[string]cloudKind {
	ali := []string{"ALIBABA_CLOUD_ACCESS_KEY_ID=some-id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=some-key"}
	huawei := []string{"HUAWEICLOUD_SDK_AK=some-id", "HUAWEICLOUD_SDK_SK=some-key"}
	tencent := []string{"TENCENTCLOUD_SECRET_ID=some-id", "TENCENTCLOUD_SECRET_KEY=some-key"}
	return map[string]cloudKind{
		"aliyun-kafka":    {"region: cn-hangzhou, instanceId: i", "group: g, topic: t", "earliest", ali},
		"aliyun-sls":      {"region: cn-hangzhou, project: p", "logstore: l, consumerGroup: g", "earliest", ali},
		"huawei-rocketmq": {"region: cn-north-4, projectId: p, instanceId: i", "group: g, topic: t", "earliest", huawei},
		"tencent-dts":     {"region: ap-guangzhou, subscribeId: subs-1", "group: g, topic: t", "earliest", tencent},
		"enos-pipeline":   {"orgId: o", "pipelineId: x", "default", []string{"ENOS_APP_KEY=some-id", "ENOS_APP_SECRET=some-key"}},
	}
}

// cloud returns a plan for one of them, with an endpoint unless it is "".
func cloud(kind, keys, endpoint, target string) map[string]func() []byte {
	if endpoint != "" {
		keys += fmt.Sprintf(", endpoint: %q", endpoint)
	}
	return map[string]func() []byte{"p.yaml": func() []byte {
		return []byte("version: 1\nname: p\nproviders: {k: {type: " + kind + ", timeout: 5s, rateLimit: 1000, " + keys + "}}\n" +
			"steps: [{id: s, provider: k, target: {" + target + "}, to: " + clouds()[kind].to + "}]\n")
	}}
}

// sls is a Log Service with one shard and no checkpoint.
func sls() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/shards"):
			fmt.Fprint(w, `[{"shardID": 0}]`)
		case strings.Contains(r.URL.Path, "/shards/"):
			fmt.Fprint(w, `{"cursor": "MTQ="}`)
		case strings.HasSuffix(r.URL.Path, "/consumergroups"):
			fmt.Fprint(w, `[{"name": "g", "timeout": 10}]`)
		default:
			fmt.Fprint(w, `[]`)
		}
	})
}

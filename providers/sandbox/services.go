package sandbox

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers/aliyunkafka/aliyunkafkafake"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
)

const kafkaType = "kafka"

// A kind is one service as the sandbox has it.
type kind struct {
	name   string // the provider's type
	listen string // unless another address is given
	holds  string
	faults map[string]string
	// open makes the service's fake; broker is the Kafka behind it.
	open func(ctx context.Context, broker string, now func() time.Time) (handler, error)
	// provider and step are its part of a plan to try: the keys other than type and
	// endpoint, and the keys of a step other than id and provider.
	provider, id, step string
	credentials        []Variable
}

type handler interface {
	emulated
	http.Handler
}

// A Variable is one of the environment, to be set for a client.
type Variable struct{ Name, Value string }

// kinds lists the services; Kafka is first, because two others use it.
var kinds = sync.OnceValue(func() []kind {
	return []kind{
		{
			name: kafkaType, listen: "127.0.0.1:19092", faults: kafkafake.Faults(),
			holds: "topic orders (3 partitions), group orders-billing at 300",
			id:    "rewind-orders", step: "target: {group: orders-billing, topic: orders, partitions: [0, 1]}\n" +
				"    to: {timestamp: now-36h}\n    guards: {maxReplay: 2000}",
		},
		{
			name: "aliyun-kafka", listen: "127.0.0.1:19101", faults: aliyunkafkafake.Faults(),
			holds:    "instance alikafka_post-cn-sandbox in cn-hangzhou: the same topic and group",
			provider: "region: cn-hangzhou, instanceId: alikafka_post-cn-sandbox",
			id:       "rewind-by-offset", step: "target: {group: orders-billing, topic: orders, partitions: [2]}\n    to: {offset: 120}",
			credentials: []Variable{{"ALIBABA_CLOUD_ACCESS_KEY_ID", AccessKey}, {"ALIBABA_CLOUD_ACCESS_KEY_SECRET", Secret}},
			open: func(_ context.Context, broker string, now func() time.Time) (handler, error) {
				return aliyunkafkafake.New(aliyunkafkafake.Options{Bootstrap: broker, Now: now})
			},
		},
		{
			name: "aliyun-sls", listen: "127.0.0.1:19102", faults: aliyunslsfake.Faults(),
			holds:    "project sandbox: logstore access-log (3 shards), consumer group access-log-etl",
			provider: "region: cn-hangzhou, project: sandbox",
			id:       "reread-logs", step: "target: {logstore: access-log, consumerGroup: access-log-etl}\n    to: {timestamp: now-30h}",
			open: func(_ context.Context, _ string, now func() time.Time) (handler, error) {
				return aliyunslsfake.New(aliyunslsfake.Options{Now: now})
			},
		},
		{
			name: "huawei-rocketmq", listen: "127.0.0.1:19103", faults: huaweirocketmqfake.Faults(),
			holds:    "instance sandbox-rocketmq in cn-north-4: topic topic_01 (2 brokers of 4 queues), group group_01, online",
			provider: "region: cn-north-4, projectId: sandbox-project, instanceId: sandbox-rocketmq",
			id:       "rewind-queues", step: "target: {group: group_01, topic: topic_01}\n    to: {timestamp: now-24h}",
			credentials: []Variable{{"HUAWEICLOUD_SDK_AK", AccessKey}, {"HUAWEICLOUD_SDK_SK", Secret}},
			open: func(_ context.Context, _ string, now func() time.Time) (handler, error) {
				return huaweirocketmqfake.New(huaweirocketmqfake.Options{Now: now})
			},
		},
		{
			name: "tencent-dts", listen: "127.0.0.1:19104", faults: tencentdtsfake.Faults(),
			holds:    "subscription subs-sandbox0001 in ap-guangzhou: topic topic-subs-sandbox0001-cdb-1 (4 partitions), group audit, Empty",
			provider: "region: ap-guangzhou, subscribeId: subs-sandbox0001",
			id:       "reread-changes", step: "target: {group: audit, topic: topic-subs-sandbox0001-cdb-1}\n    to: {timestamp: now-40h}",
			credentials: []Variable{{"TENCENTCLOUD_SECRET_ID", AccessKey}, {"TENCENTCLOUD_SECRET_KEY", Secret}},
			open:        openTencent,
		},
		{
			name: "enos-pipeline", listen: "127.0.0.1:19105", faults: enospipelinefake.Faults(),
			holds:    "organisation o15sandbox: pipeline sandbox-pipeline, PAUSED",
			provider: "orgId: o15sandbox",
			id:       "reset-pipeline", step: "target: {pipelineId: sandbox-pipeline}\n    to: default",
			credentials: []Variable{{"ENOS_APP_KEY", AccessKey}, {"ENOS_APP_SECRET", Secret}},
			open: func(_ context.Context, _ string, now func() time.Time) (handler, error) {
				return enospipelinefake.New(enospipelinefake.Options{Now: now})
			},
		},
	}
})

func openTencent(ctx context.Context, broker string, now func() time.Time) (handler, error) {
	f, err := tencentdtsfake.New(tencentdtsfake.Options{Bootstrap: broker, Now: now})
	if err != nil {
		return nil, err
	}
	if err := f.Seed(ctx); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Types are the services in the order in which users see them.
func Types() []string {
	var out []string
	for _, k := range kinds() {
		out = append(out, k.name)
	}
	return out
}

// Default is the address of a type unless another is given.
func Default(of string) string {
	for _, k := range kinds() {
		if k.name == of {
			return k.listen
		}
	}
	return ""
}

// Faults are, by type, the names of faults with what each does.
func Faults() map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, k := range kinds() {
		out[k.name] = k.faults
	}
	return out
}

// Environment is what a client must set to be authenticated.
func Environment() []Variable {
	var out []Variable
	for _, k := range kinds() {
		out = append(out, k.credentials...)
	}
	return out
}

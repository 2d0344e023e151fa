package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/resetplan/resetplan/providers/aliyunkafka/aliyunkafkafake"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A cloud is an emulated service with a group for each step.
type cloud struct {
	name     string
	handler  http.Handler
	requests func() map[string]int
	provider string   // its keys in a plan, without type, endpoint and rateLimit
	target   string   // of a step, with %s for the group
	variable []string // credentials
	rate     float64  // the most calls a second, unless -rate is given: what the provider does without rateLimit
	reset    string   // the action that resets
	resets   int      // how often a step calls it
	close    func()
}

// otherwise is the rate of a service that documents none.
const otherwise = 10

// A service starts a cloud with some groups.
type service struct {
	open func(ctx context.Context, groups int) (*cloud, error)
	most int // groups that the service permits in addition to those that are seeded; 0 = any number
}

// clouds are the services that are measured.
func clouds() []service {
	return []service{{open: aliyunKafka}, {open: aliyunSLS}, {open: huaweiRocketMQ}, {open: tencentDTS, most: 9}, {open: enosPipeline}}
}

func group(n int) string { return fmt.Sprintf("group-%03d", n) }

// aliyunKafka is the service in front of an embedded broker.
func aliyunKafka(ctx context.Context, groups int) (*cloud, error) {
	broker, err := startBroker(func(address string) error { return kafkafake.Seed(ctx, address, time.Now()) })
	if err != nil {
		return nil, err
	}
	var names []string
	for n := range groups {
		names = append(names, group(n))
	}
	f, err := aliyunkafkafake.New(aliyunkafkafake.Options{Bootstrap: broker.Address(), Now: time.Now})
	if err = errors.Join(err, commit(ctx, broker.Address(), "orders", 3, 300, names)); err != nil {
		broker.Close()
		return nil, err
	}
	return &cloud{
		name: "aliyun-kafka", handler: f, requests: f.Requests, reset: "UpdateConsumerOffset", resets: 1, rate: otherwise,
		provider: "region: cn-hangzhou, instanceId: " + aliyunkafkafake.Instance,
		target:   "target: {group: %s, topic: orders, partitions: [2]}\n    to: {offset: 120}",
		variable: []string{"ALIBABA_CLOUD_ACCESS_KEY_ID=" + aliyunkafkafake.AccessKey, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + aliyunkafkafake.Secret},
		close:    func() { f.Close(); broker.Close() },
	}, nil
}

// startBroker starts an embedded broker and fills it.
func startBroker(fill func(address string) error) (*kafkafake.Fake, error) {
	broker, err := kafkafake.Start("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	if err := fill(broker.Address()); err != nil {
		broker.Close()
		return nil, err
	}
	return broker, nil
}

// commit commits the same offset for groups on all partitions of a topic.
func commit(ctx context.Context, broker, topic string, partitions int32, offset int64, groups []string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(broker))
	if err != nil {
		return err
	}
	defer client.Close()
	for _, name := range groups {
		var at kadm.Offsets
		for partition := range partitions {
			at.AddOffset(topic, partition, offset, -1)
		}
		if err := kadm.NewClient(client).CommitAllOffsets(ctx, name, at); err != nil {
			return err
		}
	}
	return nil
}

// aliyunSLS is the service with consumer groups that have been idle for an hour, on three
// shards.
func aliyunSLS(_ context.Context, groups int) (*cloud, error) {
	f, err := aliyunslsfake.New(aliyunslsfake.Options{Now: time.Now})
	if err != nil {
		return nil, err
	}
	const shards = 3
	for n := range groups {
		for shard := range shards {
			f.Commit(group(n), "consumer", shard, 300, time.Now().Add(-time.Hour))
		}
	}
	return &cloud{
		name: "aliyun-sls", handler: f, requests: f.Requests, reset: "UpdateCheckPoint", resets: shards, rate: 100,
		provider: "region: cn-hangzhou, project: " + aliyunslsfake.Project,
		target:   "target: {logstore: " + aliyunslsfake.Logstore + ", consumerGroup: %s}\n    to: {timestamp: now-30h}",
		variable: []string{"ALIBABA_CLOUD_ACCESS_KEY_ID=" + aliyunslsfake.AccessKey, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + aliyunslsfake.Secret},
		close:    f.Close,
	}, nil
}

// huaweiRocketMQ is the service with consumers that take over a reset at once.
func huaweiRocketMQ(_ context.Context, groups int) (*cloud, error) {
	f, err := huaweirocketmqfake.New(huaweirocketmqfake.Options{Now: time.Now, TakeUp: huaweirocketmqfake.AtOnce})
	if err != nil {
		return nil, err
	}
	for n := range groups {
		f.CreateGroup(group(n))
		f.Commit(group(n), huaweirocketmqfake.Topic, 500)
		f.Join(group(n), fmt.Sprintf("10.0.0.%d@1#1", n%250+1))
	}
	return &cloud{
		name: "huawei-rocketmq", handler: f, requests: f.Requests, reset: "ResetConsumeOffset", resets: 1, rate: otherwise,
		provider: "region: " + huaweirocketmqfake.Region + ", projectId: " + huaweirocketmqfake.Project + ", instanceId: " + huaweirocketmqfake.Instance,
		target:   "target: {group: %s, topic: " + huaweirocketmqfake.Topic + "}\n    to: {timestamp: now-24h}",
		variable: []string{"HUAWEICLOUD_SDK_AK=" + huaweirocketmqfake.AccessKey, "HUAWEICLOUD_SDK_SK=" + huaweirocketmqfake.Secret},
		close:    f.Close,
	}, nil
}

// tencentDTS is the service in front of an embedded broker.
func tencentDTS(ctx context.Context, groups int) (*cloud, error) {
	var f *tencentdtsfake.Fake
	broker, err := startBroker(func(address string) (err error) {
		if f, err = tencentdtsfake.New(tencentdtsfake.Options{Bootstrap: address, Now: time.Now}); err != nil {
			return err
		}
		var names []string
		for n := range groups {
			f.AddGroup(group(n))
			names = append(names, tencentdtsfake.FullName(group(n)))
		}
		return errors.Join(f.Seed(ctx), commit(ctx, address, tencentdtsfake.SeedTopic, 4, 400, names))
	})
	if err != nil {
		return nil, err
	}
	return &cloud{
		name: "tencent-dts", handler: f, requests: f.Requests, reset: "ResetConsumerGroupOffset", resets: 1, rate: 20,
		provider: "region: " + tencentdtsfake.Region + ", subscribeId: " + tencentdtsfake.SeedSubscription,
		target:   "target: {group: %s, topic: " + tencentdtsfake.SeedTopic + "}\n    to: {timestamp: now-40h}",
		variable: []string{"TENCENTCLOUD_SECRET_ID=" + tencentdtsfake.AccessKey, "TENCENTCLOUD_SECRET_KEY=" + tencentdtsfake.Secret},
		close:    func() { f.Close(); broker.Close() },
	}, nil
}

// enosPipeline is the service with pipelines that are paused.
func enosPipeline(_ context.Context, pipelines int) (*cloud, error) {
	f, err := enospipelinefake.New(enospipelinefake.Options{Now: time.Now})
	if err != nil {
		return nil, err
	}
	for n := range pipelines {
		f.Add(group(n), enospipelinefake.Paused)
	}
	return &cloud{
		name: "enos-pipeline", handler: f, requests: f.Requests, reset: "ResetPipelineOffset", resets: 1, rate: otherwise,
		provider: "orgId: " + enospipelinefake.Org,
		target:   "target: {pipelineId: %s}\n    to: default",
		variable: []string{"ENOS_APP_KEY=" + enospipelinefake.AccessKey, "ENOS_APP_SECRET=" + enospipelinefake.Secret},
		close:    f.Close,
	}, nil
}

// serve serves a cloud on loopback, each answer after a delay.
func (c *cloud) serve(latency time.Duration) (url string, closed func(), _ error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	late := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(latency):
			c.handler.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
	server := &http.Server{Handler: late, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			panic(err)
		}
	}()
	return "http://" + l.Addr().String(), func() { _ = server.Close() }, nil
}

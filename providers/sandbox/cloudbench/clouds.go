package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/resetplan/resetplan/providers/aliyunkafka/aliyunkafkafake"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
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
	reset    string   // the action that resets
	close    func()
}

// clouds are the services that are measured, one for each kind of SDK.
func clouds() []func(context.Context, int) (*cloud, error) {
	return []func(context.Context, int) (*cloud, error){aliyunKafka, huaweiRocketMQ}
}

func group(n int) string { return fmt.Sprintf("group-%03d", n) }

// aliyunKafka is the service in front of an embedded broker.
func aliyunKafka(ctx context.Context, groups int) (*cloud, error) {
	broker, err := kafkafake.Start("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*cloud, error) { broker.Close(); return nil, err }
	if err := kafkafake.Seed(ctx, broker.Address(), time.Now()); err != nil {
		return fail(err)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Address()))
	if err != nil {
		return fail(err)
	}
	defer client.Close()
	for n := range groups {
		var at kadm.Offsets
		for partition := range int32(3) {
			at.AddOffset("orders", partition, 300, -1)
		}
		if err := kadm.NewClient(client).CommitAllOffsets(ctx, group(n), at); err != nil {
			return fail(err)
		}
	}
	f, err := aliyunkafkafake.New(aliyunkafkafake.Options{Bootstrap: broker.Address(), Now: time.Now})
	if err != nil {
		return fail(err)
	}
	return &cloud{
		name: "aliyun-kafka", handler: f, requests: f.Requests, reset: "UpdateConsumerOffset",
		provider: "region: cn-hangzhou, instanceId: " + aliyunkafkafake.Instance,
		target:   "target: {group: %s, topic: orders, partitions: [2]}\n    to: {offset: 120}",
		variable: []string{"ALIBABA_CLOUD_ACCESS_KEY_ID=" + aliyunkafkafake.AccessKey, "ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + aliyunkafkafake.Secret},
		close:    func() { f.Close(); broker.Close() },
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
		name: "huawei-rocketmq", handler: f, requests: f.Requests, reset: "ResetConsumeOffset",
		provider: "region: " + huaweirocketmqfake.Region + ", projectId: " + huaweirocketmqfake.Project + ", instanceId: " + huaweirocketmqfake.Instance,
		target:   "target: {group: %s, topic: " + huaweirocketmqfake.Topic + "}\n    to: {timestamp: now-24h}",
		variable: []string{"HUAWEICLOUD_SDK_AK=" + huaweirocketmqfake.AccessKey, "HUAWEICLOUD_SDK_SK=" + huaweirocketmqfake.Secret},
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

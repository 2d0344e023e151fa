// Package api is the client of the actions of Distributed Message Service for RocketMQ
// that resetting a consumer group needs. It is the only package of the provider that
// knows the vendor's SDK and the JSON of its answers: methods are named after the
// actions and return plain values.
//
// The SDK builds and signs the requests, and obtains temporary keys. Answers are
// decoded here, because the SDK holds offsets in 32 bits and fails on a shape that its
// own manual shows. It is given the project's id; without one it would request it from
// IAM.
//
// An answer that lacks what it must have is an error, never a zero value. The package
// decides nothing about groups or positions.
package api

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/rocketmq/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/rocketmq/v2/model"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// Options say which instance to use, with which key, and how to read refusals.
type Options struct {
	Provider    string // the provider's type, for errors
	Endpoint    string
	ProjectID   string
	InstanceID  string
	Engine      string // of a reset's path
	Credentials Credentials
	// Explain returns the contract's kind of a refusal, or nil if the HTTP status
	// decides, and what to do about it, or "".
	Explain func(Refusal) (kind error, remedy string)
}

// A Refusal is the service's error.
type Refusal struct {
	Action  string // the refused action, as in the manual
	Status  int    // of HTTP
	Code    string
	Message string
	// Encoded explains a missing permission. Only IAM can decode it, unless it is plain
	// text in base64; "" = the service sent none.
	Encoded string
}

// A Client calls the service. Its methods may be called from several goroutines.
type Client struct {
	options Options
	http    *httpcall.Client
	keys    *keyring
	now     func() time.Time
	secrets *providers.Secrets
}

// New returns a client. It opens no connection.
func New(c providers.Config, env providers.Process, o Options) *Client {
	client := &Client{options: o, http: httpcall.New(c, env, httpcall.Options{Provider: o.Provider, RequestID: requestID}), now: env.Now,
		secrets: env.Secrets}
	client.keys = &keyring{client: client, found: o.Credentials}
	return client
}

// Close drops idle connections.
func (c *Client) Close() { c.http.Close() }

// ListInstanceConsumerGroups returns the names of all groups, sorted.
func (c *Client) ListInstanceConsumerGroups(ctx context.Context) ([]string, error) {
	const op = "list groups"
	all, err := pages(func(limit, offset *int32) ([]named, count, error) {
		var answer struct {
			Total  count
			Groups []named
		}
		call := c.read(ctx, "ListInstanceConsumerGroups")
		err := c.send(ctx, call, op, sdk.GenReqDefForListInstanceConsumerGroups(),
			&model.ListInstanceConsumerGroupsRequest{InstanceId: c.options.InstanceID, Limit: limit, Offset: offset}, &answer)
		if err == nil && answer.Groups == nil {
			err = call.Unclear(op, "it has no groups")
		}
		return answer.Groups, answer.Total, err
	})
	return sortedNames(all), err
}

// ListRocketInstanceTopics returns the names of all topics, sorted.
func (c *Client) ListRocketInstanceTopics(ctx context.Context) ([]string, error) {
	const op = "list topics"
	all, err := pages(func(limit, offset *int32) ([]named, count, error) {
		var answer struct {
			Total  count
			Topics []named
		}
		call := c.read(ctx, "ListRocketInstanceTopics")
		err := c.send(ctx, call, op, sdk.GenReqDefForListRocketInstanceTopics(),
			&model.ListRocketInstanceTopicsRequest{InstanceId: c.options.InstanceID, Limit: limit, Offset: offset}, &answer)
		if err == nil && answer.Topics == nil {
			err = call.Unclear(op, "it has no topics")
		}
		return answer.Topics, answer.Total, err
	})
	return sortedNames(all), err
}

// ShowGroup returns a group.
func (c *Client) ShowGroup(ctx context.Context, name string) (Group, error) {
	op := "read group " + name
	var answer groupAnswer
	call := c.read(ctx, "ShowGroup")
	err := c.send(ctx, call, op, sdk.GenReqDefForShowGroup(), &model.ShowGroupRequest{InstanceId: c.options.InstanceID, Group: name}, &answer)
	if err == nil && answer.Name == "" && answer.Online == nil {
		err = call.Unclear(op, "it has no group")
	}
	return Group{Broadcast: answer.Broadcast, Online: answer.Online}, err
}

// ShowConsumerConnections returns a group's consumers.
func (c *Client) ShowConsumerConnections(ctx context.Context, name string) (Consumers, error) {
	var first consumersAnswer
	clients, err := pages(func(limit, offset *int32) ([]client, count, error) {
		var answer consumersAnswer
		err := c.send(ctx, c.read(ctx, "ShowConsumerConnections"), "list consumers of group "+name, sdk.GenReqDefForShowConsumerConnections(),
			&model.ShowConsumerConnectionsRequest{InstanceId: c.options.InstanceID, Group: name, Limit: limit, Offset: offset}, &answer)
		if *offset == 0 {
			first = answer
		}
		return answer.Clients, answer.Total, err
	})
	out := Consumers{Online: first.Online, Consistent: first.Consistent}
	for _, m := range clients {
		out.Clients = append(out.Clients, Consumer(m))
	}
	return out, err
}

// ShowTopicStatus returns the bounds of a topic's queues. There is at least one.
func (c *Client) ShowTopicStatus(ctx context.Context, topic string) (map[Queue]Status, error) {
	op := "read topic " + topic
	var answer brokersAnswer
	call := c.read(ctx, "ShowTopicStatus")
	if err := c.send(ctx, call, op, sdk.GenReqDefForShowTopicStatus(),
		&model.ShowTopicStatusRequest{InstanceId: c.options.InstanceID, Topic: topic}, &answer); err != nil {
		return nil, err
	}
	queues, missing := answer.Brokers.plain(topic)
	switch {
	case missing != "":
		return nil, call.Unclear(op, missing)
	case len(queues) == 0:
		return nil, call.Unclear(op, "it has no queue")
	}
	return queues, nil
}

// ShowConsumerListOrDetails returns a group's commits on a topic, by queue. There may
// be none.
func (c *Client) ShowConsumerListOrDetails(ctx context.Context, group, topic string) (map[Queue]Status, error) {
	op := fmt.Sprintf("read offsets of group %s on %s", group, topic)
	var answer brokersAnswer
	call := c.read(ctx, "ShowConsumerListOrDetails")
	if err := c.send(ctx, call, op, sdk.GenReqDefForShowConsumerListOrDetails(),
		&model.ShowConsumerListOrDetailsRequest{InstanceId: c.options.InstanceID, Group: group, Topic: &topic}, &answer); err != nil {
		return nil, err
	}
	queues, missing := answer.Brokers.plain(topic)
	if missing == "" && answer.Brokers == nil {
		missing = "it has no brokers"
	}
	if missing != "" {
		return nil, call.Unclear(op, missing)
	}
	return queues, nil
}

// ListSubscribedTopics returns the topics that a group subscribes to, sorted, its
// retry topic included if the service lists it. It is ShowConsumerListOrDetails
// without a topic.
func (c *Client) ListSubscribedTopics(ctx context.Context, group string) ([]string, error) {
	op := "list topics of group " + group
	all, err := pages(func(limit, offset *int32) ([]topicName, count, error) {
		var answer struct {
			Total  count
			Topics []topicName
		}
		call := c.read(ctx, "ShowConsumerListOrDetails")
		err := c.send(ctx, call, op, sdk.GenReqDefForShowConsumerListOrDetails(),
			&model.ShowConsumerListOrDetailsRequest{InstanceId: c.options.InstanceID, Group: group, Limit: limit, Offset: offset}, &answer)
		if err == nil && answer.Topics == nil && answer.Total.N != 0 {
			err = call.Unclear(op, "it has no topics")
		}
		return answer.Topics, answer.Total, err
	})
	var names []string
	for _, t := range all {
		if t != "" {
			names = append(names, string(t))
		}
	}
	slices.Sort(names)
	return slices.Compact(names), err
}

// A Reset is the answer to ResetConsumeOffset.
type Reset struct {
	RequestID string
	Offsets   map[Queue]*int64 // where the time leads on each queue; nil = not reported
}

// ResetConsumeOffset sends a reset to a time once.
func (c *Client) ResetConsumeOffset(ctx context.Context, group, topic string, to time.Time) (Reset, error) {
	op := fmt.Sprintf("reset group %s on %s", group, topic)
	var answer resetAnswer
	call := c.write(ctx, "ResetConsumeOffset")
	if err := c.send(ctx, call, op, sdk.GenReqDefForResetConsumeOffset(), &model.ResetConsumeOffsetRequest{
		Engine: c.options.Engine, InstanceId: c.options.InstanceID, Group: group,
		Body: &model.ResetConsumeOffsetReq{Topic: topic, Timestamp: strconv.FormatInt(to.UnixMilli(), 10)},
	}, &answer); err != nil {
		return Reset{}, err
	}
	offsets, missing := answer.plain()
	if missing != "" {
		return Reset{}, call.Unclear(op, missing)
	}
	return Reset{RequestID: requestID(call.Header, call.Body), Offsets: offsets}, nil
}

func sortedNames(all []named) []string {
	var out []string
	for _, n := range all {
		out = append(out, n.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Package api is the client of the actions of Distributed Message Service for RocketMQ
// that resetting a consumer group needs. It is the only package of the provider that
// knows the vendor's SDK and the JSON of its answers: methods are named after the
// actions and return plain values.
//
// The SDK builds and signs the requests. Answers are decoded here, because the SDK
// holds offsets in 32 bits and fails on a shape that its own manual shows. It is given
// the project's id; without one it would request it from IAM.
//
// An answer that lacks what it must have is an error, never a zero value. The package
// decides nothing about groups or positions.
package api

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	sdkconfig "github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"
	sdk "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/rocketmq/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/rocketmq/v2/model"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// Options say which instance to use, with which key, and how to read refusals.
type Options struct {
	Provider   string // the provider's type, for errors
	Endpoint   string
	ProjectID  string
	InstanceID string
	Engine     string // of a reset's path
	Key        Key
	// Classify returns the contract's kind for an error code of the service, or
	// nil if the HTTP status decides.
	Classify func(code string) error
}

// A Key signs requests. Token is "" for a permanent key.
type Key struct{ Access, Secret, Token string }

// A Client calls the service. Its methods may be called from several goroutines.
type Client struct {
	options Options
	http    *httpcall.Client
	now     func() time.Time
}

// New returns a client. It opens no connection.
func New(c providers.Config, env providers.Process, o Options) *Client {
	return &Client{options: o, http: httpcall.New(c, env, httpcall.Options{Provider: o.Provider, RequestID: requestID}), now: env.Now}
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
		call := c.http.Read(ctx, "ListInstanceConsumerGroups")
		err := c.send(call, op, sdk.GenReqDefForListInstanceConsumerGroups(),
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
		call := c.http.Read(ctx, "ListRocketInstanceTopics")
		err := c.send(call, op, sdk.GenReqDefForListRocketInstanceTopics(),
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
	call := c.http.Read(ctx, "ShowGroup")
	err := c.send(call, op, sdk.GenReqDefForShowGroup(), &model.ShowGroupRequest{InstanceId: c.options.InstanceID, Group: name}, &answer)
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
		err := c.send(c.http.Read(ctx, "ShowConsumerConnections"), "list consumers of group "+name, sdk.GenReqDefForShowConsumerConnections(),
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
	call := c.http.Read(ctx, "ShowTopicStatus")
	if err := c.send(call, op, sdk.GenReqDefForShowTopicStatus(),
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
	call := c.http.Read(ctx, "ShowConsumerListOrDetails")
	if err := c.send(call, op, sdk.GenReqDefForShowConsumerListOrDetails(),
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

// A Reset is the answer to ResetConsumeOffset.
type Reset struct {
	RequestID string
	Offsets   map[Queue]*int64 // where the time leads on each queue; nil = not reported
}

// ResetConsumeOffset sends a reset to a time once.
func (c *Client) ResetConsumeOffset(ctx context.Context, group, topic string, to time.Time) (Reset, error) {
	op := fmt.Sprintf("reset group %s on %s", group, topic)
	var answer resetAnswer
	call := c.http.Write(ctx, "ResetConsumeOffset")
	if err := c.send(call, op, sdk.GenReqDefForResetConsumeOffset(), &model.ResetConsumeOffsetRequest{
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

// untouched is an answer that the SDK does not decode. The SDK sets the fields by
// their names.
type untouched struct {
	Body           io.ReadCloser
	HttpStatusCode int
}

// send sends one action, which the SDK builds and signs, and decodes the answer.
func (c *Client) send(call *httpcall.Call, op string, action *def.HttpRequestDef, request, into any) error {
	action.Response = &untouched{}
	err := call.Do(func() error {
		client, err := c.client(call)
		if err != nil {
			return err
		}
		_, err = client.Sync(request, action)
		return err
	})
	if err != nil {
		return call.Failure(op, c.refusal(call.Body), err)
	}
	return call.Decode(op, into)
}

// client creates an SDK client for one call. With a user agent set, the SDK does not
// create a file in the user's home folder to identify the user. The date to sign
// comes from the injected clock.
func (c *Client) client(call *httpcall.Call) (*core.HcHttpClient, error) {
	key := c.options.Key
	signer, err := basic.NewCredentialsBuilder().
		WithAk(key.Access).WithSk(key.Secret).WithSecurityToken(key.Token).WithProjectId(c.options.ProjectID).
		SafeBuild()
	if err != nil {
		return nil, err
	}
	client, err := core.NewHcHttpClientBuilder().
		WithCredential(signer).
		WithEndpoints([]string{c.options.Endpoint}).
		WithHttpConfig(sdkconfig.DefaultHttpConfig().WithHttpRoundTripper(call).WithUserAgent("resetplan").WithTimeout(0)).
		SafeBuild()
	if err != nil {
		return nil, err
	}
	return client.WithExtraHeaders(map[string]string{"X-Sdk-Date": c.now().UTC().Format("20060102T150405Z")}), nil
}

// pageSize is the service's largest page.
const pageSize = 50

// pages reads pages until the list is complete. Get returns one page and the length
// of the whole list, which may be unknown.
func pages[T any](get func(limit, offset *int32) ([]T, count, error)) ([]T, error) {
	var out []T
	for {
		limit, offset := int32(pageSize), int32(len(out))
		page, total, err := get(&limit, &offset)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
		if len(page) == 0 || total.Known && int64(len(out)) >= total.N || !total.Known && len(page) < pageSize {
			return out, nil
		}
	}
}

func sortedNames(all []named) []string {
	var out []string
	for _, n := range all {
		out = append(out, n.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

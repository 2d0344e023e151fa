package huaweirocketmq

import (
	"context"
	"errors"
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

// untouched is an answer that the SDK leaves alone. It sets the fields by their
// names.
type untouched struct {
	Body           io.ReadCloser
	HttpStatusCode int
}

// send lets the SDK write and sign the request of one action, and reads the
// answer itself.
func (c *connection) send(call *httpcall.Call, op string, action *def.HttpRequestDef, request, into any) error {
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
		return call.Failure(op, said(call.Body), err)
	}
	return call.Decode(op, into)
}

// client makes a client for one call. A name of its own as user agent keeps
// the SDK from making a file in the user's home that would name it; the clock
// is given as the date to sign.
func (c *connection) client(call *httpcall.Call) (*core.HcHttpClient, error) {
	signer, err := basic.NewCredentialsBuilder().WithAk(c.key.access).WithSk(c.key.secret).WithSecurityToken(c.key.token).WithProjectId(c.ProjectID).SafeBuild()
	if err != nil {
		return nil, err
	}
	client, err := core.NewHcHttpClientBuilder().
		WithCredential(signer).
		WithEndpoints([]string{c.address}).
		WithHttpConfig(sdkconfig.DefaultHttpConfig().WithHttpRoundTripper(call).WithUserAgent("resetplan").WithTimeout(0)).
		SafeBuild()
	if err != nil {
		return nil, err
	}
	return client.WithExtraHeaders(map[string]string{"X-Sdk-Date": c.now().UTC().Format("20060102T150405Z")}), nil
}

// pageSize is the most that the service puts on a page.
const pageSize = 50

// pages asks for page after page until the list is complete. Get returns one
// page and the length of the whole, which may not be known.
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

type named struct{ Name string }

func sortedNames(all []named) []string {
	var out []string
	for _, n := range all {
		out = append(out, n.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// groupNames asks ListInstanceConsumerGroups.
func (c *connection) groupNames(ctx context.Context) ([]string, error) {
	const op = "list groups"
	all, err := pages(func(limit, offset *int32) ([]named, count, error) {
		var answer struct {
			Total  count
			Groups []named
		}
		call := c.http.Read(ctx, "ListInstanceConsumerGroups")
		err := c.send(call, op, sdk.GenReqDefForListInstanceConsumerGroups(), &model.ListInstanceConsumerGroupsRequest{InstanceId: c.InstanceID, Limit: limit, Offset: offset}, &answer)
		if err == nil && answer.Groups == nil {
			err = call.Unclear(op, "it has no groups")
		}
		return answer.Groups, answer.Total, err
	})
	return sortedNames(all), err
}

// topicNames asks ListRocketInstanceTopics.
func (c *connection) topicNames(ctx context.Context) ([]string, error) {
	const op = "list topics"
	all, err := pages(func(limit, offset *int32) ([]named, count, error) {
		var answer struct {
			Total  count
			Topics []named
		}
		call := c.http.Read(ctx, "ListRocketInstanceTopics")
		err := c.send(call, op, sdk.GenReqDefForListRocketInstanceTopics(), &model.ListRocketInstanceTopicsRequest{InstanceId: c.InstanceID, Limit: limit, Offset: offset}, &answer)
		if err == nil && answer.Topics == nil {
			err = call.Unclear(op, "it has no topics")
		}
		return answer.Topics, answer.Total, err
	})
	return sortedNames(all), err
}

// group asks ShowGroup, and ShowConsumerConnections where somebody may be
// connected.
func (c *connection) group(ctx context.Context, name string) (group, error) {
	op := "read group " + name
	var g group
	call := c.http.Read(ctx, "ShowGroup")
	err := c.send(call, op, sdk.GenReqDefForShowGroup(), &model.ShowGroupRequest{InstanceId: c.InstanceID, Group: name}, &g)
	if err == nil && g.Name == "" && g.Online == nil {
		err = call.Unclear(op, "it tells of no group")
	}
	if err != nil || is(g.Broadcast) || not(g.Online) {
		return g, err
	}
	g.consumers, err = c.consumers(ctx, name)
	return g, err
}

// consumers asks ShowConsumerConnections.
func (c *connection) consumers(ctx context.Context, name string) (consumers, error) {
	var first consumers
	clients, err := pages(func(limit, offset *int32) ([]client, count, error) {
		var answer struct {
			consumers
			Total count
		}
		err := c.send(c.http.Read(ctx, "ShowConsumerConnections"), "list consumers of group "+name, sdk.GenReqDefForShowConsumerConnections(),
			&model.ShowConsumerConnectionsRequest{InstanceId: c.InstanceID, Group: name, Limit: limit, Offset: offset}, &answer)
		if *offset == 0 {
			first = answer.consumers
		}
		return answer.Clients, answer.Total, err
	})
	first.Clients = clients
	return first, err
}

// bounds asks ShowTopicStatus for the boundaries of a topic's queues.
func (c *connection) bounds(ctx context.Context, topic string) (queues, error) {
	op := "read topic " + topic
	var answer struct{ Brokers brokers }
	call := c.http.Read(ctx, "ShowTopicStatus")
	if err := c.send(call, op, sdk.GenReqDefForShowTopicStatus(), &model.ShowTopicStatusRequest{InstanceId: c.InstanceID, Topic: topic}, &answer); err != nil {
		return nil, err
	}
	found, err := answer.Brokers.queues(topic)
	switch {
	case err != nil:
		return nil, call.Unclear(op, err.Error())
	case len(found) == 0:
		return nil, call.Unclear(op, "it has no queue")
	}
	return found, nil
}

// progress asks ShowConsumerListOrDetails where a group stands on a topic.
// There may be no queue on which it stands anywhere.
func (c *connection) progress(ctx context.Context, group, topic string) (queues, error) {
	op := fmt.Sprintf("read offsets of group %s on %s", group, topic)
	var answer struct{ Brokers brokers }
	call := c.http.Read(ctx, "ShowConsumerListOrDetails")
	if err := c.send(call, op, sdk.GenReqDefForShowConsumerListOrDetails(), &model.ShowConsumerListOrDetailsRequest{InstanceId: c.InstanceID, Group: group, Topic: &topic}, &answer); err != nil {
		return nil, err
	}
	found, err := answer.Brokers.queues(topic)
	if err == nil && answer.Brokers == nil {
		err = errors.New("it has no brokers")
	}
	if err != nil {
		return nil, call.Unclear(op, err.Error())
	}
	return found, nil
}

// reset asks ResetConsumeOffset.
func (c *connection) reset(ctx context.Context, t *target, to time.Time) (providers.Receipt, error) {
	op := fmt.Sprintf("reset group %s on %s", t.group, t.topic)
	var answer struct {
		Queues []struct {
			Broker string                `json:"broker_name"`
			ID     httpcall.StrictNumber `json:"queue_id"`
			Offset httpcall.StrictNumber `json:"timestamp_offset"`
		}
	}
	call := c.http.Write(ctx, "ResetConsumeOffset")
	err := c.send(call, op, sdk.GenReqDefForResetConsumeOffset(), &model.ResetConsumeOffsetRequest{
		Engine: c.Engine, InstanceId: c.InstanceID, Group: t.group,
		Body: &model.ResetConsumeOffsetReq{Topic: t.topic, Timestamp: strconv.FormatInt(to.UnixMilli(), 10)},
	}, &answer)
	if err == nil && len(answer.Queues) == 0 {
		err = call.Unclear(op, "it names no queue that was reset")
	}
	if err != nil {
		return providers.Receipt{}, err
	}
	receipt := providers.Receipt{RequestID: requestID(call.Header, call.Body)}
	for _, q := range answer.Queues {
		if q.Broker == "" || !q.ID.Known {
			return providers.Receipt{}, call.Unclear(op, "a queue has no broker or no number")
		}
		receipt.Parts = append(receipt.Parts, providers.PartResult{Part: providers.Part{Topic: t.topic, Broker: q.Broker, Number: int(q.ID.N)}, Position: offset(q.Offset)})
	}
	slices.SortFunc(receipt.Parts, func(a, b providers.PartResult) int { return a.Part.Compare(b.Part) })
	return receipt, nil
}

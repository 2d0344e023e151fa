package aliyunkafka

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/alikafka"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// send lets the SDK write and sign a request, and sends it. The SDK's own
// client is left out: it reads proxies from the process's environment, prints
// requests where that says DEBUG=sdk, and panics on an integer code.
func (c *connection) send(call *httpcall.Call, request requests.AcsRequest) error {
	request.SetScheme(c.at.Scheme)
	request.SetDomain(c.at.Host)
	if err := requests.InitParams(request); err != nil {
		return err
	}
	if err := auth.Sign(request, nil, c.Region, c.signer); err != nil {
		return err
	}
	r, err := http.NewRequest(request.GetMethod(), request.BuildUrl(), request.GetBodyReader())
	if err != nil {
		return err
	}
	for name, value := range request.GetHeaders() {
		r.Header.Set(name, value)
	}
	resp, err := call.Client().Do(r)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// ask sends a request and reads its answer into a value of the caller's.
func (c *connection) ask(call *httpcall.Call, op string, request requests.AcsRequest, into any) error {
	if err := call.Do(func() error { return c.send(call, request) }); err != nil {
		return call.Failure(op, httpcall.Answer{}, err)
	}
	if err := verdict(call, op); err != nil {
		return err
	}
	return call.Decode(op, into)
}

// consumerProgress asks where a group stands and who is at work in it.
func (c *connection) consumerProgress(ctx context.Context, group string) (*progress, error) {
	request := alikafka.CreateGetConsumerProgressRequest()
	request.InstanceId, request.ConsumerId = c.InstanceID, group
	request.QueryParams["HideLastTimestamp"] = "true" // which is told to spare the service much work
	call, op := c.http.Read(ctx, "GetConsumerProgress"), "read progress of group "+group
	var a progressAnswer
	if err := c.ask(call, op, request, &a); err != nil {
		return nil, err
	}
	p, what := a.progress()
	if what != "" {
		return nil, call.Unclear(op, what)
	}
	return p, nil
}

// topicStatus asks for the boundaries of a topic's logs. No partition at all
// may mean that there is no such topic.
func (c *connection) topicStatus(ctx context.Context, topic string) (map[int]bounds, error) {
	request := alikafka.CreateGetTopicStatusRequest()
	request.InstanceId, request.Topic = c.InstanceID, topic
	call, op := c.http.Read(ctx, "GetTopicStatus"), "read status of topic "+topic
	var a statusAnswer
	if err := c.ask(call, op, request, &a); err != nil {
		return nil, err
	}
	parts, what := a.bounds()
	if what != "" {
		return nil, call.Unclear(op, what)
	}
	return parts, nil
}

// consumerList asks for the names of all groups, sorted.
func (c *connection) consumerList(ctx context.Context) ([]string, error) {
	const op = "list groups"
	return pages(op, func(page string) (*httpcall.Call, listing, error) {
		request := alikafka.CreateGetConsumerListRequest()
		request.InstanceId = c.InstanceID
		request.CurrentPage, request.PageSize = requests.Integer(page), pageSize
		call := c.http.Read(ctx, "GetConsumerList")
		var a consumersAnswer
		err := c.ask(call, op, request, &a)
		return call, a.listing(), err
	})
}

// topicList asks for the names of all topics, sorted.
func (c *connection) topicList(ctx context.Context) ([]string, error) {
	const op = "list topics"
	return pages(op, func(page string) (*httpcall.Call, listing, error) {
		request := alikafka.CreateGetTopicListRequest()
		request.InstanceId = c.InstanceID
		request.CurrentPage, request.PageSize = page, pageSize
		call := c.http.Read(ctx, "GetTopicList")
		var a topicsAnswer
		err := c.ask(call, op, request, &a)
		return call, a.listing(), err
	})
}

const pageSize = "100"

// pages turns pages until the total that each of them tells is reached. A
// page may be smaller than was asked for.
func pages(op string, ask func(page string) (*httpcall.Call, listing, error)) ([]string, error) {
	var all []string
	for page := 1; ; page++ {
		call, part, err := ask(strconv.Itoa(page))
		switch {
		case err != nil:
			return nil, err
		case !part.told:
			return nil, call.Unclear(op, "it lacks the list or its total")
		}
		all = append(all, part.names...)
		if len(part.names) == 0 || int64(len(all)) >= part.total {
			slices.Sort(all)
			return slices.Compact(all), nil
		}
	}
}

// updateConsumerOffset resets a group's offsets and returns the request's id.
// The SDK's own request can send neither an empty topic, which means all of
// them, nor offsets as the numbers that the manual wants.
func (c *connection) updateConsumerOffset(ctx context.Context, op string, params map[string]string) (string, error) {
	request := &requests.RpcRequest{}
	request.InitWithApiInfo("alikafka", "2019-09-16", "UpdateConsumerOffset", "", "")
	request.QueryParams["InstanceId"] = c.InstanceID
	for name, value := range params {
		request.QueryParams[name] = value
	}
	call := c.http.Write(ctx, "UpdateConsumerOffset")
	var a struct{}
	if err := c.ask(call, op, request, &a); err != nil {
		return "", err
	}
	return requestID(call.Header, call.Body), nil
}

// Package api is the client of the actions of alikafka, version 2019-09-16, that
// resetting a consumer group needs. It is the only package of the provider that
// knows the vendor's SDK and the JSON of its answers: methods are named after the
// actions and return plain values.
//
// An answer that lacks what it must have is an error, never a zero value. The
// package decides nothing about groups or positions.
package api

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// Options say which instance to use, with which keys, and how to read refusals.
type Options struct {
	Provider   string // the provider's type, for errors
	Endpoint   *url.URL
	Region     string
	InstanceID string
	Keys       *aliyun.Source
	// Classify returns the contract's kind for an error code of the service, or
	// nil if the code is unknown.
	Classify func(code string) error
}

// A Client calls the service. Its methods may be called from several goroutines.
type Client struct {
	options Options
	timeout time.Duration // of one request for keys
	http    *httpcall.Client
}

// New returns a client. It opens no connection.
func New(c providers.Config, env providers.Process, o Options) *Client {
	return &Client{options: o, timeout: c.Timeout, http: httpcall.New(c, env, httpcall.Options{Provider: o.Provider, RequestID: requestID})}
}

// signer returns keys in the SDK's own form. The SDK's search for keys, which
// reads the environment of the process, is never used.
func signer(keys aliyun.Keys) credentials.CredentialsProvider {
	if keys.SecurityToken != "" {
		return credentials.NewStaticSTSCredentialsProvider(keys.AccessKeyID, keys.AccessKeySecret, keys.SecurityToken)
	}
	return credentials.NewStaticAKCredentialsProvider(keys.AccessKeyID, keys.AccessKeySecret)
}

// Close drops idle connections.
func (c *Client) Close() { c.http.Close() }

// GetConsumerProgress returns a group's commits, its state and its members, and on
// request when the last consumed records were written. According to the manual, an
// answer without these times saves the service much work.
func (c *Client) GetConsumerProgress(ctx context.Context, group string, times bool) (Progress, error) {
	request := c.request("GetConsumerProgress", map[string]string{"ConsumerId": group, "HideLastTimestamp": strconv.FormatBool(!times)})
	call, op := c.http.Read(ctx, "GetConsumerProgress"), "read progress of group "+group
	var a progressAnswer
	if err := c.send(ctx, call, op, request, &a); err != nil {
		return Progress{}, err
	}
	p, missing := a.plain()
	if missing != "" {
		return Progress{}, call.Unclear(op, missing)
	}
	return p, nil
}

// GetTopicStatus returns the low and high offsets of a topic by partition. If
// there are none, the topic may not exist.
func (c *Client) GetTopicStatus(ctx context.Context, topic string) (map[int]Bounds, error) {
	request := c.request("GetTopicStatus", map[string]string{"Topic": topic})
	call, op := c.http.Read(ctx, "GetTopicStatus"), "read status of topic "+topic
	var a statusAnswer
	if err := c.send(ctx, call, op, request, &a); err != nil {
		return nil, err
	}
	bounds, missing := a.plain()
	if missing != "" {
		return nil, call.Unclear(op, missing)
	}
	return bounds, nil
}

// GetConsumerList returns the names of all groups, sorted.
func (c *Client) GetConsumerList(ctx context.Context) ([]string, error) {
	const op = "list groups"
	return pages(op, func(page string) (*httpcall.Call, listing, error) {
		request := c.request("GetConsumerList", map[string]string{"CurrentPage": page, "PageSize": pageSize})
		call := c.http.Read(ctx, "GetConsumerList")
		var a consumersAnswer
		err := c.send(ctx, call, op, request, &a)
		return call, a.listing(), err
	})
}

// GetTopicList returns the names of all topics, sorted.
func (c *Client) GetTopicList(ctx context.Context) ([]string, error) {
	const op = "list topics"
	return pages(op, func(page string) (*httpcall.Call, listing, error) {
		request := c.request("GetTopicList", map[string]string{"CurrentPage": page, "PageSize": pageSize})
		call := c.http.Read(ctx, "GetTopicList")
		var a topicsAnswer
		err := c.send(ctx, call, op, request, &a)
		return call, a.listing(), err
	})
}

const pageSize = "100"

// pages reads pages until their names reach the total that each page reports. A
// page may be smaller than requested.
func pages(op string, read func(page string) (*httpcall.Call, listing, error)) ([]string, error) {
	var all []string
	for page := 1; ; page++ {
		call, part, err := read(strconv.Itoa(page))
		switch {
		case err != nil:
			return nil, err
		case !part.complete:
			return nil, call.Unclear(op, "it has no list or no total")
		}
		all = append(all, part.names...)
		if len(part.names) == 0 || int64(len(all)) >= part.total {
			slices.Sort(all)
			return slices.Compact(all), nil
		}
	}
}

// request returns the SDK's request of an action, with these parameters and the
// instance. The SDK's own types of each action are not used: they cannot send what
// some actions need, and they are most of what there would be to compile and link.
// TestRequestsAreTheSDKs compares them.
func (c *Client) request(action string, params map[string]string) *requests.RpcRequest {
	request := &requests.RpcRequest{}
	request.InitWithApiInfo("alikafka", "2019-09-16", action, "alikafka", "openAPI")
	request.QueryParams["InstanceId"] = c.options.InstanceID
	maps.Copy(request.QueryParams, params)
	return request
}

// UpdateConsumerOffset sends a reset once, with these parameters and the
// instance, and returns the request's id. The SDK's own request type cannot send
// an empty topic, which means all topics, nor offsets as numbers, which the
// manual requires.
func (c *Client) UpdateConsumerOffset(ctx context.Context, op string, params map[string]string) (string, error) {
	request := c.request("UpdateConsumerOffset", params)
	call := c.http.Write(ctx, "UpdateConsumerOffset")
	var a struct{}
	if err := c.send(ctx, call, op, request, &a); err != nil {
		return "", err
	}
	return requestID(call.Header, call.Body), nil
}

// send sends a request, signed with the keys that are valid now, and decodes its
// answer.
func (c *Client) send(ctx context.Context, call *httpcall.Call, op string, request requests.AcsRequest, into any) error {
	keys, err := c.options.Keys.Keys(ctx, c.timeout)
	if err != nil {
		return err
	}
	if err := call.Do(func() error { return c.roundTrip(call, request, keys) }); err != nil {
		return call.Failure(op, httpcall.Answer{}, err)
	}
	if err := c.refusal(call, op); err != nil {
		return err
	}
	return call.Decode(op, into)
}

// roundTrip sends a request that the SDK builds and signs. The SDK's own client
// is not used: it reads proxies from the environment of the process, prints
// requests if that has DEBUG=sdk, and panics on an integer code.
func (c *Client) roundTrip(call *httpcall.Call, request requests.AcsRequest, keys aliyun.Keys) error {
	request.SetScheme(c.options.Endpoint.Scheme)
	request.SetDomain(c.options.Endpoint.Host)
	if err := auth.Sign(request, nil, c.options.Region, signer(keys)); err != nil {
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

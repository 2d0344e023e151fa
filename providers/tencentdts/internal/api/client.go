// Package api is the client of the actions of Tencent Cloud DTS that resetting a
// consumer group needs, version 2021-12-06. It is the only package of the
// provider that knows the vendor's SDK and the JSON of its answers: methods are
// named after the actions and return plain values.
//
// An answer that lacks what it must have is an error, never a zero value. The
// package decides nothing about groups or positions.
package api

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
)

// Version is the version of the service's API.
const Version = "2021-12-06"

// perSecond is the documented limit of each action.
const perSecond = 20

// Options say which account of which region to use, and how.
type Options struct {
	Provider string // the provider's type, for errors
	Endpoint *url.URL
	Region   string
	Keys     Keys
	STS      *url.URL // of the service that issues temporary keys
	Metadata *url.URL // of the service that gives a virtual machine its role's keys
	// Classify returns what to do about an action's error code, if its message does
	// not say, and the contract's kind, nil if the code is unknown.
	Classify func(action, code, message string) (remedy string, kind error)
}

// A Client calls the service. Its methods may be called from several goroutines.
type Client struct {
	options Options
	http    *httpcall.Client
	keys    *keyring
}

// New returns a client. It opens no connection.
func New(c providers.Config, env providers.Process, o Options) *Client {
	return &Client{
		options: o,
		http:    httpcall.New(c, env, httpcall.Options{Provider: o.Provider, Rate: perSecond, RequestID: requestID}),
		keys:    newKeyring(c, env, o),
	}
}

// Close drops idle connections.
func (c *Client) Close() {
	c.http.Close()
	c.keys.close()
}

// Groups is one page of a subscription's consumer groups.
type Groups struct {
	Total int // on all pages
	Items []Group
}

// A Group is a consumer group. Fields of the answer that describe only its last
// partition are left out.
type Group struct {
	Name       string // its full name
	State      string // as Kafka names it; "" = not reported
	Partitions []Partition
	Clients    []string // the client ids of its members
}

// A Partition is a group's state on one partition. What is not reported is nil.
type Partition struct {
	Number int
	Offset *int64 // negative: no commit
	Lag    *int64
}

// DescribeConsumerGroups returns a page of a subscription's groups.
func (c *Client) DescribeConsumerGroups(ctx context.Context, subscription string, offset, limit int) (Groups, error) {
	op := "read the consumer groups of " + subscription
	call := c.http.Read(ctx, "DescribeConsumerGroups")
	answer, err := send[groupsAnswer](ctx, c, call, op, "DescribeConsumerGroups",
		map[string]any{"SubscribeId": subscription, "Offset": offset, "Limit": limit})
	if err != nil {
		return Groups{}, err
	}
	out, missing := answer.plain()
	switch {
	case missing != "":
		return Groups{}, call.Unclear(op, missing)
	case len(out.Items) == 0 && offset < out.Total:
		return Groups{}, call.Unclear(op, fmt.Sprintf("it reports %d groups and lists %d", out.Total, offset))
	}
	return out, nil
}

// A Subscription is what matters to a reset of a subscription's description. For
// subscriptions of kind kafkaPro the service reports no number of partitions.
type Subscription struct {
	Topic      string // "" = not reported
	Status     string // "normal", or why it is not
	SubsStatus string // "running", or what else it does
}

// DescribeSubscribeDetail returns a subscription.
func (c *Client) DescribeSubscribeDetail(ctx context.Context, subscription string) (Subscription, error) {
	op := "read the subscription " + subscription
	call := c.http.Read(ctx, "DescribeSubscribeDetail")
	answer, err := send[subscriptionAnswer](ctx, c, call, op, "DescribeSubscribeDetail", map[string]any{"SubscribeId": subscription})
	switch {
	case err != nil:
		return Subscription{}, err
	case answer.SubscribeID == "":
		return Subscription{}, call.Unclear(op, "it has no SubscribeId")
	}
	return Subscription{Topic: answer.Topic, Status: answer.Status, SubsStatus: answer.SubsStatus}, nil
}

// beijing is the service's time zone.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// Time writes a time as the service accepts it: in whole seconds, rounded down.
func Time(t time.Time) string { return t.In(beijing).Format(time.DateTime) }

// Second writes a Unix time as the service accepts it.
func Second(second int64) string { return Time(time.Unix(second, 0)) }

// DescribeOffsetByTime returns, for every partition, the offset of the last
// checkpoint before a time that Time wrote: of the oldest checkpoint for "", of
// the newest for a time in the future.
func (c *Client) DescribeOffsetByTime(ctx context.Context, subscription, at string) (map[int]int64, error) {
	op := "read the offsets of " + subscription + " by time"
	call := c.http.Read(ctx, "DescribeOffsetByTime")
	answer, err := send[offsetsAnswer](ctx, c, call, op, "DescribeOffsetByTime", map[string]any{"SubscribeId": subscription, "Time": at})
	if err != nil {
		return nil, err
	}
	offsets, missing := answer.plain()
	if missing != "" {
		return nil, call.Unclear(op, missing)
	}
	return offsets, nil
}

// A Reset moves partitions of a group to one position.
type Reset struct {
	Subscription, Topic, Group string
	Partitions                 []int
	Mode                       string // "earliest", "latest" or "datetime"
	Datetime                   string // as Time wrote it, for the mode "datetime"
}

// ResetConsumerGroupOffset sends a reset once and returns the request's id. A
// success does not mean that anything was moved: the service accepts a reset of
// an active group and ignores it.
func (c *Client) ResetConsumerGroupOffset(ctx context.Context, r Reset) (string, error) {
	op := "reset " + r.Group + " on " + r.Topic
	call := c.http.Write(ctx, "ResetConsumerGroupOffset")
	params := map[string]any{"SubscribeId": r.Subscription, "TopicName": r.Topic, "ConsumerGroupName": r.Group, "PartitionNos": r.Partitions,
		"ResetMode": r.Mode}
	if r.Datetime != "" {
		params["ResetDatetime"] = r.Datetime
	}
	answer, err := send[resetAnswer](ctx, c, call, op, "ResetConsumerGroupOffset", params)
	switch {
	case err != nil:
		return "", err
	case answer.RequestID == "" || answer.Error != nil:
		return "", call.Unclear(op, "it is neither a success nor a refusal")
	}
	return answer.RequestID, nil
}

// send sends one action of DTS with the client's key.
func send[T any](ctx context.Context, c *Client, call *httpcall.Call, op, action string, params map[string]any) (*T, error) {
	key, err := c.keys.key(ctx)
	if err != nil {
		return nil, err
	}
	request := tchttp.NewCommonRequest("dts", Version, action)
	return exchange[T](service{at: c.options.Endpoint, region: c.options.Region, key: &key, options: c.options}, call, op, request, params)
}

// A service is where a request goes, and who signs it.
type service struct {
	at      *url.URL
	region  string
	key     *Key // nil = the request is not signed
	options Options
	issues  bool // its answers hold keys, so that they are never quoted
}

// exchange sends one request and decodes its answer. The SDK signs the request and
// recognises a refusal; the rest is decoded here from the raw answer, because
// the SDK's own decoding loses integers above 2^53.
func exchange[T any](to service, call *httpcall.Call, op string, request *tchttp.CommonRequest, params map[string]any) (*T, error) {
	var credential common.CredentialIface
	if to.key != nil {
		credential = common.NewTokenCredential(to.key.ID, to.key.Secret, to.key.Token)
	}
	request.SetSkipSign(to.key == nil)
	client := common.NewCommonClient(credential, to.region, profileOf(to.at)).WithHttpTransport(call)
	err := call.Do(func() error {
		if err := request.SetActionParameters(params); err != nil {
			return err
		}
		var refusal struct{ *tchttp.BaseResponse }
		return client.Send(request, &refusal)
	})
	if err != nil {
		return nil, to.failed(call, op, request.GetAction(), err)
	}
	var answer struct{ Response *T }
	switch err := to.decode(call, op, &answer); {
	case err != nil:
		return nil, err
	case answer.Response == nil:
		return nil, call.Unclear(op, "it has no Response")
	}
	return answer.Response, nil
}

// profileOf holds the SDK's settings: the endpoint, and no retries.
func profileOf(at *url.URL) *profile.ClientProfile {
	p := profile.NewClientProfile() // TC3-HMAC-SHA256, POST, no retries
	p.Language = "en-US"
	p.HttpProfile.Scheme = at.Scheme
	p.HttpProfile.Endpoint = at.Host
	p.HttpProfile.ReqTimeout = 0 // httpcall's timeout applies
	return p
}

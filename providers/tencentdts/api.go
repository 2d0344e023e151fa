package tencentdts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
)

const version = "2021-12-06"

// ask sends one action and reads its answer. The SDK signs the request and
// finds a refusal in the answer; the rest is read here, from the answer to
// the letter.
func ask[T any](c *connection, call *httpcall.Call, op, action string, params map[string]any) (*T, error) {
	client := common.NewCommonClient(c.credential, c.Region, c.profile()).WithHttpTransport(call)
	request := tchttp.NewCommonRequest("dts", version, action)
	err := call.Do(func() error {
		if err := request.SetActionParameters(params); err != nil {
			return err
		}
		var refusal struct{ *tchttp.BaseResponse }
		return client.Send(request, &refusal)
	})
	if err != nil {
		return nil, failed(call, op, err)
	}
	var answer struct{ Response *T }
	switch err := call.Decode(op, &answer); {
	case err != nil:
		return nil, err
	case answer.Response == nil:
		return nil, call.Unclear(op, "it has no Response")
	}
	return answer.Response, nil
}

// profile is the SDK's own settings: where, and nothing repeated.
func (c *connection) profile() *profile.ClientProfile {
	p := profile.NewClientProfile() // TC3-HMAC-SHA256, POST, no retries
	p.Language = "en-US"
	p.HttpProfile.Scheme = c.endpoint.Scheme
	p.HttpProfile.Endpoint = c.endpoint.Host
	p.HttpProfile.ReqTimeout = 0 // the wire's counts
	return p
}

// pageSize is the service's own; no larger one is documented to be taken.
const pageSize = 10

// groups returns all groups of the subscription by their full names.
func (c *connection) groups(ctx context.Context) (map[string]group, error) {
	all := map[string]group{}
	for read := 0; ; {
		page, total, err := c.page(ctx, read)
		if err != nil {
			return nil, err
		}
		before := len(all)
		for _, g := range page {
			all[g.ConsumerGroupName] = g
		}
		if read += len(page); read >= total {
			return all, nil
		}
		if len(all) == before {
			return nil, &providers.Error{Provider: Type, Op: "read the consumer groups of " + c.SubscribeID, Kind: providers.ErrInvalid,
				Message: fmt.Sprintf("unexpected response: the service reports %d groups and lists the same %d again", total, before)}
		}
	}
}

// page returns the groups from one on, and how many there are in all.
func (c *connection) page(ctx context.Context, from int) ([]group, int, error) {
	op := "read the consumer groups of " + c.SubscribeID
	call := c.http.Read(ctx, "DescribeConsumerGroups")
	page, err := ask[struct {
		TotalCount httpcall.StrictNumber
		Items      []group
	}](c, call, op, "DescribeConsumerGroups", map[string]any{"SubscribeId": c.SubscribeID, "Offset": from, "Limit": pageSize})
	switch {
	case err != nil:
		return nil, 0, err
	case !page.TotalCount.Known:
		return nil, 0, call.Unclear(op, "it has no TotalCount")
	case len(page.Items) == 0 && from < int(page.TotalCount.N):
		return nil, 0, call.Unclear(op, fmt.Sprintf("it tells of %d groups and lists %d", page.TotalCount.N, from))
	}
	for _, g := range page.Items {
		if g.ConsumerGroupName == "" || slices.ContainsFunc(g.StateOfPartition, func(p partitionState) bool { return !p.PartitionNo.Known }) {
			return nil, 0, call.Unclear(op, "a group has no name, or a partition no number")
		}
	}
	return page.Items, int(page.TotalCount.N), nil
}

func (c *connection) subscription(ctx context.Context) (*subscription, error) {
	op := "read the subscription " + c.SubscribeID
	call := c.http.Read(ctx, "DescribeSubscribeDetail")
	s, err := ask[subscription](c, call, op, "DescribeSubscribeDetail", map[string]any{"SubscribeId": c.SubscribeID})
	if err == nil && s.SubscribeID == "" {
		return nil, call.Unclear(op, "it has no SubscribeId")
	}
	return s, err
}

// beijing is the service's clock.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// stamp writes a time as the service takes it: in whole seconds, of which it
// is never the next.
func stamp(t time.Time) string { return t.In(beijing).Format(time.DateTime) }

// places returns, for every partition, the offset of the last checkpoint
// before a time: the oldest one for no time, the newest one for a time that
// lies far ahead.
func (c *connection) places(ctx context.Context, at string) (map[int]int64, error) {
	op := "read the offsets of " + c.SubscribeID + " by time"
	call := c.http.Read(ctx, "DescribeOffsetByTime")
	answer, err := ask[struct {
		Items []struct{ PartitionNo, Offset httpcall.StrictNumber }
	}](c, call, op, "DescribeOffsetByTime", map[string]any{"SubscribeId": c.SubscribeID, "Time": at})
	switch {
	case err != nil:
		return nil, err
	case len(answer.Items) == 0:
		return nil, call.Unclear(op, "it lists no partitions")
	}
	all := map[int]int64{}
	for _, i := range answer.Items {
		if !i.PartitionNo.Known || !i.Offset.Known {
			return nil, call.Unclear(op, "an item has no PartitionNo or no Offset")
		}
		all[int(i.PartitionNo.N)] = i.Offset.N
	}
	return all, nil
}

// reset sends partitions to one place and returns the request's id. That the
// service says yes does not mean that it did it.
func (c *connection) reset(ctx context.Context, t *target, to place, partitions []int) (string, error) {
	op := "reset " + t.group + " on " + t.topic
	call := c.http.Write(ctx, "ResetConsumerGroupOffset")
	params := map[string]any{"SubscribeId": t.SubscribeID, "TopicName": t.topic, "ConsumerGroupName": t.group, "PartitionNos": partitions, "ResetMode": to.mode}
	if to.at != "" {
		params["ResetDatetime"] = to.at
	}
	answer, err := ask[struct {
		RequestID string
		Error     *struct{} // with a code it would have been found before
	}](c, call, op, "ResetConsumerGroupOffset", params)
	switch {
	case err != nil:
		return "", err
	case answer.RequestID == "" || answer.Error != nil:
		return "", call.Unclear(op, "it is neither a success nor a refusal")
	}
	return answer.RequestID, nil
}

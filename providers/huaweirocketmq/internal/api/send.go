package api

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	sdkconfig "github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/impl"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// A call is one request of an action.
type call struct {
	*httpcall.Call
	action string
}

func (c *Client) read(ctx context.Context, action string) *call {
	return &call{c.http.Read(ctx, action), action}
}

func (c *Client) write(ctx context.Context, action string) *call {
	return &call{c.http.Write(ctx, action), action}
}

// untouched is an answer that the SDK does not decode. The SDK sets the fields by
// their names.
type untouched struct {
	Body           io.ReadCloser
	HttpStatusCode int
}

// send sends one action, which the SDK builds and signs, and decodes the answer.
func (c *Client) send(ctx context.Context, call *call, op string, action *def.HttpRequestDef, request, into any) error {
	key, err := c.keys.current(ctx, op)
	if err != nil {
		return err
	}
	action.Response = &untouched{}
	err = call.Do(func() error {
		client, err := c.client(call, key)
		if err != nil {
			return err
		}
		_, err = client.Sync(request, action)
		return err
	})
	if err != nil {
		err = call.Failure(op, c.refusal(call), err)
		c.keys.refused(err)
		return err
	}
	return call.Decode(op, into)
}

// client creates an SDK client for one call. With a user agent set, the SDK does not
// create a file in the user's home folder to identify the user. The date to sign
// comes from the injected clock.
func (c *Client) client(call *call, key Key) (*core.HcHttpClient, error) {
	signer, err := key.signer(c.options.ProjectID)
	if err != nil {
		return nil, err
	}
	return core.NewHcHttpClient(impl.NewDefaultHttpClient(throughOnly(call))).
		WithCredential(signer).
		WithEndpoints([]string{c.options.Endpoint}).
		WithErrorHandler(sdkerr.DefaultErrorHandler{}).
		WithExtraHeaders(map[string]string{"X-Sdk-Date": c.now().UTC().Format("20060102T150405Z")}), nil
}

// throughOnly returns the configuration of an SDK client that sends through t.
func throughOnly(t http.RoundTripper) *sdkconfig.HttpConfig {
	return sdkconfig.DefaultHttpConfig().WithHttpRoundTripper(t).WithUserAgent("resetplan").WithTimeout(0)
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
		if pastEnd(err) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
		if len(page) == 0 || total.Known && int64(len(out)) >= total.N || !total.Known && len(page) < pageSize {
			return out, nil
		}
	}
}

// pastEnd reports whether an error is the service's answer to an offset after the end
// of a list: the list is complete. An empty list has no other answer.
func pastEnd(err error) bool {
	var e *providers.Error
	return errors.As(err, &e) && e.Code == "DMS.40050010"
}

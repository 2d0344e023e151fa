// Package api is the client of the actions of Log Service (SLS) that resetting a
// consumer group needs. It is the only package of the provider that knows the
// vendor's SDK and the JSON of its answers: methods are named after the actions and
// return plain values.
//
// An answer that lacks what it must have is an error, never a zero value. The
// package decides nothing about groups or positions.
package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	sls "github.com/aliyun/aliyun-log-go-sdk"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/aliyun"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// perSecond is the documented limit of reads of one shard:
// https://www.alibabacloud.com/help/en/sls/basic-resources
const perSecond = 100

// Options say which project to use, with which keys, and how to read refusals.
type Options struct {
	Provider string // the provider's type, for errors
	Scheme   string
	Host     string // of the endpoint, with its port; requests go to project.host
	Region   string
	SignV4   bool // the region accepts only the fourth signature
	Project  string
	Keys     *aliyun.Source
	// Classify returns what to do about a refusal of the service, "" if its message says
	// enough, and the contract's kind, nil if its code is unknown.
	Classify func(code, message string) (advice string, kind error)
}

// A Client calls the service. Its methods may be called from several goroutines.
type Client struct {
	options Options
	timeout time.Duration // of one request for keys
	http    *httpcall.Client
	now     func() time.Time
}

// New returns a client. It opens no connection.
func New(c providers.Config, env providers.Process, o Options) *Client {
	return &Client{
		options: o,
		timeout: c.Timeout,
		http:    httpcall.New(c, env, httpcall.Options{Provider: o.Provider, Rate: perSecond, RequestID: requestID}),
		now:     env.Now,
	}
}

// Close drops idle connections.
func (c *Client) Close() { c.http.Close() }

// ListLogStores returns the names of all logstores of the project.
func (c *Client) ListLogStores(ctx context.Context) ([]string, error) {
	const op, pageSize = "list the logstores", 500
	var names []string
	for {
		var page logstoresAnswer
		call := c.http.Read(ctx, "ListLogStores")
		err := c.read(ctx, call, op, &page, func(s sls.ClientInterface) error {
			_, err := s.ListLogStoreV2(c.options.Project, len(names), pageSize, "")
			return err
		})
		switch {
		case err != nil:
			return nil, err
		case len(page.Logstores) > 0 && slices.Contains(names, page.Logstores[0]):
			return nil, call.Unclear(op, "it lists "+page.Logstores[0]+" on two pages")
		}
		names = append(names, page.Logstores...)
		if len(page.Logstores) == 0 || page.Total.Known && len(names) >= int(page.Total.N) {
			return names, nil
		}
	}
}

// ListShards returns the shards of a logstore, sorted by number.
func (c *Client) ListShards(ctx context.Context, logstore string) ([]Shard, error) {
	op := "list the shards of logstore " + logstore
	var answer shardsAnswer
	call := c.http.Read(ctx, "ListShards")
	if err := c.read(ctx, call, op, &answer, func(s sls.ClientInterface) error {
		_, err := s.ListShards(c.options.Project, logstore)
		return err
	}); err != nil {
		return nil, err
	}
	shards, missing := answer.plain()
	if missing != "" {
		return nil, call.Unclear(op, missing)
	}
	slices.SortFunc(shards, func(a, b Shard) int { return cmp.Compare(a.Number, b.Number) })
	return shards, nil
}

// ListConsumerGroup returns all consumer groups of a logstore; the action has no
// pages.
func (c *Client) ListConsumerGroup(ctx context.Context, logstore string) ([]Group, error) {
	op := "list the consumer groups of logstore " + logstore
	var answer groupsAnswer
	call := c.http.Read(ctx, "ListConsumerGroup")
	if err := c.read(ctx, call, op, &answer, func(s sls.ClientInterface) error {
		_, err := s.ListConsumerGroup(c.options.Project, logstore)
		return err
	}); err != nil {
		return nil, err
	}
	groups, missing := answer.plain()
	if missing != "" {
		return nil, call.Unclear(op, missing)
	}
	return groups, nil
}

// GetCheckPoint returns a group's checkpoints on a logstore.
func (c *Client) GetCheckPoint(ctx context.Context, logstore, group string) (Checkpoints, error) {
	op := fmt.Sprintf("read the checkpoints of group %s on logstore %s", group, logstore)
	var answer checkpointsAnswer
	call := c.http.Read(ctx, "GetCheckPoint")
	if err := c.read(ctx, call, op, &answer, func(s sls.ClientInterface) error {
		_, err := s.GetCheckpoint(c.options.Project, logstore, group)
		return err
	}); err != nil {
		return Checkpoints{}, err
	}
	points, missing := answer.plain()
	if missing != "" {
		return Checkpoints{}, call.Unclear(op, missing)
	}
	at := c.now()
	if date, err := http.ParseTime(call.Header.Get("Date")); err == nil {
		at = date
	}
	return Checkpoints{ByShard: points, At: at}, nil
}

// GetCursor returns a shard's cursor for "begin", "end" or a time in seconds since
// 1970, by which the service received the records.
func (c *Client) GetCursor(ctx context.Context, logstore string, shard int, from string) (string, error) {
	op := fmt.Sprintf("find %s of shard %d of logstore %s", from, shard, logstore)
	var answer struct {
		Cursor string `json:"cursor"`
	}
	call := c.http.Read(ctx, "GetCursor")
	if err := c.read(ctx, call, op, &answer, func(s sls.ClientInterface) error {
		_, err := s.GetCursor(c.options.Project, logstore, shard, from)
		return err
	}); err != nil {
		return "", err
	}
	if answer.Cursor == "" {
		return "", call.Unclear(op, "it has no cursor")
	}
	return answer.Cursor, nil
}

// GetCursorTime returns when the log group at a cursor was received. At the end of
// a shard, where there is no log group, the service's answer is meaningless.
func (c *Client) GetCursorTime(ctx context.Context, logstore string, shard int, cursor string) (time.Time, error) {
	op := fmt.Sprintf("read the time at cursor:%s of shard %d of logstore %s", cursor, shard, logstore)
	var answer struct {
		Time httpcall.StrictNumber `json:"cursor_time"`
	}
	call := c.http.Read(ctx, "GetCursorTime")
	if err := c.read(ctx, call, op, &answer, func(s sls.ClientInterface) error {
		_, err := s.GetCursorTime(c.options.Project, logstore, shard, cursor)
		return err
	}); err != nil {
		return time.Time{}, err
	}
	if !answer.Time.Known {
		return time.Time{}, call.Unclear(op, "it has no cursor_time")
	}
	return time.Unix(answer.Time.N, 0), nil
}

// UpdateCheckPoint sets a group's checkpoint on a shard: forced, and without a
// consumer's name. It is sent once. It returns the request's id.
func (c *Client) UpdateCheckPoint(ctx context.Context, logstore, group string, shard int, cursor string) (string, error) {
	op := fmt.Sprintf("set the checkpoint of group %s on shard %d of logstore %s", group, shard, logstore)
	call := c.http.Write(ctx, "UpdateCheckPoint")
	err := c.send(ctx, call, op, func(s sls.ClientInterface) error {
		return s.UpdateCheckpoint(c.options.Project, logstore, group, "", shard, cursor, true)
	})
	if body := bytes.TrimSpace(call.Body); err == nil && len(body) > 0 && !json.Valid(body) {
		err = call.Unclear(op, "it should be empty")
	}
	return requestID(call.Header, call.Body), err
}

// read sends a request and decodes its answer.
func (c *Client) read(ctx context.Context, call *httpcall.Call, op string, into any, request func(sls.ClientInterface) error) error {
	if err := c.send(ctx, call, op, request); err != nil {
		return err
	}
	return call.Decode(op, into)
}

// send sends a request through an SDK client created for this call, signed with the
// keys that are valid now. The SDK's reading of the answer is ignored: it drops what
// it does not expect.
func (c *Client) send(ctx context.Context, call *httpcall.Call, op string, request func(sls.ClientInterface) error) error {
	keys, err := c.options.Keys.Keys(ctx, c.timeout)
	if err != nil {
		return err
	}
	client := sls.CreateNormalInterfaceV2(c.options.Scheme+"://"+c.options.Host,
		sls.NewStaticCredentialsProvider(keys.AccessKeyID, keys.AccessKeySecret, keys.SecurityToken))
	client.SetHTTPClient(&http.Client{Transport: route{call, c.options.Project, c.options.Host}})
	client.SetRegion(c.options.Region)
	if c.options.SignV4 {
		client.SetAuthVersion(sls.AuthV4)
	}
	err = call.Do(func() error { return request(client) })
	if call.Status == http.StatusOK {
		return nil
	}
	refused := c.refusal(call)
	if errors.Is(refused.Kind, providers.ErrDenied) {
		refused.Advice = c.options.Keys.Origin(refused.Code)
	}
	return call.Failure(op, refused, err)
}

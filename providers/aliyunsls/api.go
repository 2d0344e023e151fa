package aliyunsls

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	sls "github.com/aliyun/aliyun-log-go-sdk"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// ask lets an SDK client that is made for this one call send it. What the SDK
// makes of the answer is not looked at: it loses what it does not expect.
func (c *connection) ask(call *httpcall.Call, op string, send func(sls.ClientInterface) error) error {
	client := sls.CreateNormalInterfaceV2(c.place.endpoint(), c.keys)
	client.SetHTTPClient(&http.Client{Transport: route{call, c.place}})
	client.SetRegion(c.place.region)
	err := call.Do(func() error { return send(client) })
	if call.Status == http.StatusOK {
		return nil
	}
	return call.Failure(op, said(call.Body), err)
}

// logstores is ListLogStores, to its last page.
func (c *connection) logstores(ctx context.Context) ([]string, error) {
	const op, most = "list the logstores", 500
	var names []string
	for {
		call := c.http.Read(ctx, "ListLogStores")
		if err := c.ask(call, op, func(s sls.ClientInterface) error {
			_, err := s.ListLogStoreV2(c.place.project, len(names), most, "")
			return err
		}); err != nil {
			return nil, err
		}
		var page struct {
			Total     httpcall.StrictNumber `json:"total"`
			Logstores []string              `json:"logstores"`
		}
		if err := call.Decode(op, &page); err != nil {
			return nil, err
		}
		if len(page.Logstores) > 0 && slices.Contains(names, page.Logstores[0]) {
			return nil, call.Unclear(op, "it lists "+page.Logstores[0]+" on two pages")
		}
		names = append(names, page.Logstores...)
		if len(page.Logstores) == 0 || page.Total.Known && len(names) >= int(page.Total.N) {
			return names, nil
		}
	}
}

// shards is ListShards, sorted by number.
func (c *connection) shards(ctx context.Context, logstore string) ([]shard, error) {
	op := "list the shards of logstore " + logstore
	call := c.http.Read(ctx, "ListShards")
	if err := c.ask(call, op, func(s sls.ClientInterface) error {
		_, err := s.ListShards(c.place.project, logstore)
		return err
	}); err != nil {
		return nil, err
	}
	var answer []struct {
		Number  httpcall.StrictNumber `json:"shardID"`
		Created httpcall.StrictNumber `json:"createTime"`
	}
	if err := call.Decode(op, &answer); err != nil {
		return nil, err
	}
	var out []shard
	for _, a := range answer {
		if !a.Number.Known {
			return nil, call.Unclear(op, "a shard has no shardID")
		}
		s := shard{number: int(a.Number.N)}
		if a.Created.Known {
			s.created = strconv.FormatInt(a.Created.N, 10)
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b shard) int { return cmp.Compare(a.number, b.number) })
	return out, nil
}

// groups is ListConsumerGroup. It has no pages.
func (c *connection) groups(ctx context.Context, logstore string) ([]group, error) {
	op := "list the consumer groups of logstore " + logstore
	call := c.http.Read(ctx, "ListConsumerGroup")
	if err := c.ask(call, op, func(s sls.ClientInterface) error {
		_, err := s.ListConsumerGroup(c.place.project, logstore)
		return err
	}); err != nil {
		return nil, err
	}
	var answer []struct {
		Name    string                `json:"name"`
		Timeout httpcall.StrictNumber `json:"timeout"`
	}
	if err := call.Decode(op, &answer); err != nil {
		return nil, err
	}
	var out []group
	for _, a := range answer {
		g := group{name: a.Name}
		if a.Timeout.Known {
			g.timeout = time.Duration(a.Timeout.N) * time.Second
		}
		out = append(out, g)
	}
	return out, nil
}

// checkpoints is GetCheckPoint.
func (c *connection) checkpoints(ctx context.Context, logstore, group string) (checkpoints, error) {
	op := fmt.Sprintf("read the checkpoints of group %s on logstore %s", group, logstore)
	call := c.http.Read(ctx, "GetCheckPoint")
	if err := c.ask(call, op, func(s sls.ClientInterface) error {
		_, err := s.GetCheckpoint(c.place.project, logstore, group)
		return err
	}); err != nil {
		return checkpoints{}, err
	}
	var answer []struct {
		Shard    httpcall.StrictNumber `json:"shard"`
		Cursor   string                `json:"checkpoint"`
		Updated  httpcall.StrictNumber `json:"updateTime"`
		Consumer string                `json:"consumer"`
	}
	if err := call.Decode(op, &answer); err != nil {
		return checkpoints{}, err
	}
	out := checkpoints{points: map[int]checkpoint{}, at: c.now()}
	if date, err := http.ParseTime(call.Header.Get("Date")); err == nil {
		out.at = date
	}
	for _, a := range answer {
		if !a.Shard.Known {
			return checkpoints{}, call.Unclear(op, "a checkpoint names no shard")
		}
		if a.Cursor == "" {
			continue
		}
		p := checkpoint{cursor: a.Cursor, consumer: a.Consumer}
		if a.Updated.Known {
			p.updated = moment(a.Updated.N)
		}
		out.points[int(a.Shard.N)] = p
	}
	return out, nil
}

// cursor is GetCursor, from "begin", "end" or the seconds since the epoch.
func (c *connection) cursor(ctx context.Context, logstore string, shard int, from string) (providers.Position, error) {
	op := fmt.Sprintf("find %s of shard %d of logstore %s", from, shard, logstore)
	call := c.http.Read(ctx, "GetCursor")
	if err := c.ask(call, op, func(s sls.ClientInterface) error {
		_, err := s.GetCursor(c.place.project, logstore, shard, from)
		return err
	}); err != nil {
		return providers.Position{}, err
	}
	var answer struct {
		Cursor string `json:"cursor"`
	}
	if err := call.Decode(op, &answer); err != nil {
		return providers.Position{}, err
	}
	if answer.Cursor == "" {
		return providers.Position{}, call.Unclear(op, "it holds no cursor")
	}
	return providers.AtCursor(answer.Cursor), nil
}

// received is GetCursorTime: when the log group at a cursor was received. At a
// shard's end, where there is none, the service tells something else.
func (c *connection) received(ctx context.Context, logstore string, shard int, at providers.Position) (time.Time, error) {
	op := fmt.Sprintf("read the time at %s of shard %d of logstore %s", at, shard, logstore)
	cursor, _ := at.Cursor()
	call := c.http.Read(ctx, "GetCursorTime")
	if err := c.ask(call, op, func(s sls.ClientInterface) error {
		_, err := s.GetCursorTime(c.place.project, logstore, shard, cursor)
		return err
	}); err != nil {
		return time.Time{}, err
	}
	var answer struct {
		Time httpcall.StrictNumber `json:"cursor_time"`
	}
	if err := call.Decode(op, &answer); err != nil {
		return time.Time{}, err
	}
	if !answer.Time.Known {
		return time.Time{}, call.Unclear(op, "it holds no cursor_time")
	}
	return time.Unix(answer.Time.N, 0), nil
}

// update is UpdateCheckPoint, forced and in the name of no consumer. It
// returns the request's id.
func (c *connection) update(ctx context.Context, t *target, shard int, to providers.Position) (string, error) {
	op := fmt.Sprintf("set the checkpoint of group %s on shard %d of logstore %s", t.group, shard, t.logstore)
	cursor, _ := to.Cursor()
	call := c.http.Write(ctx, "UpdateCheckPoint")
	err := c.ask(call, op, func(s sls.ClientInterface) error {
		return s.UpdateCheckpoint(c.place.project, t.logstore, t.group, "", shard, cursor, true)
	})
	if body := bytes.TrimSpace(call.Body); err == nil && len(body) > 0 && !json.Valid(body) {
		err = call.Unclear(op, "it should be empty")
	}
	return call.Header.Get(sls.RequestIDHeader), err
}

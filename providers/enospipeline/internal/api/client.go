// Package api is the client of the actions of EnOS that resetting a pipeline
// needs: its REST API, for which there is no SDK, and the token service in front
// of it. It is the only package of the provider that knows the JSON of the
// answers and how requests are signed: methods are named after the actions and
// return plain values.
//
// An answer that does not clearly report success is an error, never a zero
// value. The package decides nothing about pipelines.
package api

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// Streaming is the path of the stream processing API on a gateway.
const Streaming = "/streaming/v2.0/streaming"

// Options say which organisation to use, through which gateway.
type Options struct {
	Provider     string // the provider's type, for errors
	Gateway      *url.URL
	Organisation string
	Key          Key
	// Classify returns the contract's kind for a code, nil if the code is not
	// documented.
	Classify func(code int64) error
}

// A Key is the access key and the secret key of an application that is
// registered on EnOS.
type Key struct{ AppKey, AppSecret string }

// A Client calls EnOS. Its methods may be called from several goroutines.
type Client struct {
	options Options
	gateway string // its URL, without a slash at the end
	http    *httpcall.Client
	now     func() time.Time
	tokens  tokens
}

// New returns a client. It opens no connection and requests no token yet.
func New(c providers.Config, env providers.Process, o Options) *Client {
	return &Client{
		options: o,
		gateway: strings.TrimSuffix(o.Gateway.String(), "/"),
		http:    httpcall.New(c, env, httpcall.Options{Provider: o.Provider, RequestID: requestID}), // EnOS documents no rate
		now:     env.Now,
		tokens:  tokens{turn: make(chan struct{}, 1)},
	}
}

// Close drops idle connections.
func (c *Client) Close() { c.http.Close() }

// A Pipeline is a released pipeline. Only released ones have a status.
type Pipeline struct {
	ID, Name string
	Status   string
	Settings map[string]any // with which it was last started, as StartPipeline accepts them; without those that are not reported
}

// ListPipelines returns a page of the organisation's released pipelines, and the
// count that EnOS reports; nil = none reported.
func (c *Client) ListPipelines(ctx context.Context, page, size int) ([]Pipeline, *int64, error) {
	var data many[pipelinesData]
	_, err := c.do(ctx, request{
		action: "List Pipelines", op: "list the pipelines of " + c.options.Organisation, path: Streaming + "/pipelines",
		query: url.Values{"ifReleased": {"true"}, "pageNo": {strconv.Itoa(page)}, "pageSize": {strconv.Itoa(size)}},
		data:  &data,
	})
	var all []Pipeline
	var count *int64
	for _, d := range data {
		for _, p := range d.Pipelines {
			all = append(all, p.plain())
		}
		count = known(d.Count)
	}
	return all, count, err
}

// GetPipelineDetails succeeds if a pipeline exists, released or not. EnOS reports
// no status here.
func (c *Client) GetPipelineDetails(ctx context.Context, id string) error {
	_, err := c.do(ctx, request{action: "Get Pipeline Details", op: "look up pipeline " + id, path: Path(id, ""), pipeline: id})
	return err
}

// A Reading is the position of a running pipeline at one moment: one sum over all
// partitions of a topic.
type Reading struct {
	Topic       string    // "" = not reported
	Offset, Lag *int64    // nil = not reported
	At          time.Time // zero = not reported
}

// GetPipelineOffsetAndLag returns the readings of a running pipeline. The manual has
// one topic in its sample and a list in its table.
func (c *Client) GetPipelineOffsetAndLag(ctx context.Context, id string) (readings []Reading, err error) {
	var data many[lagData]
	_, err = c.do(ctx, request{action: "Get Pipeline Offset and Lag", op: "read offset and lag of " + id, path: Path(id, "/offset-lag"), pipeline: id,
		data: &data})
	for _, d := range data {
		for _, r := range d.LagAndOffset {
			readings = append(readings, r.plain(d.TopicName))
		}
	}
	return readings, err
}

// ResetPipelineOffset resets a pipeline and returns the request's id.
func (c *Client) ResetPipelineOffset(ctx context.Context, id string) (string, error) {
	return c.do(ctx, request{action: "Reset Pipeline Offset", op: "reset pipeline " + id, path: Path(id, "/offset"), pipeline: id, writes: true})
}

// PausePipeline requests that a pipeline pauses.
func (c *Client) PausePipeline(ctx context.Context, id string) error {
	_, err := c.do(ctx, request{action: "Pause Pipeline", op: "pause pipeline " + id, path: Path(id, ""), pipeline: id,
		query: url.Values{"action": {"pause"}}, writes: true})
	return err
}

// StartPipeline requests that a pipeline starts with these settings.
func (c *Client) StartPipeline(ctx context.Context, id string, settings map[string]any) error {
	_, err := c.do(ctx, request{
		action: "Start Pipeline", op: "start pipeline " + id, path: Path(id, ""), pipeline: id, query: url.Values{"action": {"start"}},
		body: settings, writes: true,
	})
	return err
}

// Path returns the path of a pipeline, followed by rest.
func Path(id, rest string) string { return Streaming + "/pipeline/" + url.PathEscape(id) + rest }

// A request is one action of the API.
type request struct {
	action   string // as the manual names it
	op       string // what it does, for errors
	path     string
	pipeline string         // whose path it is; "" = none
	query    url.Values     // without the organisation
	body     map[string]any // nil = none
	writes   bool
	data     any // into which `data` of the answer is decoded; nil = it is ignored
}

// do sends a request and returns its id. A token that the gateway has expired is
// replaced once: the gateway refuses such a request before it reaches the
// service.
func (c *Client) do(ctx context.Context, r request) (string, error) {
	spent := ""
	for {
		token, err := c.token(ctx, spent)
		if err != nil {
			return "", err
		}
		call := c.http.Read(ctx, r.action)
		if r.writes {
			call = c.http.Write(ctx, r.action)
		}
		if err := c.send(ctx, call, r, token); err != nil {
			return "", call.Failure(r.op, httpcall.Answer{}, err)
		}
		a, err := c.decode(call, r)
		if code, _ := a.code(); expired(code) && spent == "" {
			spent = token
			continue
		}
		return a.RequestID, err
	}
}

// send makes the HTTP request of a call, signed if there is a token.
func (c *Client) send(ctx context.Context, call *httpcall.Call, r request, token string) error {
	method := http.MethodGet
	if r.writes || r.body != nil {
		method = http.MethodPost
	}
	var body []byte
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, c.gateway+r.path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json;charset=UTF-8")
	if token != "" {
		query := url.Values{"orgId": {c.options.Organisation}}
		maps.Copy(query, r.query)
		stamp := strconv.FormatInt(c.now().UnixMilli(), 10)
		req.URL.RawQuery = query.Encode()
		req.Header.Set("apim-accesstoken", token)
		req.Header.Set("apim-timestamp", stamp)
		req.Header.Set("apim-signature", signature(token, query, body, stamp, c.options.Key.AppSecret))
	}
	resp, err := call.Client().Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

package enospipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

const streaming = "/streaming/v2.0/streaming"

// listPipelines returns a page of the organisation's released pipelines, and
// how many EnOS says there are. Only released ones have a status.
func (c *connection) listPipelines(ctx context.Context, page, size int) ([]pipeline, httpcall.Number, error) {
	var data many[struct {
		Count     httpcall.Number `json:"count"`
		Pipelines []pipeline      `json:"pipelines"`
	}]
	_, err := c.do(ctx, request{
		action: "List Pipelines", op: "list the pipelines of " + c.org, path: streaming + "/pipelines",
		query: url.Values{"ifReleased": {"true"}, "pageNo": {strconv.Itoa(page)}, "pageSize": {strconv.Itoa(size)}},
		wants: &data,
	})
	var all []pipeline
	var count httpcall.Number
	for _, d := range data {
		all, count = append(all, d.Pipelines...), d.Count
	}
	return all, count, err
}

// details asks whether a pipeline is there, released or not.
func (c *connection) details(ctx context.Context, id string) error {
	_, err := c.do(ctx, request{action: "Get Pipeline Details", op: "look for pipeline " + id, path: pathOf(id, "")})
	return err
}

// offsetAndLag returns the topic of a running pipeline and its readings.
func (c *connection) offsetAndLag(ctx context.Context, id string) (topic string, readings []reading, err error) {
	var data many[struct {
		TopicName    string        `json:"topicName"`
		LagAndOffset many[reading] `json:"lagAndOffset"`
	}]
	_, err = c.do(ctx, request{action: "Get Pipeline Offset and Lag", op: "read offset and lag of " + id, path: pathOf(id, "/offset-lag"), wants: &data})
	for _, d := range data {
		topic, readings = d.TopicName, append(readings, d.LagAndOffset...)
	}
	return topic, readings, err
}

// resetOffset resets a pipeline and returns the request's id.
func (c *connection) resetOffset(ctx context.Context, id string) (string, error) {
	return c.do(ctx, request{action: "Reset Pipeline Offset", op: "reset pipeline " + id, path: pathOf(id, "/offset"), writes: true})
}

// pause orders a pipeline to pause.
func (c *connection) pause(ctx context.Context, id, op string) error {
	_, err := c.do(ctx, request{action: "Pause Pipeline", op: op, path: pathOf(id, ""), query: url.Values{"action": {"pause"}}, writes: true})
	return err
}

// start orders a pipeline to start.
func (c *connection) start(ctx context.Context, id, op string, settings map[string]any) error {
	_, err := c.do(ctx, request{action: "Start Pipeline", op: op, path: pathOf(id, ""), query: url.Values{"action": {"start"}}, body: settings, writes: true})
	return err
}

func pathOf(id, rest string) string { return streaming + "/pipeline/" + url.PathEscape(id) + rest }

// A request is one action of the API.
type request struct {
	action string // as the manual calls it
	op     string // what it does, for errors
	path   string
	query  url.Values     // beside the organisation
	body   map[string]any // nil = none
	writes bool
	wants  any // what `data` is decoded into; nil = it does not matter
}

// do carries a request out and returns its id. A token that the gateway has
// let expire is replaced once: it turns such a request away before the
// service has seen it.
func (c *connection) do(ctx context.Context, r request) (string, error) {
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
		a, err := c.understand(call, r)
		if code, _ := a.code(); code == tokenExpired && spent == "" {
			spent = token
			continue
		}
		return a.RequestID, err
	}
}

// send makes the HTTP request of a call, signed where there is a token.
func (c *connection) send(ctx context.Context, call *httpcall.Call, r request, token string) error {
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
		query := url.Values{"orgId": {c.org}}
		maps.Copy(query, r.query)
		stamp := strconv.FormatInt(c.now().UnixMilli(), 10)
		req.URL.RawQuery = query.Encode()
		req.Header.Set("apim-accesstoken", token)
		req.Header.Set("apim-timestamp", stamp)
		req.Header.Set("apim-signature", signature(token, query, body, stamp, c.key.appSecret))
	}
	resp, err := call.Client().Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

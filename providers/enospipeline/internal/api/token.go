package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

const (
	// tokenLife is a token's lifetime if its answer does not report one.
	tokenLife = 2 * time.Hour
	// renewAhead is how long before its end a token is renewed; a short-lived one is
	// renewed in the last tenth of its life.
	renewAhead = 5 * time.Minute
)

// tokens holds the access token of a connection. Its calls share one: EnOS issues
// an application the same token until it expires, and refuses two requests for a
// token in the same millisecond.
type tokens struct {
	turn  chan struct{} // has one slot: its holder may use the other fields
	value string        // "" = none
	renew time.Time     // when it is to be renewed
	ends  time.Time
	last  int64 // the time in the last request for a token, in ms
}

// token returns the access token to sign with; spent is one that the gateway no
// longer accepts, or "". One caller at a time requests a token; the others wait,
// each no longer than its own context.
func (c *Client) token(ctx context.Context, spent string) (string, error) {
	const op = "get an access token"
	select {
	case c.tokens.turn <- struct{}{}:
		defer func() { <-c.tokens.turn }()
	case <-ctx.Done():
		return "", &providers.Error{Provider: c.options.Provider, Op: op, Kind: providers.ErrUnavailable, Err: context.Cause(ctx)}
	}
	t := &c.tokens
	if t.value == spent {
		t.value = ""
	}
	now := c.now()
	if t.value != "" && now.Before(t.renew) {
		return t.value, nil
	}
	if t.value != "" && now.Before(t.ends) {
		if c.ask(ctx, "refresh", "refresh an access token") == nil {
			return t.value, nil
		}
		t.value = "" // a new one is as good
	}
	if err := c.ask(ctx, "get", op); err != nil {
		return "", err
	}
	return t.value, nil
}

// mostRepeated is how often a request for a token is sent if the service refuses its
// time: another program with the same key may use the same one.
const mostRepeated = 3

// ask calls the token service, by "get" or "refresh". The caller holds tokens.turn.
func (c *Client) ask(ctx context.Context, how, op string) error {
	for try := 1; ; try++ {
		code, err := c.askOnce(ctx, how, op)
		if err == nil || code != EncryptionRepeated || try == mostRepeated {
			return err
		}
	}
}

// askOnce sends one request for a token. No two have the same time. It returns the code
// of a refusal with the error.
func (c *Client) askOnce(ctx context.Context, how, op string) (int64, error) {
	t := &c.tokens
	sent := c.now()
	t.last = max(sent.UnixMilli(), t.last+1)
	body := map[string]any{
		"appKey":     c.options.Key.AppKey,
		"encryption": digest(c.options.Key.AppKey, strconv.FormatInt(t.last, 10), c.options.Key.AppSecret),
		"timestamp":  t.last,
	}
	r := request{action: "Get Access Token", op: op, path: "/apim-token-service/v2.0/token/" + how, body: body}
	if how == "refresh" {
		r.action = "Refresh Access Token"
		body["accessToken"] = t.value
	}
	call := c.http.Read(ctx, r.action)
	if err := c.send(ctx, call, r, ""); err != nil {
		return 0, call.Failure(op, httpcall.Answer{}, err)
	}
	g, err := c.granted(call, r)
	if err != nil {
		return g.refused, err
	}
	c.http.Secret(g.token)
	t.value, t.ends = g.token, sent.Add(g.life)
	t.renew = t.ends.Add(-min(renewAhead, g.life/10))
	return 0, nil
}

// A grant is what the token service answers.
type grant struct {
	token   string
	life    time.Duration
	refused int64 // the code of a refusal
}

// granted reads an answer of the token service. A token without a code of failure is a
// success. No error shows the answer itself, which may contain the token.
func (c *Client) granted(call *httpcall.Call, r request) (grant, error) {
	var a answer
	var data struct {
		AccessToken string          `json:"accessToken"`
		Expire      httpcall.Number `json:"expire"` // seconds
	}
	none := fmt.Sprintf("it has status %d, content type %q and no token", call.Status, call.Header.Get("Content-Type"))
	readable := json.Unmarshal(strict(call.Body), &a) == nil
	code, _ := a.code()
	switch {
	case call.Status/100 != 2 || code != 0:
		refusal := c.refusal(call, r, a)
		if refusal.Code == "" {
			refusal.Message = "unexpected response: " + none
		}
		return grant{refused: code}, advise(call.Failure(r.op, refusal, nil), c.clockSkew(call, a), elsewhere(call))
	case !readable || json.Unmarshal(a.Data, &data) != nil || data.AccessToken == "":
		return grant{}, advise(call.Unclear(r.op, none), elsewhere(call))
	}
	g := grant{token: data.AccessToken, life: tokenLife}
	if data.Expire.Known {
		g.life = time.Duration(data.Expire.N) * time.Second
	}
	return g, nil
}

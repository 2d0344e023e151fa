package enospipeline

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
	// tokenLife is how long a token lives where its answer does not say.
	tokenLife = 2 * time.Hour
	// renewAhead is how long before its end a token is renewed at the latest;
	// one that lives shortly is renewed in the last tenth of its life.
	renewAhead = 5 * time.Minute
)

// tokens holds the access token of a connection. Its calls share one: EnOS
// gives an application the same token until it ends, and refuses two requests
// for one that were made in the same millisecond.
type tokens struct {
	turn  chan struct{} // has one place: who holds it may touch the rest
	value string        // "" = there is none
	renew time.Time     // from when on it is renewed
	ends  time.Time
	last  int64 // the time that the last request for one was signed with, in ms
}

// token returns the access token to sign with; spent is one that the gateway
// takes no longer, or "". One caller at a time asks for it; the others wait,
// each no longer than its own context.
func (c *connection) token(ctx context.Context, spent string) (string, error) {
	const op = "get an access token"
	select {
	case c.tokens.turn <- struct{}{}:
		defer func() { <-c.tokens.turn }()
	case <-ctx.Done():
		return "", &providers.Error{Provider: Type, Op: op, Kind: providers.ErrUnavailable, Err: context.Cause(ctx)}
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
		t.value = "" // a new one will do as well
	}
	if err := c.ask(ctx, "get", op); err != nil {
		return "", err
	}
	return t.value, nil
}

// ask asks the token service, by "get" or "refresh". The caller has its turn.
func (c *connection) ask(ctx context.Context, how, op string) error {
	t := &c.tokens
	asked := c.now()
	t.last = max(asked.UnixMilli(), t.last+1)
	body := map[string]any{
		"appKey":     c.key.appKey,
		"encryption": digest(c.key.appKey, strconv.FormatInt(t.last, 10), c.key.appSecret),
		"timestamp":  t.last,
	}
	r := request{action: "Get Access Token", op: op, path: "/apim-token-service/v2.0/token/" + how, body: body}
	if how == "refresh" {
		r.action = "Refresh Access Token"
		body["accessToken"] = t.value
	}
	call := c.http.Read(ctx, r.action)
	if err := c.send(ctx, call, r, ""); err != nil {
		return call.Failure(op, httpcall.Answer{}, err)
	}
	value, life, err := c.granted(call, r)
	if err != nil {
		return err
	}
	c.http.Secret(value)
	t.value, t.ends = value, asked.Add(life)
	t.renew = t.ends.Add(-min(renewAhead, life/10))
	return nil
}

// granted reads a token and its life from an answer. No error shows the
// answer itself, which may hold the token.
func (c *connection) granted(call *httpcall.Call, r request) (string, time.Duration, error) {
	var a answer
	var data struct {
		AccessToken string          `json:"accessToken"`
		Expire      httpcall.Number `json:"expire"` // seconds
	}
	none := fmt.Sprintf("it answers %d with %q and no token in it", call.Status, call.Header.Get("Content-Type"))
	readable := json.Unmarshal(strict(call.Body), &a) == nil
	code, told := a.code()
	switch {
	case call.Status/100 != 2 || told && code != 0:
		said := c.said(call, r, a)
		if said.Code == "" {
			said.Message = none
		}
		return "", 0, call.Failure(r.op, said, nil)
	case !readable || !told || json.Unmarshal(a.Data, &data) != nil || data.AccessToken == "":
		return "", 0, call.Unclear(r.op, none)
	}
	life := tokenLife
	if data.Expire.Known {
		life = time.Duration(data.Expire.N) * time.Second
	}
	return data.AccessToken, life, nil
}

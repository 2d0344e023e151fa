package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
	"github.com/resetplan/resetplan/providers/internal/neterr"
	mechanism "github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// bearer returns OAUTHBEARER with a token, or with client credentials that buy tokens.
func (l *login) bearer(c providers.Config, env providers.Process) (mechanism.Mechanism, error) {
	if l.token != "" {
		return refusable{oauth.Auth{Token: l.token, Extensions: l.Extensions}.AsMechanism()}, nil
	}
	issuer, err := newIssuer(l, c, env)
	if err != nil {
		return nil, err
	}
	fetch := oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
		token, err := issuer.token(ctx)
		return oauth.Auth{Token: token, Extensions: l.Extensions}, err
	})
	return patient{refusable{fetch}, c.Timeout, "token"}, nil
}

// An issuer fetches tokens, and fetches another one before the last expires: the
// broker asks for one on each new connection, and again when a session ends.
type issuer struct {
	config clientcredentials.Config
	client *http.Client
	env    providers.Process

	mu   sync.Mutex
	last *oauth2.Token
}

func newIssuer(l *login, c providers.Config, env providers.Process) (*issuer, error) {
	at, err := url.Parse(l.TokenEndpoint)
	switch {
	case err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" || at.User != nil:
		return nil, unusable("sasl.oauth.tokenEndpoint", errors.New("not a valid URL; write https://HOST/PATH"))
	case at.Scheme == "http" && !text.Loopback(at.Hostname()) && !c.Insecure:
		return nil, unusable("sasl.oauth.tokenEndpoint", fmt.Errorf(
			"http:// sends the client's secret unencrypted to %s; write https://, or insecure: true if the network is trusted", at.Hostname()))
	}
	if err := env.MayReachURL(at); err != nil {
		return nil, failed("connect", err)
	}
	proxy, err := httpcall.Proxies(env)
	if err != nil {
		return nil, unusable("sasl.oauth.tokenEndpoint", err)
	}
	return &issuer{
		config: clientcredentials.Config{ClientID: l.ClientID, ClientSecret: l.ClientSecret, TokenURL: l.TokenEndpoint, Scopes: strings.Fields(l.Scope)},
		client: &http.Client{
			Timeout: c.Timeout,
			Transport: &http.Transport{
				Proxy:           func(r *http.Request) (*url.URL, error) { return proxy(r.URL) },
				TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, DisableKeepAlives: true, ForceAttemptHTTP2: true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		env: env,
	}, nil
}

// margin is how long a token must still be valid to be used again.
const margin = 30 * time.Second

// token returns a token that does not expire soon.
func (i *issuer) token(ctx context.Context) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.last != nil && i.last.Expiry.After(i.env.Now().Add(margin)) {
		return i.last.AccessToken, nil
	}
	token, err := i.config.Token(context.WithValue(ctx, oauth2.HTTPClient, i.client))
	if err != nil {
		return "", i.failed(err)
	}
	i.env.Secrets.Add(token.AccessToken)
	i.last = token
	return token.AccessToken, nil
}

// failed explains why there is no token. The answer's own text is not repeated: it can
// have the request in it.
func (i *issuer) failed(err error) error {
	e := &providers.Error{Provider: Type, Op: "request a token", Kind: providers.ErrInvalid, Address: i.config.TokenURL}
	var refused *oauth2.RetrieveError
	var network *url.Error
	switch {
	case errors.As(err, &refused) && refused.Response != nil:
		status := refused.Response.StatusCode
		e.Code = fmt.Sprint(status)
		if code := refused.ErrorCode; code != "" && len(code) <= 40 && strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") == "" {
			e.Code += " " + code
		}
		switch {
		case status == http.StatusTooManyRequests:
			e.Kind, e.Message = providers.ErrThrottled, "the token endpoint limits requests; run it again later"
		case status >= 500:
			e.Kind, e.Message = providers.ErrUnavailable, "the token endpoint fails; run it again later"
		case status >= 400:
			e.Kind, e.Message = providers.ErrDenied, "the token endpoint refused the client; check its id, its secret and the scope"
		default:
			e.Message = "the token endpoint returned no token; check sasl.oauth.tokenEndpoint"
		}
	case errors.As(err, &network):
		e.Kind, e.Message = providers.ErrUnavailable, neterr.Explain(network.Err)
		if e.Message == "" {
			e.Message = "the token endpoint did not answer"
		}
	default:
		e.Message = "the token endpoint returned no token; check sasl.oauth.tokenEndpoint"
	}
	return e
}

// refusable is OAUTHBEARER with an error for a refused token: the broker sends the
// reason as data, and ends the exchange only after another message.
type refusable struct{ mechanism.Mechanism }

func (r refusable) Authenticate(ctx context.Context, host string) (mechanism.Session, []byte, error) {
	s, first, err := r.Mechanism.Authenticate(ctx, host)
	if err != nil {
		return nil, nil, err
	}
	return refusableSession{s}, first, nil
}

type refusableSession struct{ mechanism.Session }

func (r refusableSession) Challenge(data []byte) (bool, []byte, error) {
	if len(data) > 0 {
		return false, nil, &providers.Error{Provider: Type, Op: "authenticate", Kind: providers.ErrDenied,
			Message: "the broker refused the token; check that it has not expired, its audience and its scope"}
	}
	return r.Session.Challenge(data)
}

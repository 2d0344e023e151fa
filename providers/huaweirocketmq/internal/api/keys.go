package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/provider"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/impl"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/neterr"
)

// A Key signs requests. Token is "" for a permanent key. AuthToken is a token of IAM,
// which is sent instead of a signature.
type Key struct{ Access, Secret, Token, AuthToken string }

// signer returns the SDK's form of a key.
func (k Key) signer(project string) (auth.ICredential, error) {
	if k.AuthToken != "" {
		return bearer{k.AuthToken, project}, nil
	}
	return auth.NewBasicCredentialsBuilder().WithAk(k.Access).WithSk(k.Secret).WithSecurityToken(k.Token).WithProjectId(project).SafeBuild()
}

// bearer sends a token of IAM instead of a signature, which the SDK cannot.
type bearer struct{ token, project string }

var _ auth.ICredential = bearer{}

func (b bearer) ProcessAuthParams(*impl.DefaultHttpClient, string) (auth.ICredential, error) {
	return b, nil
}

func (b bearer) ProcessAuthRequest(_ *impl.DefaultHttpClient, r *request.DefaultHttpRequest) (*request.DefaultHttpRequest, error) {
	return r.Builder().AddAutoFilledPathParam("project_id", b.project).AddHeaderParam("X-Project-Id", b.project).
		AddHeaderParam("X-Auth-Token", b.token).Build(), nil
}

// Credentials are a key, or how to obtain temporary ones. One field is set.
type Credentials struct {
	Key              Key
	Agency           bool // the agency of this ECS, from its metadata service
	Pod              bool // the agency of this pod, from the address in the variables of CCE
	IdentityProvider IdentityProvider
}

// An IdentityProvider is known to IAM, which exchanges its tokens for keys.
type IdentityProvider struct {
	ID, TokenFile string
	Endpoint      string // of IAM
}

// renewEvery is how long a temporary key is used before the SDK is asked whether it
// expires. Within 40 minutes of that, the SDK requests a new key at every call, which
// is more than the metadata service permits.
const renewEvery = time.Minute

// A keyring returns the key of the next request. Temporary keys are obtained at the
// first request and renewed before they expire, in the middle of an apply, too.
type keyring struct {
	client *Client
	found  Credentials

	mu    sync.Mutex
	held  *auth.BasicCredentials // the SDK's: it renews the key; nil = none obtained yet
	asked time.Time              // when the SDK was last asked to renew it
}

// current returns the key to use now. Its error is the caller's, ready to show.
func (k *keyring) current(ctx context.Context, op string) (Key, error) {
	if k.found.Key != (Key{}) {
		return k.found.Key, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := k.client.now(); k.held == nil || now.Sub(k.asked).Abs() >= renewEvery {
		if err := k.renew(ctx, op); err != nil && k.held == nil {
			return Key{}, err
		}
		k.asked = now // also if it failed: the key may be valid for a while
		k.client.secrets.Add(k.held.AK, k.held.SK, k.held.SecurityToken)
	}
	return Key{Access: k.held.AK, Secret: k.held.SK, Token: k.held.SecurityToken}, nil
}

// refused forgets a temporary key that the service denies: the next call obtains
// another one.
func (k *keyring) refused(err error) {
	if errors.Is(err, providers.ErrDenied) && k.found.Key == (Key{}) {
		k.mu.Lock()
		k.held = nil
		k.mu.Unlock()
	}
}

// renew lets the SDK obtain a key, or replace one that soon expires.
func (k *keyring) renew(ctx context.Context, op string) (err error) {
	defer func() { // the SDK panics on an answer without a key
		if p := recover(); p != nil {
			err = k.failure(op, fmt.Errorf("unexpected response: %v", p))
		}
	}()
	if k.found.IdentityProvider != (IdentityProvider{}) {
		return k.exchange(ctx, op)
	}
	if err := direct(); k.found.Agency && err != nil {
		return k.failure(op, err)
	}
	if k.held != nil {
		err = k.held.ProcessSts(nil)
	} else {
		err = k.obtain()
	}
	if err == nil && (k.held.AK == "" || k.held.SK == "") {
		k.held, err = nil, errors.New("the response has no key")
	}
	if err != nil {
		return k.failure(op, err)
	}
	return nil
}

// obtain gets a first key from the metadata service, or from the address in the
// variables of CCE.
func (k *keyring) obtain() error {
	var from provider.ICredentialProvider = &provider.MetadataBasicCredentialProvider{ProjectId: k.client.options.ProjectID}
	if k.found.Pod {
		from = provider.BasicCredentialPodIdentityProvider()
	}
	got, err := from.GetCredentials()
	if err != nil {
		return err
	}
	held, ok := got.(*auth.BasicCredentials)
	if !ok {
		return fmt.Errorf("the SDK returned a %T", got)
	}
	k.held = held
	return nil
}

// Metadata is the address of the metadata service, which the SDK requests.
const Metadata = "http://169.254.169.254/openstack/latest/securitykey"

var errProxy = errors.New("HTTP_PROXY would send it through a proxy: add 169.254.169.254 to NO_PROXY")

// direct returns an error if the SDK would request the metadata service through a
// proxy, which would learn the key.
func direct() error {
	r, err := http.NewRequest(http.MethodGet, Metadata, http.NoBody)
	if err != nil {
		return err
	}
	over, ok := http.DefaultTransport.(*http.Transport) // which the SDK uses
	if !ok || over.Proxy == nil {
		return nil
	}
	if proxy, err := over.Proxy(r); err != nil || proxy != nil {
		return errProxy
	}
	return nil
}

// failure returns the error of a source of temporary keys. The SDK's errors quote the
// source's answer, keys included, so only the causes that cannot are shown.
func (k *keyring) failure(op string, err error) error {
	e := &providers.Error{Provider: k.client.options.Provider, Op: op, Kind: providers.ErrUnavailable}
	why := "unexpected response"
	var refused *sdkerr.ServiceResponseError
	var unreachable *url.Error
	var file *fs.PathError
	switch {
	case errors.Is(err, errProxy):
		why = err.Error()
	case errors.As(err, &refused):
		e.Kind, why = providers.ErrDenied, fmt.Sprintf("status %d", refused.StatusCode)
	case errors.As(err, &unreachable):
		e.Err, why = unreachable, neterr.Explain(unreachable.Err)
	case errors.As(err, &file):
		e.Kind, e.Err, why = providers.ErrDenied, file, file.Error()
	}
	switch {
	case k.found.Pod:
		e.Message = fmt.Sprintf("no key for this pod (%s): check HC_CONTAINER_CREDENTIALS_FULL_URI, HC_CONTAINER_AUTHORIZATION_TOKEN_FILE and the "+
			"agency of the pod's service account", why)
	case k.found.Agency:
		e.Message = fmt.Sprintf("the metadata service gave no key (%s): run on an ECS, and assign to it an agency with the permissions that this "+
			"needs, or remove mode = ecsAgency from the credentials file", why)
	default:
		e.Message = fmt.Sprintf("IAM gave no key for the identity provider's token (%s)", why)
	}
	e.Message, e.Err = k.client.secrets.Hide(e.Message), k.client.secrets.HideError(e.Err)
	return e
}

// exchange lets IAM exchange the identity provider's token for a key. The SDK sends
// the two requests through ours.
func (k *keyring) exchange(ctx context.Context, op string) error {
	idp := k.found.IdentityProvider
	token, err := files.Read(idp.TokenFile, files.Credentials)
	if err != nil {
		return &providers.Error{Provider: k.client.options.Provider, Op: op, Kind: providers.ErrDenied, Err: err,
			Message: fmt.Sprintf("the identity provider's token cannot be read: %v: check HUAWEICLOUD_SDK_ID_TOKEN_FILE, or id_token_file in the "+
				"credentials file", err)}
	}
	k.client.secrets.Add(string(token))
	held := k.held
	if held == nil {
		held, err = auth.NewBasicCredentialsBuilder().WithIdpId(idp.ID).WithIdTokenFile(idp.TokenFile).WithIamEndpointOverride(idp.Endpoint).
			WithProjectId(k.client.options.ProjectID).SafeBuild()
		if err != nil {
			return err
		}
	}
	through := &exchange{ctx: ctx, client: k.client}
	if err := held.ProcessSts(impl.NewDefaultHttpClient(throughOnly(through))); err != nil {
		if through.last != nil {
			return through.last.Failure(op, k.client.refusal(through.last), err)
		}
		return k.failure(op, err)
	}
	k.held = held
	return nil
}

// exchange sends the requests to IAM, one call each.
type exchange struct {
	ctx    context.Context //nolint:containedctx // the SDK accepts none
	client *Client
	last   *call
}

func (e *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	e.last = e.client.read(e.ctx, r.URL.Path)
	resp, err := e.last.RoundTrip(r)
	if err == nil {
		e.client.secrets.Add(resp.Header.Get("X-Subject-Token"))
	}
	return resp, err
}

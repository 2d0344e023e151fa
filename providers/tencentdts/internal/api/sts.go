package api

import (
	"context"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

// The SDK's own providers of temporary keys are not used: they reach the vendor's
// hosts by net/http's shared client, so that neither the timeout nor the log nor a
// cancelled context applies to them, and they renew a key after a tenth of its
// life or not at all. The SDK writes and signs the requests here, too.

const (
	stsVersion = "2018-08-13"
	lifetime   = 7200 // seconds, as the SDKs request it
)

type roleAnswer struct {
	Credentials struct{ TmpSecretID, TmpSecretKey, Token string }
	ExpiredTime httpcall.StrictNumber
}

// assume returns a key of the role, by the account's own key.
func (k *keyring) assume(ctx context.Context) (Key, error) {
	keys := k.options.Keys
	to := service{at: k.options.STS, region: k.options.Region, key: &keys.Key, options: k.options, issues: true}
	return k.issued(ctx, to, "AssumeRole", map[string]any{}, ", assumed with the key from "+keys.Key.From)
}

// withWebIdentity returns a key of the role, by the token of a cluster.
func (k *keyring) withWebIdentity(ctx context.Context) (Key, error) {
	web := k.options.Keys.Web
	token, err := web.Token()
	if err != nil {
		return Key{}, &providers.Error{Provider: k.options.Provider, Op: "assume the role " + k.options.Keys.Role, Kind: providers.ErrDenied,
			Message: err.Error(), Err: err}
	}
	token = strings.TrimSpace(token)
	k.secrets.Add(token)
	to := service{at: k.options.STS, region: web.Region, options: k.options, issues: true}
	return k.issued(ctx, to, "AssumeRoleWithWebIdentity", map[string]any{"ProviderId": web.Provider, "WebIdentityToken": token}, "")
}

// issued requests a key of the role from STS.
func (k *keyring) issued(ctx context.Context, to service, action string, params map[string]any, how string) (Key, error) {
	keys := k.options.Keys
	op := "assume the role " + keys.Role
	params["RoleArn"], params["RoleSessionName"], params["DurationSeconds"] = keys.Role, keys.Session, lifetime
	call := k.http.Read(ctx, action)
	answer, err := exchange[roleAnswer](to, call, op, tchttp.NewCommonRequest("sts", stsVersion, action), params)
	if err != nil {
		return Key{}, err
	}
	issued := answer.Credentials
	if issued.TmpSecretID == "" || issued.TmpSecretKey == "" || issued.Token == "" || !answer.ExpiredTime.Known {
		return Key{}, call.Unclear(op, "it has no complete key, or no time at which the key expires")
	}
	return Key{issued.TmpSecretID, issued.TmpSecretKey, issued.Token, "the role " + keys.Role + " (" + keys.RoleFrom + ")" + how,
		k.until(answer.ExpiredTime.N)}, nil
}

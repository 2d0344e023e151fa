// Package aliyun finds access keys of Alibaba Cloud in the places that the vendor's
// own tools read, in their order: the current variables, the older ones that
// Terraform reads, the variables of a cluster's OIDC identity, the configuration of
// the command line client, the profile file, the instance's role, a credentials URI.
//
// Keys that are issued for a while (by a role, an instance, an identity provider)
// are requested through the vendor's credential library, and again before they
// expire. The library's own search is never used: it reads the environment of the
// process, and it asks the metadata service of every machine. Here that service is
// contacted only if a profile or a variable says so.
//
// The first place that has a credential ends the search, also if the credential is
// broken: another account's keys must never be used instead.
package aliyun

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
)

// Keys sign requests. SecurityToken is "" for permanent keys.
type Keys struct{ AccessKeyID, AccessKeySecret, SecurityToken string }

func (k Keys) complete() bool { return k.AccessKeyID != "" && k.AccessKeySecret != "" }

// Find returns the source of the keys for a document's credentials. It uses no
// network. If the credentials name a profile, the variables are skipped; if they name
// variables, only these are read. Errors wrap ErrDenied and name the places that were
// searched.
func Find(provider string, c providers.Credentials, env providers.Process) (*Source, error) {
	if err := credsearch.Permit(provider, "credentials.env", c.Env, own(), env); err != nil {
		return nil, err
	}
	f := &finder{Search: credsearch.New(c, env), env: env}
	p, err := f.find()
	if err == nil && p == nil {
		return nil, f.Missing(provider, "Alibaba Cloud access key")
	}
	var s *Source
	if err == nil {
		f.Found(p.secrets()...)
		s, err = f.source(provider, p)
	}
	if errors.Is(err, providers.ErrForbidden) {
		return nil, &providers.Error{Provider: provider, Op: "connect", Kind: providers.ErrForbidden, Message: env.Secrets.Hide(err.Error())}
	}
	if err != nil {
		return nil, &providers.Error{Provider: provider, Op: "connect", Kind: providers.ErrDenied, Message: env.Secrets.Hide(err.Error())}
	}
	return s, nil
}

// A finder searches the places for one document's credentials.
type finder struct {
	*credsearch.Search
	env providers.Process
}

// find returns the first credential in the order of the vendor's tools, or nil.
func (f *finder) find() (*profile, error) {
	if f.Named() {
		return f.variables(), nil
	}
	places := []func() (*profile, error){f.commandLine, f.profileFile}
	if f.Profile() == "" {
		noError := func(place func() *profile) func() (*profile, error) {
			return func() (*profile, error) { return place(), nil }
		}
		places = append([]func() (*profile, error){noError(f.variables), noError(f.identity)}, places...)
		places = append(places, noError(f.instance), noError(f.uri))
	}
	for _, place := range places {
		if p, err := place(); err != nil || p != nil {
			return p, err
		}
	}
	return nil, nil //nolint:nilnil // the search has found nothing
}

// families are the variables' names. A key is never combined from two families.
var families = [][3]string{
	{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"},
	{"ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_ACCESS_KEY_STS_TOKEN"},
}

// Places are the variables and files in which Find searches, in its order. The older
// variables are left out.
func Places() []string {
	return slices.Concat(families[0][:], identityVariables, []string{commandLinePath, profilePath, metadataVariable, uriVariable})
}

// own are the variables that a plan may name without permission.
func own() map[string][]string {
	out := map[string][]string{}
	for _, names := range families {
		for i, field := range fields {
			out[field] = append(out[field], names[i])
		}
	}
	return out
}

// fields are the keys of credentials.env, in the order of a family.
var fields = [3]string{"accessKeyId", "accessKeySecret", "securityToken"}

// variables returns the keys in the variables that the document names, or else in
// those of a family.
func (f *finder) variables() *profile {
	for _, names := range families {
		p := &profile{Mode: modeKeys, AccessKeyID: f.Field(fields[0], names[0]), AccessKeySecret: f.Field(fields[1], names[1]),
			Token: f.Field(fields[2], names[2])}
		if p.keys().complete() {
			if f.Named() {
				names = [3]string{f.NamedVariable(fields[0]), f.NamedVariable(fields[1]), f.NamedVariable(fields[2])}
			}
			p.from = "$" + names[0] + " and $" + names[1]
			if p.Token != "" {
				p.Mode, p.from = modeToken, "$"+names[0]+", $"+names[1]+" and $"+names[2]
			}
			return p
		}
		if f.Named() {
			break
		}
	}
	return nil
}

// identityVariables are the variables that a cluster sets: the role, the provider and
// the file of its token.
var identityVariables = []string{"ALIBABA_CLOUD_ROLE_ARN", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABA_CLOUD_OIDC_TOKEN_FILE"}

// identity returns the OIDC identity that a cluster gives its workloads (RRSA).
func (f *finder) identity() *profile {
	v := identityVariables
	p := &profile{Mode: modeOIDC, RoleArn: f.Lookup(v[0]), OIDCProviderArn: f.Lookup(v[1]), OIDCTokenFile: f.Lookup(v[2]),
		from: fmt.Sprintf("the OIDC identity in $%s, $%s and $%s", v[0], v[1], v[2])}
	if p.RoleArn == "" || p.OIDCProviderArn == "" || p.OIDCTokenFile == "" {
		return nil
	}
	return p
}

const metadataVariable = "ALIBABA_CLOUD_ECS_METADATA"

// instance returns the role of the instance, if its variable names one.
func (f *finder) instance() *profile {
	role := f.Lookup(metadataVariable)
	if role == "" {
		return nil
	}
	return &profile{Mode: modeECS, RoleName: role, from: "the instance role in $" + metadataVariable}
}

const uriVariable = "ALIBABA_CLOUD_CREDENTIALS_URI"

func (f *finder) uri() *profile {
	uri := f.Lookup(uriVariable)
	if uri == "" {
		return nil
	}
	return &profile{Mode: modeURI, URI: uri, from: "the credentials URI in $" + uriVariable}
}

// flag reports whether a variable is "true".
func (f *finder) flag(name string) bool { return strings.EqualFold(f.Variable(name), "true") }

// wanted returns the profile that the document names, or the environment, or
// another one.
func (f *finder) wanted(otherwise string) string {
	return cmp.Or(f.Profile(), f.Variable("ALIBABA_CLOUD_PROFILE"), otherwise)
}

package aliyun

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aliyun/credentials-go/credentials"
	vendor "github.com/aliyun/credentials-go/credentials/providers"
)

// The modes of the command line client. Older clients write RamRoleArnWithRoleName
// for what is now a ChainableRamRoleArn.
const (
	modeKeys     = "AK"
	modeToken    = "StsToken"
	modeRole     = "RamRoleArn"
	modeECS      = "EcsRamRole"
	modeECSRole  = "RamRoleArnWithRoleName"
	modeChain    = "ChainableRamRoleArn"
	modeKeyPair  = "RsaKeyPair"
	modeCommand  = "External"
	modeURI      = "CredentialsURI"
	modeOIDC     = "OIDC"
	modeSSO      = "CloudSSO"
	modeOAuth    = "OAuth"
	knownToWork  = "AK, StsToken, RamRoleArn, EcsRamRole, ChainableRamRoleArn, OIDC, CredentialsURI, CloudSSO, OAuth and External"
	debugging    = "credential" // with it in $DEBUG, the vendor's library prints keys to standard output
	libraryWaits = 10_000       // for one answer, in milliseconds; the caller's timeout is usually shorter
)

// source returns the source of a profile's keys. It contacts nothing.
func (f *finder) source(provider string, p *profile) (*Source, error) {
	s := &Source{provider: provider, from: p.from, env: f.env}
	issue, err := f.issuer(p, nil)
	s.issue = issue
	if err != nil && !strings.Contains(err.Error(), p.from) {
		err = fmt.Errorf("%s: %w", p.from, err)
	}
	if err == nil && p.static() {
		s.keys, err = issue()
	} else if err == nil && slices.Contains(strings.Split(f.Variable("DEBUG"), ","), debugging) {
		err = fmt.Errorf("the variable DEBUG contains %q, with which the vendor's library prints keys to standard output: unset it", debugging)
	}
	return s, err
}

// static reports whether the profile holds the keys themselves.
func (p *profile) static() bool {
	return strings.EqualFold(p.Mode, modeKeys) || strings.EqualFold(p.Mode, modeToken)
}

// An issuer returns keys that are valid now.
type issuer func() (Keys, error)

// issuer returns the issuer of a profile's mode. Above are the profiles that name it
// as their source.
func (f *finder) issuer(p *profile, above []*profile) (issuer, error) {
	for mode, build := range map[string]func(*profile, []*profile) (issuer, error){
		modeKeys: f.byKeys, modeToken: f.byToken, modeRole: f.byRole, modeECS: f.byInstance, modeECSRole: f.byInstanceRole,
		modeChain: f.byChain, modeKeyPair: f.byKeyPair, modeCommand: f.byCommand, modeURI: f.byURI, modeOIDC: f.byIdentity,
		modeSSO: f.bySSO, modeOAuth: f.byOAuth,
	} {
		if strings.EqualFold(mode, p.Mode) {
			return build(p, above)
		}
	}
	return nil, fmt.Errorf("%s cannot be used: resetplan supports the modes %s. Use another profile", p.from, knownToWork)
}

func fixed(k Keys) issuer { return func() (Keys, error) { return k, nil } }

func (f *finder) byKeys(p *profile, _ []*profile) (issuer, error) {
	return fixed(Keys{AccessKeyID: p.AccessKeyID, AccessKeySecret: p.AccessKeySecret}),
		p.lacks("access_key_id", p.AccessKeyID, "access_key_secret", p.AccessKeySecret)
}

func (f *finder) byToken(p *profile, _ []*profile) (issuer, error) {
	return fixed(p.keys()), p.lacks("access_key_id", p.AccessKeyID, "access_key_secret", p.AccessKeySecret, "token", p.Token)
}

// byRole assumes a role with the profile's own keys.
func (f *finder) byRole(p *profile, _ []*profile) (issuer, error) {
	if err := p.lacks("access_key_id", p.AccessKeyID, "access_key_secret", p.AccessKeySecret, "role ARN", p.RoleArn); err != nil {
		return nil, err
	}
	return f.assume(p, fixed(p.keys()))
}

// byChain assumes a role with the keys of another profile.
func (f *finder) byChain(p *profile, above []*profile) (issuer, error) {
	if err := p.lacks("source_profile", p.Source, "role ARN", p.RoleArn); err != nil {
		return nil, err
	}
	from := p.all[p.Source]
	switch {
	case from == nil:
		return nil, fmt.Errorf("%s has the source_profile %q, which the file does not have", p.from, p.Source)
	case from == p, slices.Contains(above, from):
		return nil, fmt.Errorf("%s is its own source: source_profile %q leads back to it", p.from, p.Source)
	}
	before, err := f.issuer(from, append(above, p))
	if err != nil {
		return nil, err
	}
	return f.assume(p, before)
}

func (f *finder) byInstanceRole(p *profile, above []*profile) (issuer, error) {
	if err := p.lacks("role ARN", p.RoleArn); err != nil {
		return nil, err
	}
	before, err := f.byInstance(p, above)
	if err != nil {
		return nil, err
	}
	return f.assume(p, before)
}

// assume requests keys of a role, signed with other keys.
func (f *finder) assume(p *profile, before issuer) (issuer, error) {
	host := f.stsHost(p)
	options, err := f.options("https://" + host)
	if err != nil {
		return nil, err
	}
	return issued(vendor.NewRAMRoleARNCredentialsProviderBuilder().WithCredentialsProvider(previous{before}).WithRoleArn(p.RoleArn).
		WithRoleSessionName(f.sessionName(p)).WithDurationSeconds(p.Seconds).WithPolicy(p.Policy).WithExternalId(p.ExternalID).
		WithStsEndpoint(host).WithHttpOptions(options).Build())
}

func (f *finder) byIdentity(p *profile, _ []*profile) (issuer, error) {
	if err := p.lacks("role ARN", p.RoleArn, "OIDC provider ARN", p.OIDCProviderArn, "OIDC token file", p.OIDCTokenFile); err != nil {
		return nil, err
	}
	host := f.stsHost(p)
	options, err := f.options("https://" + host)
	if err != nil {
		return nil, err
	}
	inner, err := issued(vendor.NewOIDCCredentialsProviderBuilder().WithRoleArn(p.RoleArn).WithOIDCProviderARN(p.OIDCProviderArn).
		WithOIDCTokenFilePath(p.OIDCTokenFile).WithRoleSessionName(f.sessionName(p)).WithDurationSeconds(p.Seconds).WithPolicy(p.Policy).
		WithSTSEndpoint(host).WithHttpOptions(options).Build())
	return func() (Keys, error) {
		token := f.File(p.OIDCTokenFile) // the cluster replaces it from time to time
		if token == "" {
			return Keys{}, fmt.Errorf("the OIDC token file %s cannot be read or is empty", p.OIDCTokenFile)
		}
		f.Found(token)
		return inner()
	}, err
}

func (f *finder) bySSO(p *profile, _ []*profile) (issuer, error) {
	if p.AccessToken == "" || p.AccessTokenExpires <= f.env.Now().Unix() {
		return nil, fmt.Errorf("the sign-in of %s has expired: run `aliyun configure --profile %s --mode CloudSSO`", p.from, p.Name)
	}
	if err := p.lacks("cloud_sso_sign_in_url", p.SignInURL, "cloud_sso_account_id", p.AccountID, "cloud_sso_access_config", p.AccessConfig); err != nil {
		return nil, err
	}
	options, err := f.options(p.SignInURL)
	if err != nil {
		return nil, err
	}
	return issued(vendor.NewCloudSSOCredentialsProviderBuilder().WithSignInUrl(p.SignInURL).WithAccountId(p.AccountID).
		WithAccessConfig(p.AccessConfig).WithAccessToken(p.AccessToken).WithAccessTokenExpire(p.AccessTokenExpires).WithHttpOptions(options).Build())
}

// byOAuth uses the keys that the command line client has stored. Only the client can
// renew them.
func (f *finder) byOAuth(p *profile, _ []*profile) (issuer, error) {
	if err := p.lacks("access_key_id", p.AccessKeyID, "access_key_secret", p.AccessKeySecret, "sts_token", p.Token); err != nil {
		return nil, err
	}
	return func() (Keys, error) {
		if p.TokenExpires <= f.env.Now().Unix() {
			return Keys{}, fmt.Errorf("the keys have expired: run any command of the client, such as `aliyun sts GetCallerIdentity --profile %s`, "+
				"which renews them", p.Name)
		}
		return p.keys(), nil
	}, nil
}

func (f *finder) byURI(p *profile, _ []*profile) (issuer, error) {
	if p.URI == "" {
		p.URI = f.Variable(uriVariable)
	}
	if err := p.lacks("credentials_uri", p.URI); err != nil {
		return nil, err
	}
	options, err := f.options(p.URI)
	if err != nil {
		return nil, err
	}
	return issued(vendor.NewURLCredentialsProviderBuilder().WithUrl(p.URI).WithHttpOptions(options).Build())
}

// byKeyPair requests session keys with an RSA key, which the vendor has deprecated.
func (f *finder) byKeyPair(p *profile, _ []*profile) (issuer, error) {
	if err := p.lacks("key_pair_name", p.KeyPair, "private_key", p.PrivateKeyFile); err != nil {
		return nil, err
	}
	key := f.File(p.PrivateKeyFile)
	if key == "" {
		return nil, fmt.Errorf("the private key of %s, %s, cannot be read or is empty", p.from, p.PrivateKeyFile)
	}
	f.Found(key, p.KeyPair)
	host := f.stsHost(p)
	options, err := f.options("https://" + host)
	if err != nil {
		return nil, err
	}
	kind, seconds := "rsa_key_pair", libraryWaits/1000 // this type counts in seconds
	c, err := credentials.NewCredential(&credentials.Config{Type: &kind, PublicKeyId: &p.KeyPair, PrivateKeyFile: &p.PrivateKeyFile,
		SessionExpiration: &p.Seconds, STSEndpoint: &host, Proxy: &options.Proxy, Timeout: &seconds, ConnectTimeout: &seconds})
	return func() (Keys, error) {
		k, err := c.GetCredential()
		if err != nil {
			return Keys{}, err
		}
		return Keys{AccessKeyID: *k.AccessKeyId, AccessKeySecret: *k.AccessKeySecret}, nil
	}, err
}

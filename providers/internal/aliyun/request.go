package aliyun

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"

	vendor "github.com/aliyun/credentials-go/credentials/providers"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// metadataURL is where an instance learns the keys of its role.
const metadataURL = "http://100.100.100.200"

// byInstance requests keys from the metadata service of the instance. Through a
// proxy, another machine's service would answer.
func (f *finder) byInstance(p *profile, _ []*profile) (issuer, error) {
	if f.flag("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
		return nil, fmt.Errorf("%s cannot be used: $ALIBABA_CLOUD_ECS_METADATA_DISABLED is true", p.from)
	}
	options, err := f.options(metadataURL)
	if err != nil {
		return nil, err
	}
	if u, err := url.Parse(options.Proxy); options.Proxy != "" && (err != nil || !text.Loopback(u.Hostname())) {
		return nil, errors.New("the keys of an instance role must not be requested through a proxy, which would return its own machine's keys: " +
			"add 100.100.100.200 to NO_PROXY")
	}
	role := cmp.Or(p.RoleName, f.Variable(metadataVariable))
	return issued(vendor.NewECSRAMRoleCredentialsProviderBuilder().WithRoleName(role).
		WithDisableIMDSv1(f.flag("ALIBABA_CLOUD_IMDSV1_DISABLED")).WithHttpOptions(options).Build())
}

// options returns how the vendor's library reaches an address: the proxy, and how
// long it waits.
func (f *finder) options(address string) (*vendor.HttpOptions, error) {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, errors.New("the address of the service that issues keys is not a valid URL: use one such as https://host/path")
	}
	if err := f.env.MayReachURL(at); err != nil {
		return nil, err
	}
	proxies, err := httpcall.Proxies(f.env)
	if err != nil {
		return nil, err
	}
	proxy, err := proxies(at)
	if err != nil {
		return nil, err
	}
	out := &vendor.HttpOptions{ConnectTimeout: libraryWaits, ReadTimeout: libraryWaits}
	if at.Hostname() == "100.100.100.200" {
		out.ConnectTimeout, out.ReadTimeout = metadataWaits, metadataWaits
	}
	if proxy != nil {
		out.Proxy = proxy.String()
	}
	return out, nil
}

// metadataWaits is how long the metadata service may take, in milliseconds. It is on
// the same machine; elsewhere, the address does not answer.
const metadataWaits = 2_000

// stsHost returns the host that issues keys of roles.
func (f *finder) stsHost(p *profile) string {
	name := "sts"
	if p.VPC || f.flag("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") {
		name = "sts-vpc"
	}
	if region := cmp.Or(p.STSRegion, f.Variable("ALIBABA_CLOUD_STS_REGION")); region != "" {
		return name + "." + region + ".aliyuncs.com"
	}
	return "sts.aliyuncs.com"
}

// sessionName returns the name under which the account's logs list the session.
func (f *finder) sessionName(p *profile) string {
	return cmp.Or(p.SessionName, f.Variable("ALIBABA_CLOUD_ROLE_SESSION_NAME"), "resetplan")
}

// issued returns the issuer of one of the vendor's providers.
func issued[P vendor.CredentialsProvider](p P, err error) (issuer, error) {
	if err != nil {
		return nil, err
	}
	return func() (Keys, error) {
		c, err := p.GetCredentials()
		if err != nil {
			return Keys{}, err
		}
		return Keys{c.AccessKeyId, c.AccessKeySecret, c.SecurityToken}, nil
	}, nil
}

// previous is an issuer in the form of the vendor's providers.
type previous struct{ issue issuer }

func (p previous) GetCredentials() (*vendor.Credentials, error) {
	k, err := p.issue()
	return &vendor.Credentials{AccessKeyId: k.AccessKeyID, AccessKeySecret: k.AccessKeySecret, SecurityToken: k.SecurityToken}, err
}

func (previous) GetProviderName() string { return "resetplan" }

// isNetwork reports whether an error is one of the network.
func isNetwork(err error) bool {
	var op net.Error
	return errors.As(err, &op)
}

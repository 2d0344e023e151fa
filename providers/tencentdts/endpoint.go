package tencentdts

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// The vendor's two sites. Their accounts, and so their endpoints, are separate.
const (
	china         = "china"
	international = "international"
)

// check returns why the provider's keys contradict each other.
func (c config) check() error {
	switch {
	case !httpcall.IsLabel(c.Region): // it becomes a part of a host's name
		return &providers.KeyError{InProvider: true, Key: "region", Reason: fmt.Sprintf("invalid region %q", c.Region),
			Remedy: "use a region such as ap-guangzhou"}
	case c.Site != "" && c.Site != china && c.Site != international:
		return &providers.KeyError{InProvider: true, Key: "site", Reason: fmt.Sprintf("%q is not a site", c.Site),
			Remedy: fmt.Sprintf("use %s (cloud.tencent.com) or %s (tencentcloud.com)", china, international)}
	case c.Site == international && c.financial():
		return &providers.KeyError{InProvider: true, Key: "site", Remedy: "remove site, or correct region",
			Reason: fmt.Sprintf("the financial region %s belongs to the site %s", c.Region, china)}
	}
	return nil
}

// financial reports whether the region is a financial zone, which is isolated from
// the others and has an endpoint of its own.
func (c config) financial() bool { return strings.HasSuffix(c.Region, "-fsi") }

// host returns the name of the vendor's host for a service, such as "dts".
func (c config) host(service string) string {
	switch {
	case c.financial():
		return service + "." + c.Region + ".tencentcloudapi.com"
	case c.Site == international:
		return service + ".intl.tencentcloudapi.com"
	}
	return service + ".tencentcloudapi.com"
}

// endpoint returns the service's URL: the given one, or the vendor's for the site
// and the region.
func endpoint(given string, keys config) (*url.URL, error) {
	if err := keys.check(); err != nil {
		return nil, &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid, Message: err.Error()}
	}
	if given == "" {
		return &url.URL{Scheme: "https", Host: keys.host("dts")}, nil
	}
	at, err := url.Parse(given)
	if err != nil || at.Host == "" || at.Path != "" && at.Path != "/" {
		return nil, &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid,
			Message: fmt.Sprintf("endpoint: expected a scheme and a host, such as https://dts.intl.tencentcloudapi.com, got %q", given)}
	}
	return at, nil
}

// issuers returns where keys of roles come from: the virtual machine's metadata, and
// STS of the same site and region. A document's endpoint has no influence on either:
// it must not be able to send an identity elsewhere.
func (p provider) issuers(keys config) (metadata, sts *url.URL, err error) {
	if metadata, err = url.Parse(p.metadata); err != nil {
		return nil, nil, err
	}
	sts, err = url.Parse(cmp.Or(p.sts, "https://"+keys.host("sts")))
	return metadata, sts, err
}

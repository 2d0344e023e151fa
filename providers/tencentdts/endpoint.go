package tencentdts

import (
	"fmt"
	"net/url"

	"github.com/resetplan/resetplan/providers"
)

// endpoint returns where the service is reached. Accounts of
// tencentcloud.com, the international site, write its own address.
func endpoint(given string) (*url.URL, error) {
	if given == "" {
		return &url.URL{Scheme: "https", Host: "dts.tencentcloudapi.com"}, nil
	}
	at, err := url.Parse(given)
	if err != nil || at.Host == "" || at.Path != "" && at.Path != "/" {
		return nil, &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid,
			Message: fmt.Sprintf("endpoint: %q is not a scheme and a host, such as https://dts.intl.tencentcloudapi.com", given)}
	}
	return at, nil
}

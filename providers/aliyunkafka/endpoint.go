package aliyunkafka

import (
	"net/url"

	"github.com/resetplan/resetplan/providers"
)

// endpoint returns where the service is reached.
func (c config) endpoint(given string) (*url.URL, error) {
	if given == "" {
		return &url.URL{Scheme: "https", Host: "alikafka." + c.Region + ".aliyuncs.com"}, nil
	}
	at, err := url.Parse(given)
	if err != nil {
		return nil, &providers.Error{Provider: Type, Op: "read endpoint", Kind: providers.ErrInvalid, Err: err}
	}
	return at, nil
}

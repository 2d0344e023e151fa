package huaweirocketmq

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// endpoint returns where the service is reached.
func (c config) endpoint(given string) (string, error) {
	if given != "" {
		if u, err := url.Parse(given); err != nil || strings.Trim(u.Path, "/") != "" {
			return "", &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrInvalid, Message: fmt.Sprintf("endpoint: %q has a path, and the service stands at the root of its address: leave the path out", given)}
		}
		return given, nil
	}
	domain := "com"
	if c.Region == "eu-west-101" {
		domain = "eu"
	}
	return "https://dms." + c.Region + ".myhuaweicloud." + domain, nil
}

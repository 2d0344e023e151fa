package enospipeline

import (
	"errors"
	"net/url"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// place returns the API gateway and the organisation that a document names.
// Every installation of EnOS has a gateway of its own: there is no default.
func place(c providers.Config) (*url.URL, string, error) {
	var keys config
	if err := c.Decode(&keys); err != nil {
		return nil, "", err
	}
	if keys.OrgID == "" {
		return nil, "", errors.New("orgId: it is not written; the console shows it under IAM, Organization Profile")
	}
	if c.Endpoint == "" {
		return nil, "", errors.New("endpoint: it is not written; the console shows the API gateway under Help, Environment Information")
	}
	u, err := url.Parse(c.Endpoint)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return nil, "", errors.New("endpoint: it is not a URL such as https://apim.example.com")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, "", errors.New("endpoint: write the gateway's address alone, without a user, a query or a fragment")
	}
	return u, keys.OrgID, nil
}

// hostOf returns the one spelling of a gateway's host.
func hostOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	own := map[string]string{"https": ":443", "http": ":80"}[u.Scheme]
	return strings.TrimSuffix(host, own)
}

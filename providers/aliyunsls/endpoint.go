package aliyunsls

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// project is a project and its endpoint.
type project struct {
	scheme string
	host   string // of the endpoint, with its port; requests go to name.host
	region string // "" if neither the document nor the endpoint names it
	name   string
}

// The service's own hosts are a region, perhaps a network, and a domain:
// https://www.alibabacloud.com/help/en/sls/endpoints. All hosts of a region lead to
// the same projects.
var (
	domains  = []string{".log.aliyuncs.com", ".sls.aliyuncs.com"}
	networks = []string{"-internal", "-intranet", "-share", "-vpc"}
)

func newProject(c providers.Config) (project, error) {
	var keys struct {
		Region  string `json:"region"`
		Project string `json:"project"`
	}
	if err := c.Decode(&keys); err != nil {
		return project{}, err
	}
	switch {
	case keys.Project == "":
		return project{}, &providers.KeyError{InProvider: true, Key: "project", Reason: "project is required"}
	case !httpcall.IsLabel(keys.Project):
		return project{}, &providers.KeyError{InProvider: true, Key: "project", Reason: fmt.Sprintf("invalid project name %q", keys.Project),
			Remedy: "use lower-case letters, digits and -"}
	case keys.Region == "" && c.Endpoint == "":
		return project{}, &providers.KeyError{InProvider: true, Key: "region", Reason: "region or endpoint is required"}
	case keys.Region != "" && !httpcall.IsLabel(keys.Region):
		return project{}, &providers.KeyError{InProvider: true, Key: "region", Reason: fmt.Sprintf("invalid region %q", keys.Region),
			Remedy: "use a region such as cn-hangzhou"}
	}
	u, err := url.Parse(cmp.Or(c.Endpoint, "https://"+keys.Region+domains[0]))
	if err != nil || u.Host == "" {
		return project{}, wrongEndpoint("use a URL such as https://cn-hangzhou"+domains[0], "invalid endpoint %q", c.Endpoint)
	}
	region, err := regionOf(u, keys.Region, keys.Project)
	return project{scheme: u.Scheme, host: u.Host, region: region, name: keys.Project}, err
}

// global is the service's endpoint for all regions, through transfer acceleration.
const global = "log-global.aliyuncs.com"

// regionOf returns the region of a project. The endpoint names it if it is one of the
// service's own, so that a target is the same through all of them; a proxy's does not.
func regionOf(u *url.URL, region, name string) (string, error) {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	prefix, rest, _ := strings.Cut(host, ".")
	if hostRegion(rest) != "" || rest == global || prefix == name && (strings.Contains(rest, ".") || rest == "localhost") {
		without := *u
		_, without.Host, _ = strings.Cut(u.Host, ".")
		return "", wrongEndpoint("use "+without.String(), "endpoint %q begins with a project, which is added to it", u)
	}
	named := hostRegion(host)
	switch {
	case host == global && region == "":
		return "", wrongEndpoint("add the project's region, such as region: cn-hangzhou", "endpoint %q does not name a region", u)
	case named != "" && region != "" && named != region:
		return "", wrongEndpoint("correct or remove one of them", "endpoint %q is in region %s, not %s", u, named, region)
	}
	return cmp.Or(region, named), nil
}

// same reports whether two projects are, or may be, one: an unknown region may be any.
func (p project) same(o project) bool {
	return p.name == o.name && (p.region == o.region || p.region == "" || o.region == "")
}

func wrongEndpoint(remedy, reason string, args ...any) error {
	return &providers.KeyError{InProvider: true, Key: "endpoint", Reason: fmt.Sprintf(reason, args...), Remedy: remedy}
}

// hostRegion returns the region in one of the service's own hosts; "" if it is
// another host.
func hostRegion(host string) string {
	for _, domain := range domains {
		region, found := strings.CutSuffix(host, domain)
		if !found || !httpcall.IsLabel(region) {
			continue
		}
		for _, network := range networks {
			if short, found := strings.CutSuffix(region, network); found {
				return short
			}
		}
		return region
	}
	return ""
}

func (p project) endpoint() string { return p.scheme + "://" + p.host }

// signsV4 reports whether a region accepts only the fourth signature.
func (p project) signsV4() bool { return strings.Contains(p.region, "-acdr-ut-") }

package aliyunsls

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// place is where a project is reached.
type place struct {
	scheme  string
	host    string // of the endpoint, its port included
	region  string // "" where neither the document nor the endpoint tells it
	project string
}

// vendor is the end of the service's own hosts' names.
const vendor = ".log.aliyuncs.com"

func newPlace(c providers.Config) (place, error) {
	var keys config
	if err := c.Decode(&keys); err != nil {
		return place{}, err
	}
	switch {
	case keys.Project == "":
		return place{}, errors.New("project: it is not named")
	case !isName(keys.Project):
		return place{}, fmt.Errorf("project: %q is no name of one: it holds letters, digits and -", keys.Project)
	case keys.Region == "" && c.Endpoint == "":
		return place{}, errors.New("region: neither it nor an endpoint is given")
	case keys.Region != "" && !isName(keys.Region):
		return place{}, fmt.Errorf("region: %q is no name of one, such as cn-hangzhou", keys.Region)
	}
	u, err := url.Parse(cmp.Or(c.Endpoint, "https://"+keys.Region+vendor))
	if err != nil || u.Host == "" {
		return place{}, fmt.Errorf("endpoint: %q is no URL, such as https://cn-hangzhou%s", c.Endpoint, vendor)
	}
	region := keys.Region
	if name, ok := strings.CutSuffix(u.Hostname(), vendor); ok && region == "" {
		region = strings.TrimSuffix(name, "-intranet")
	}
	return place{scheme: u.Scheme, host: u.Host, region: region, project: keys.Project}, nil
}

// name tells the place in addresses: it is the same for all endpoints of a
// region.
func (p place) name() string { return cmp.Or(p.region, p.host) }

func (p place) endpoint() string { return p.scheme + "://" + p.host }

// local reports whether the endpoint is an IP address or this machine, before
// which no project's name can stand.
func (p place) local() bool {
	host := (&url.URL{Host: p.host}).Hostname()
	_, err := netip.ParseAddr(host)
	return err == nil || host == "localhost"
}

// route takes the SDK's request to where the endpoint is, and keeps the SDK
// from sending it again.
//
// The SDK always writes project.endpoint; of an address such as 127.0.0.1 that
// is a name which cannot be resolved. The Host header, from which the service
// knows the project, stays as it is.
//
// The SDK repeats what it reads for 90 seconds after network errors and 5xx:
// the former always, the latter unless a variable of the whole process is set.
// So it is told of a failure that it does not repeat; what really happened the
// Call remembers.
type route struct {
	call  *httpcall.Call
	place place
}

var _ http.RoundTripper = route{}

func (r route) RoundTrip(q *http.Request) (*http.Response, error) {
	q = q.Clone(q.Context())
	q.Host = r.place.project + "." + r.place.host
	if r.place.local() {
		q.URL.Host = r.place.host
	}
	if resp, err := r.call.RoundTrip(q); err == nil && resp.StatusCode < http.StatusInternalServerError {
		return resp, nil
	}
	return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: q}, nil
}

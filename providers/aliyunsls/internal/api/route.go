package api

import (
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// route sends the SDK's request to the endpoint, and stops the SDK from sending it
// again.
//
// The SDK always connects to project.endpoint; for an address such as 127.0.0.1
// that name cannot be resolved. The Host header, from which the service takes the
// project, stays unchanged.
//
// The SDK retries reads for 90 seconds: always after network errors, and after 5xx
// unless a variable of the whole process is set. So it gets an answer that it does
// not retry; the Call keeps the real outcome.
type route struct {
	call    *httpcall.Call
	project string
	host    string
}

var _ http.RoundTripper = route{}

func (r route) RoundTrip(q *http.Request) (*http.Response, error) {
	q = q.Clone(q.Context())
	q.Host = r.project + "." + r.host
	q.URL.Host = Host(r.project, r.host)
	if resp, err := r.call.RoundTrip(q); err == nil && resp.StatusCode < http.StatusInternalServerError {
		return resp, nil
	}
	return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: q}, nil
}

// Host returns the host, with its port, to which the requests for a project are sent.
func Host(project, endpoint string) string {
	if local(endpoint) {
		return endpoint
	}
	return project + "." + endpoint
}

// local reports whether a host is an IP address or this machine, to which a
// project's name cannot be prepended.
func local(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	_, err := netip.ParseAddr(name)
	return err == nil || text.Loopback(name)
}

package objects

import (
	"fmt"
	"net"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema/diag"
)

// IsURL reports whether the location of a lock is a URL, and not a path.
func IsURL(location string) bool { return strings.Contains(location, "://") }

// The leases of a hold.
const (
	defaultLease = time.Minute
	minLease     = 5 * time.Second
	maxLease     = time.Hour
)

// parameters are the query parameters that a URL may have: none of them can be a
// secret, and each is shown wherever the lock is named.
var parameters = map[string][]string{
	"s3":     {"region", "endpoint", "profile", "use_path_style"},
	"gs":     {"universe_domain"},
	"azblob": {"domain", "storage_account"},
	"file":   {},
	"mem":    {},
}

// A place is what a URL says: the bucket, what the keys in it begin with, and the lease.
type place struct {
	url    string // as given, shown in messages
	bucket *url.URL
	prefix string
	lease  time.Duration
}

// parse reads the URL of a lock. Its error never repeats a URL that has credentials.
func parse(location string) (place, error) {
	scheme, _, _ := strings.Cut(location, "://")
	u, err := url.Parse(location)
	switch {
	case err != nil || u.Fragment != "" || u.Opaque != "":
		return place{}, invalid(scheme+"://…", "this is not a valid URL of a lock", "write it as s3://bucket/path/name?region=REGION")
	case u.User != nil:
		return place{}, invalid(scheme+"://…", "the URL of a lock has credentials in it",
			"remove them; the SDK of the store finds them in its own variables and files")
	case parameters[u.Scheme] == nil:
		return place{}, invalid(scheme+"://…", "locks cannot be kept at URLs of this scheme", "use s3, gs, azblob or file")
	}
	p := place{url: location, lease: defaultLease}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return place{}, invalid(scheme+"://…", "the query of this URL is not valid", "write it as ?region=REGION&lease=1m")
	}
	if err := p.options(u, query); err != nil {
		return place{}, err
	}
	return p, p.locate(u, query)
}

// options checks the query parameters, and takes those that are not the store's.
func (p *place) options(u *url.URL, query url.Values) error {
	name := u.Scheme + "://" + u.Host + u.Path
	for key, values := range query {
		switch {
		case len(values) != 1:
			return invalid(name, "its parameter "+strconv.Quote(key)+" is duplicated", "write it once")
		case key == "lease":
			lease, err := time.ParseDuration(values[0])
			if err != nil || lease < minLease || lease > maxLease {
				return invalid(name, "lease is not a duration between 5s and 1h", "write it as lease=1m")
			}
			p.lease = lease
		case key != "insecure" && !slices.Contains(parameters[u.Scheme], key):
			return invalid(name, "its parameter "+strconv.Quote(key)+" is unknown, or could be a credential",
				"use only: "+strings.Join(append([]string{"lease"}, parameters[u.Scheme]...), ", "))
		}
	}
	return secure(name, query)
}

// secure refuses an endpoint that would receive requests without TLS, unless it is
// on loopback or the URL says insecure=true.
func secure(name string, query url.Values) error {
	if query.Get("endpoint") == "" {
		return nil
	}
	e, err := url.Parse(query.Get("endpoint"))
	if err != nil || e.Host == "" || e.Scheme != "http" && e.Scheme != "https" || e.User != nil || e.RawQuery != "" {
		return invalid(name, "its endpoint is not a valid URL without credentials", "write it as endpoint=https://host:port")
	}
	if e.Scheme == "http" && !text.Loopback(e.Hostname()) && query.Get("insecure") != "true" {
		return invalid(name, "its endpoint has no TLS", "use https://, or add insecure=true")
	}
	return nil
}

// locate separates the bucket from the path in it.
func (p *place) locate(u *url.URL, query url.Values) error {
	name := u.Scheme + "://" + u.Host + u.Path
	query.Del("lease")
	query.Del("insecure")
	inside := strings.Trim(u.Path, "/")
	switch {
	case inside == "" || path.Clean(inside) != inside || strings.HasPrefix(inside, ".."):
		return invalid(name, "this URL has no path that names the lock", "add one, such as /locks/orders-replay")
	case u.Scheme == "file" && u.Host != "":
		return invalid(name, "a URL of a folder has no host", "write it as file:///path/orders-replay")
	case u.Scheme != "file" && u.Host == "":
		return invalid(name, "this URL has no bucket", "write it as "+u.Scheme+"://bucket/path/name")
	case strings.HasSuffix(u.Host, "--x-s3"):
		return invalid(name, "a directory bucket does not list its objects in order, so the newest record cannot be found",
			"use a general purpose bucket")
	}
	p.bucket = &url.URL{Scheme: u.Scheme, Host: u.Host, RawQuery: query.Encode()}
	p.prefix = inside + "/"
	if u.Scheme == "file" {
		p.bucket.Path, p.prefix = path.Clean(u.Path), ""
	}
	return nil
}

// Check returns the error of a location that is not a valid URL of a lock.
func Check(location string) error {
	_, err := parse(location)
	return err
}

// Address returns the host and port that a URL names, by which an operator can permit
// it; "" if nothing is contacted. The host of an Azure account without
// storage_account is not known here.
func Address(location string) string {
	p, err := parse(location)
	if err != nil {
		return ""
	}
	q := p.bucket.Query()
	if e, err := url.Parse(q.Get("endpoint")); err == nil && e.Host != "" {
		port := e.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[e.Scheme]
		}
		return net.JoinHostPort(e.Hostname(), port)
	}
	switch p.bucket.Scheme {
	case "s3":
		region := q.Get("region")
		if region == "" {
			return "s3.amazonaws.com:443"
		}
		return fmt.Sprintf("s3.%s.amazonaws.com:443", region)
	case "gs":
		return "storage.googleapis.com:443"
	case "azblob":
		domain := q.Get("domain")
		if domain == "" {
			domain = "blob.core.windows.net"
		}
		return net.JoinHostPort(strings.TrimPrefix(q.Get("storage_account")+"."+domain, "."), "443")
	}
	return ""
}

func invalid(name, reason, remedy string) error {
	return diag.Errors{{File: name, Reason: reason, Remedy: remedy}}
}

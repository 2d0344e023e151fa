package objects

import (
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/objects/drivers"
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

// A place is what a URL names: the bucket, what the keys in it begin with, and the lease.
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
	case parametersOf(u.Scheme) == nil:
		return place{}, invalid(scheme+"://…", "locks cannot be kept at URLs of this scheme", "use s3, gs, azblob or file")
	}
	p := place{url: location, lease: defaultLease}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return place{}, invalid(scheme+"://…", "the query of this URL is not valid", "write it as ?region=REGION&lease=1m")
	}
	if err := checkQuery(u.Scheme+"://"+u.Host+u.Path, u.Scheme, query); err != nil {
		return place{}, err
	}
	if lease := query.Get("lease"); lease != "" {
		p.lease, _ = time.ParseDuration(lease) // it was checked
	}
	return p, p.locate(u, query)
}

// locate separates the bucket from the path in it.
func (p *place) locate(u *url.URL, query url.Values) error {
	name := u.Scheme + "://" + u.Host + u.Path
	inside, before := strings.Trim(u.Path, "/"), query.Get("prefix")
	for _, key := range []string{"lease", "insecure", "prefix"} {
		query.Del(key)
	}
	relative := u.Scheme == "file" && u.Host == "."
	switch {
	case inside == "" && (before == "" || u.Scheme == "file") || inside != "" && path.Clean(inside) != inside || path.Base(inside) == "..",
		strings.HasPrefix(inside, "..") && !relative:
		return invalid(name, "this URL has no path that names the lock", "add one, such as /locks/orders-replay")
	case u.Scheme == "file" && u.Host != "" && u.Host != "localhost" && !relative:
		return invalid(name, "a URL of a folder has no host", "write it as file:///path/orders-replay")
	case u.Scheme != "file" && u.Host == "":
		return invalid(name, "this URL has no bucket", "write it as "+u.Scheme+"://bucket/path/name")
	case strings.HasSuffix(u.Host, "--x-s3"):
		return invalid(name, "a directory bucket does not list its objects in order, so the newest record cannot be found",
			"use a general purpose bucket")
	}
	p.bucket = &url.URL{Scheme: u.Scheme, Host: u.Host, RawQuery: query.Encode()}
	p.prefix = before
	switch {
	case relative:
		p.bucket.Host, p.bucket.Path = "", inside
	case u.Scheme == "file":
		p.bucket.Host, p.bucket.Path = "", path.Clean(u.Path)
	case inside != "":
		p.prefix += inside + "/"
	}
	return nil
}

// Check returns the error of a location that is not a valid URL of a lock.
func Check(location string) error {
	_, err := parse(location)
	return err
}

// Address returns the host and port that a URL names, by which an operator can permit
// it; "" if nothing is contacted. The variables of Azure and Google that name a host
// count, as they do when the lock is used.
func Address(location string) string {
	p, err := parse(location)
	if err != nil {
		return ""
	}
	return drivers.Address(p.bucket)
}

func invalid(name, reason, remedy string) error {
	return diag.Errors{{File: name, Reason: reason, Remedy: remedy}}
}

package objects

import (
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/objects/drivers"
	"github.com/resetplan/resetplan/plan/text"
)

// A parameter is a query parameter of the URLs of one store. The names, the values and
// their effects are those of the portable library for object stores, gocloud.dev/blob.
// None that is accepted can be a secret: a URL is shown wherever the lock is named.
type parameter struct {
	valid   func(string) bool // nil = any value
	example string            // of a valid value
	must    string            // what a value must be, if the example does not show it
	refused string            // why no value of it is accepted
	remedy  string
}

const (
	onlySigned  = "is only for signed URLs, which a lock does not have"
	removeIt    = "remove it"
	withoutGRPC = "is only for the gRPC API of the store, and a lock uses its JSON API"
)

var (
	word  = parameter{}
	flag  = parameter{valid: boolean, example: "true"}
	label = parameter{valid: func(v string) bool {
		return strings.Trim(v, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == ""
	}, example: "name"}
)

// parametersOf returns the query parameters of a store, nil if it is unknown. It is a
// function because a program that uses no such URL must not build the tables.
func parametersOf(scheme string) map[string]parameter {
	switch scheme {
	case "s3":
		return s3Parameters()
	case "gs":
		off := parameter{valid: func(v string) bool { on, err := strconv.ParseBool(v); return err == nil && !on }, refused: withoutGRPC, remedy: removeIt}
		return map[string]parameter{
			"universe_domain": label, "anonymous": flag, "grpc": off, "zonal": off,
			"access_id":        {valid: oneOf("-"), refused: onlySigned, remedy: "remove it, or write access_id=- for requests without credentials"},
			"private_key_path": {refused: onlySigned, remedy: "remove it; GOOGLE_APPLICATION_CREDENTIALS names the file with the key of a service account"},
		}
	case "azblob":
		return map[string]parameter{"storage_account": label, "domain": word, "cdn": flag, "localemu": flag,
			"protocol": {valid: func(v string) bool { return v == "https" || v == "http" }, example: "https"}}
	case "file":
		signed := parameter{refused: onlySigned, remedy: removeIt}
		return map[string]parameter{"create_dir": word, "no_tmp_dir": word, "base_url": signed, "secret_key_path": signed,
			"metadata":      {valid: func(v string) bool { return v == "skip" }, example: "skip"},
			"dir_file_mode": {valid: folderMode, example: "0750", must: "a mode in which the owner can read, write and search"}}
	case "mem":
		return map[string]parameter{"nomd5": word}
	}
	return nil
}

func s3Parameters() map[string]parameter {
	checksum := parameter{valid: oneOf("when_supported", "when_required"), example: "when_required"}
	return map[string]parameter{
		"region": label, "endpoint": word, "profile": word, "awssdk": word, "kmskeyid": word,
		"use_path_style": flag, "s3ForcePathStyle": flag, "hostname_immutable": flag,
		"accelerate": flag, "dualstack": flag, "fips": flag, "disable_https": flag, "anonymous": flag,
		"role": {valid: func(v string) bool { return strings.HasPrefix(v, "arn:") },
			example: "arn:aws:iam::123456789012:role/resets"},
		"ssetype":                      {valid: oneOf("AES256", "aws:kms", "aws:kms:dsse", "aws:fsx", "aws:backup"), example: "aws:kms"},
		"rate_limiter_capacity":        {valid: func(v string) bool { _, err := strconv.ParseUint(v, 10, 31); return err == nil }, example: "100"},
		"request_checksum_calculation": checksum, "response_checksum_validation": checksum,
	}
}

// common returns the parameters of every store.
func common() map[string]parameter {
	return map[string]parameter{
		"lease": {valid: func(v string) bool {
			d, err := time.ParseDuration(v)
			return err == nil && d >= minLease && d <= maxLease
		}, example: "1m", must: "a duration between 5s and 1h"},
		"insecure": flag,
		"prefix":   {valid: folderPrefix, example: "locks/orders-replay/", must: "a path that ends with /"},
		"key": {refused: "makes every key of a bucket the same object, and a lock has several",
			remedy: "name the lock by the path of the URL, or by prefix=locks/orders-replay/"},
	}
}

// folderPrefix reports whether keys that begin with a value are in a folder of their own.
func folderPrefix(v string) bool {
	inside, whole := strings.CutSuffix(v, "/")
	return whole && inside == path.Clean(inside) && !strings.HasPrefix(inside, "/") && !strings.HasPrefix(inside, ".")
}

func folderMode(v string) bool {
	mode, err := strconv.ParseUint(v, 0, 32)
	return err == nil && mode <= 0o777 && mode&0o700 == 0o700
}

func boolean(v string) bool { _, err := strconv.ParseBool(v); return err == nil }

func oneOf(values ...string) func(string) bool {
	return func(v string) bool {
		return slices.ContainsFunc(values, func(one string) bool { return strings.EqualFold(one, v) })
	}
}

// checkQuery returns the error of a query that this store does not accept.
func checkQuery(name, scheme string, query url.Values) error {
	all := parametersOf(scheme)
	maps.Copy(all, common())
	for key, values := range query {
		p, known := all[key]
		its := "its parameter " + strconv.Quote(key)
		switch {
		case len(values) != 1:
			return invalid(name, its+" is duplicated", "write it once")
		case !known:
			return invalid(name, its+" is unknown, or could be a credential", "use only: "+accepted(all))
		case p.valid == nil && p.refused == "", p.valid != nil && p.valid(values[0]):
		case p.refused != "":
			return invalid(name, its+" "+p.refused, p.remedy)
		case p.must != "":
			return invalid(name, its+" is not "+p.must, "write it as "+key+"="+p.example)
		default:
			return invalid(name, its+" has no valid value", "write it as "+key+"="+p.example)
		}
	}
	return secure(name, scheme, query)
}

// accepted lists the parameters that have an effect.
func accepted(all map[string]parameter) string {
	var keys []string
	for key, p := range all {
		if p.refused == "" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

// secure refuses a URL by which requests would be sent without TLS, unless their
// receiver is on loopback or the URL has insecure=true.
func secure(name, scheme string, query url.Values) error {
	var host, remedy string
	var plain bool
	switch endpoint := query.Get("endpoint"); {
	case endpoint != "":
		e, err := url.Parse(endpoint)
		if err != nil || e.Host == "" || e.Scheme != "http" && e.Scheme != "https" || e.User != nil || e.RawQuery != "" {
			return invalid(name, "its endpoint is not a valid URL without credentials", "write it as endpoint=https://host:port")
		}
		if drivers.On(query, "disable_https") {
			return invalid(name, "its parameter \"disable_https\" is for the hosts of Amazon, and it has an endpoint",
				"remove it; endpoint=http://host:port has no TLS")
		}
		host, plain, remedy = e.Hostname(), e.Scheme == "http", "use https://, or add insecure=true"
	case scheme == "azblob":
		at, err := url.Parse("//" + query.Get("domain"))
		if err != nil || at.Path != "" || at.User != nil || at.RawQuery != "" {
			return invalid(name, "its domain is not a valid name of a host", "write it as domain=blob.core.windows.net")
		}
		host, plain, remedy = at.Hostname(), query.Get("protocol") == "http", "use protocol=https, or add insecure=true"
	default:
		plain, remedy = drivers.On(query, "disable_https"), "remove disable_https, or add insecure=true"
	}
	if plain && !text.Loopback(host) && !drivers.On(query, "insecure") {
		return invalid(name, "its endpoint has no TLS", remedy)
	}
	return nil
}

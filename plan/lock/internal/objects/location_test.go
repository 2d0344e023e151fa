package objects

import (
	"net/url"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/lock/internal/objects/drivers"
)

func TestURLs(t *testing.T) {
	for location, want := range map[string]string{
		"s3://b/locks/p?region=eu-west-1":                             "",
		"s3://b/locks/p?region=eu-west-1&lease=30s":                   "",
		"s3://b/p?endpoint=http://127.0.0.1:7070&use_path_style=true": "",
		"gs://b/p":                               "",
		"azblob://c/p?storage_account=acme":      "",
		"file:///tmp/locks/p":                    "",
		"file://localhost/tmp/locks/p":           "",
		"file://./locks/p":                       "",
		"file://./../locks/p":                    "",
		"mem://b/p":                              "",
		"s3://b?prefix=locks/p/":                 "",
		"s3://b/p?endpoint=http://10.0.0.1:9000": "no TLS",
		"s3://b/p?endpoint=http://10.0.0.1:9000&insecure=true": "",
		"s3://b/p?disable_https=true":                          "no TLS",
		"s3://b/p?disable_https=true&insecure=true":            "",
		"s3://b/p?disable_https=false":                         "",
		"s3://b/p?endpoint=https://h&disable_https=true":       "disable_https",
		"azblob://c/p?protocol=http":                           "no TLS",
		"azblob://c/p?protocol=http&domain=10.0.0.1:10000":     "no TLS",
		"azblob://c/p?protocol=http&domain=127.0.0.1:10000":    "",
		"azblob://c/p?domain=h/secret":                         "its domain is not a valid name of a host",
		"s3://b/p?endpoint=https://u:secret@h":                 "its endpoint is not a valid URL without credentials",
		"s3://AKIA:secret@b/p":                                 "has credentials in it",
		"azblob://c/p?sig=secret":                              "could be a credential",
		"azblob://c/p?storage_account=a/secret":                "has no valid value",
		"gs://b/p?private_key_path=/secret":                    "only for signed URLs",
		"gs://b/p?access_id=secret":                            "only for signed URLs",
		"s3://b/p?lease=1s":                                    "is not a duration between 5s and 1h",
		"s3://b/p?lease=1m&lease=2m":                           "is duplicated",
		"s3://b/p?use_path_style=yes":                          "has no valid value",
		"s3://b/p?prefix=locks":                                "is not a path that ends with /",
		"s3://b/p?prefix=../":                                  "is not a path that ends with /",
		"s3://b/p?key=one":                                     "makes every key of a bucket the same object",
		"s3://b":                                               "has no path that names the lock",
		"s3://b/a/../p":                                        "has no path that names the lock",
		"file://./..":                                          "has no path that names the lock",
		"file:///?prefix=p/":                                   "has no path that names the lock",
		"s3:///p":                                              "has no bucket",
		"s3://b--use1-az4--x-s3/p":                             "a directory bucket does not list",
		"file://host/p":                                        "has no host",
		"ftp://secret/p":                                       "cannot be kept at URLs of this scheme",
		"s3://b/p#secret":                                      "not a valid URL",
	} {
		err := Check(location)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: got %v, want %q", location, err, want)
		}
	}
	if _, err := drivers.Open(t.Context(), &url.URL{Scheme: "nothing"}); err == nil {
		t.Error("a bucket of an unknown scheme was opened")
	}
}

func TestThePrefixIsBeforeThePath(t *testing.T) {
	for location, want := range map[string]string{
		"s3://b/locks/p":             "b locks/p/",
		"s3://b?prefix=locks/p/":     "b locks/p/",
		"s3://b/p?prefix=locks/":     "b locks/p/",
		"file:///tmp/p?prefix=a/":    "/tmp/p a/",
		"file://localhost/tmp/p":     "/tmp/p ",
		"file://./locks/p":           "locks/p ",
		"file://./../p?create_dir=y": "../p ",
	} {
		p, err := parse(location)
		if got := p.bucket.Host + p.bucket.Path + " " + p.prefix; err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", location, got, err, want)
		}
	}
}

// TestTheHostThatAnOperatorPermitsIsTheOneThatIsUsed compares what allow.hosts checks.
func TestTheHostThatAnOperatorPermitsIsTheOneThatIsUsed(t *testing.T) {
	for _, c := range []struct{ location, variables, want string }{
		{"s3://b/p?endpoint=http://127.0.0.1:7070", "", "127.0.0.1:7070"},
		{"s3://b/p?endpoint=https://minio", "", "minio:443"},
		{"s3://b/p?region=eu-west-1", "", "s3.eu-west-1.amazonaws.com:443"},
		{"s3://b/p?region=cn-north-1", "", "s3.cn-north-1.amazonaws.com.cn:443"},
		{"s3://b/p?region=eu-west-1&dualstack=true", "", "s3.dualstack.eu-west-1.amazonaws.com:443"},
		{"s3://b/p?region=us-east-1&fips=1", "", "s3-fips.us-east-1.amazonaws.com:443"},
		{"s3://b/p?region=eu-west-1&accelerate=true", "", "s3-accelerate.amazonaws.com:443"},
		{"s3://b/p", "", "s3.amazonaws.com:443"},
		{"gs://b/p", "", "storage.googleapis.com:443"},
		{"gs://b/p?universe_domain=apis.example", "", "storage.apis.example:443"},
		{"gs://b/p", "STORAGE_EMULATOR_HOST=127.0.0.1:4443", "127.0.0.1:4443"},
		{"gs://b/p", "STORAGE_EMULATOR_HOST=https://emulator", "emulator:443"},
		{"azblob://c/p?storage_account=acme", "", "acme.blob.core.windows.net:443"},
		{"azblob://c/p?storage_account=a&domain=blob.core.chinacloudapi.cn", "", "a.blob.core.chinacloudapi.cn:443"},
		{"azblob://c/p", "", "blob.core.windows.net:443"},
		{"azblob://c/p", "AZURE_STORAGE_ACCOUNT=acme", "acme.blob.core.windows.net:443"},
		{"azblob://c/p?cdn=true&domain=cdn.example", "AZURE_STORAGE_ACCOUNT=acme", "cdn.example:443"},
		{"azblob://c/p?localemu=true&protocol=http&domain=emulator:10000&insecure=true", "AZURE_STORAGE_ACCOUNT=acme", "emulator:10000"},
		{"azblob://c/p", "AZURE_STORAGE_CONNECTION_STRING=AccountName=x;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net", "x.blob.core.windows.net:443"},
		{"azblob://c/p?domain=127.0.0.1:10000&protocol=http", "AZURE_STORAGE_ACCOUNT=acme AZURE_STORAGE_PROTOCOL=https", "127.0.0.1:10000"},
		{"file:///tmp/p", "", ""},
		{"mem://b/p", "", ""},
	} {
		t.Run(c.location+" "+c.variables, func(t *testing.T) {
			for v := range strings.FieldsSeq(c.variables) {
				name, value, _ := strings.Cut(v, "=")
				t.Setenv(name, value)
			}
			if got := Address(c.location); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

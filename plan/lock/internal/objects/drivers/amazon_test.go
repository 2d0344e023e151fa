package drivers

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func amazon(t *testing.T, query string) *amazonBucket {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	b, err := Open(t.Context(), &url.URL{Scheme: "s3", Host: "acme", RawQuery: query})
	if err != nil {
		t.Fatal(err)
	}
	return b.(*amazonBucket)
}

// TestTheParametersOfS3ChooseTheAddress compares the addresses that requests are sent to,
// which are those of s3blob of gocloud.dev v0.47.0, and what an operator permits.
func TestTheParametersOfS3ChooseTheAddress(t *testing.T) {
	for query, want := range map[string]string{
		"region=eu-west-1":                                    "https://acme.s3.eu-west-1.amazonaws.com/k",
		"region=cn-north-1":                                   "https://acme.s3.cn-north-1.amazonaws.com.cn/k",
		"region=eu-west-1&use_path_style=true":                "https://s3.eu-west-1.amazonaws.com/acme/k",
		"region=eu-west-1&s3ForcePathStyle=1":                 "https://s3.eu-west-1.amazonaws.com/acme/k",
		"region=eu-west-1&hostname_immutable=true":            "https://acme.s3.eu-west-1.amazonaws.com/k",
		"region=eu-west-1&dualstack=true":                     "https://acme.s3.dualstack.eu-west-1.amazonaws.com/k",
		"region=us-east-1&fips=true":                          "https://acme.s3-fips.us-east-1.amazonaws.com/k",
		"region=eu-west-1&accelerate=true":                    "https://acme.s3-accelerate.amazonaws.com/k",
		"region=eu-west-1&disable_https=true":                 "http://acme.s3.eu-west-1.amazonaws.com/k",
		"region=x&endpoint=https://minio:9000":                "https://acme.minio:9000/k",
		"region=x&endpoint=http://h&use_path_style=true":      "http://h/acme/k",
		"region=eu-west-1&awssdk=v2&rate_limiter_capacity=1":  "https://acme.s3.eu-west-1.amazonaws.com/k",
		"region=x&endpoint=https://h&hostname_immutable=true": "https://h/acme/k",
	} {
		t.Run(query, func(t *testing.T) {
			b := amazon(t, query)
			signed, err := s3.NewPresignClient(b.client).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: &b.name, Key: aws.String("k")})
			if err != nil {
				t.Fatal(err)
			}
			got, _, _ := strings.Cut(signed.URL, "?")
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			sent, permitted := address(got), Address(&url.URL{Scheme: "s3", Host: "acme", RawQuery: query})
			if strings.HasPrefix(got, "http://acme.") { // only the scheme differs
				sent = strings.Replace(sent, ":80", ":443", 1)
			}
			if strings.TrimPrefix(sent, "acme.") != permitted {
				t.Errorf("requests are sent to %s, and %s is permitted", sent, permitted)
			}
		})
	}
}

// TestTheParametersOfS3ChangeTheRequests looks at the requests that a server gets.
func TestTheParametersOfS3ChangeTheRequests(t *testing.T) {
	for query, want := range map[string]map[string]string{
		"":                            {"X-Amz-Server-Side-Encryption": "", "Authorization": "AWS4-HMAC-SHA256", "If-None-Match": "*", "X-Amz-Checksum-Crc32": "26gLsg=="},
		"ssetype=AWS:KMS&kmskeyid=k1": {"X-Amz-Server-Side-Encryption": "aws:kms", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": "k1"},
		"ssetype=aes256":              {"X-Amz-Server-Side-Encryption": "AES256"},
		"anonymous=true":              {"Authorization": "", "If-None-Match": "*"},
		"request_checksum_calculation=when_required&response_checksum_validation=WHEN_REQUIRED": {"X-Amz-Checksum-Crc32": ""},
	} {
		t.Run(query, func(t *testing.T) {
			var got http.Header
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
			defer server.Close()
			b := amazon(t, query+"&region=us-east-1&endpoint="+server.URL)
			if err := b.Create(t.Context(), "k", []byte("body")); err != nil {
				t.Fatal(err)
			}
			for header, value := range want {
				if h := got.Get(header); value == "" && h != "" || !strings.HasPrefix(h, value) {
					t.Errorf("%s: %q, want %q", header, h, value)
				}
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestARoleIsAssumed has a service of tokens that issues other credentials.
func TestARoleIsAssumed(t *testing.T) {
	var role string
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		role = r.FormValue("RoleArn")
		_, _ = w.Write([]byte("<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>assumed</AccessKeyId><SecretAccessKey>s</SecretAccessKey>" +
			"<SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"))
	}))
	defer tokens.Close()
	t.Setenv("AWS_ENDPOINT_URL_STS", tokens.URL)
	b := amazon(t, "region=us-east-1&role=arn:aws:iam::123456789012:role/resets")
	found, err := b.client.Options().Credentials.Retrieve(t.Context())
	if err != nil || found.AccessKeyID != "assumed" || role != "arn:aws:iam::123456789012:role/resets" {
		t.Errorf("%s as %q: %v", found.AccessKeyID, role, err)
	}
}

func TestARegionIsNeeded(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	if _, err := Open(t.Context(), &url.URL{Scheme: "s3", Host: "acme"}); err == nil || !strings.Contains(err.Error(), "add region=REGION to the URL") {
		t.Errorf("got %v", err)
	}
	t.Setenv("AWS_REGION", "eu-west-1")
	if _, err := Open(t.Context(), &url.URL{Scheme: "s3", Host: "acme"}); err != nil {
		t.Error(err)
	}
}

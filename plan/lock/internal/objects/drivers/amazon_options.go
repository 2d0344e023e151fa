package drivers

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// on reports whether a parameter is true.
func On(q url.Values, key string) bool { v, _ := strconv.ParseBool(q.Get(key)); return v }

// amazonConfig loads the configuration of the SDK with the parameters of a URL.
func amazonConfig(ctx context.Context, q url.Values) (aws.Config, error) {
	connections := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.IdleConnTimeout = 10 * time.Second })
	options := []func(*config.LoadOptions) error{config.WithHTTPClient(connections)}
	for key, option := range map[string]func(string) func(*config.LoadOptions) error{
		"region":  func(v string) func(*config.LoadOptions) error { return config.WithRegion(v) },
		"profile": func(v string) func(*config.LoadOptions) error { return config.WithSharedConfigProfile(v) },
		"request_checksum_calculation": func(v string) func(*config.LoadOptions) error {
			return config.WithRequestChecksumCalculation(map[bool]aws.RequestChecksumCalculation{true: aws.RequestChecksumCalculationWhenRequired,
				false: aws.RequestChecksumCalculationWhenSupported}[strings.EqualFold(v, "when_required")])
		},
		"response_checksum_validation": func(v string) func(*config.LoadOptions) error {
			return config.WithResponseChecksumValidation(map[bool]aws.ResponseChecksumValidation{true: aws.ResponseChecksumValidationWhenRequired,
				false: aws.ResponseChecksumValidationWhenSupported}[strings.EqualFold(v, "when_required")])
		},
		"rate_limiter_capacity": func(v string) func(*config.LoadOptions) error {
			return config.WithRetryer(func() aws.Retryer {
				return retry.NewStandard(func(o *retry.StandardOptions) {
					o.RateLimiter = ratelimit.None
					if n, _ := strconv.ParseUint(v, 10, 31); n > 0 {
						o.RateLimiter = ratelimit.NewTokenRateLimit(uint(n))
					}
				})
			})
		},
	} {
		if v := q.Get(key); v != "" {
			options = append(options, option(v))
		}
	}
	if On(q, "dualstack") {
		options = append(options, config.WithUseDualStackEndpoint(aws.DualStackEndpointStateEnabled))
	}
	if On(q, "fips") {
		options = append(options, config.WithUseFIPSEndpoint(aws.FIPSEndpointStateEnabled))
	}
	if On(q, "anonymous") {
		options = append(options, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	}
	found, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return found, fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	if found.Region == "" {
		return found, fmt.Errorf("%w: the region is unknown: add region=REGION to the URL, or set AWS_REGION", ErrPermanent)
	}
	if role := q.Get("role"); role != "" {
		found.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(found), role))
	}
	return found, nil
}

// amazonClient sets the parameters of a URL that only S3 has.
func amazonClient(q url.Values) func(*s3.Options) {
	return func(o *s3.Options) {
		endpoint := q.Get("endpoint")
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
		o.UsePathStyle = On(q, "use_path_style") || On(q, "s3ForcePathStyle") || endpoint != "" && On(q, "hostname_immutable")
		o.UseAccelerate = On(q, "accelerate")
		o.EndpointOptions.DisableHTTPS = On(q, "disable_https")
	}
}

// amazonEncryption returns how S3 encrypts objects; "" = as the bucket is configured.
func amazonEncryption(q url.Values) (method types.ServerSideEncryption, key *string) {
	for _, known := range method.Values() {
		if strings.EqualFold(string(known), q.Get("ssetype")) {
			method = known
		}
	}
	if id := q.Get("kmskeyid"); id != "" {
		key = &id
	}
	return method, key
}

// amazonAddress returns the host and port that requests are sent to, without the
// bucket.
func amazonAddress(u *url.URL) string {
	q := u.Query()
	if endpoint := q.Get("endpoint"); endpoint != "" {
		return address(endpoint)
	}
	region := q.Get("region")
	if region == "" {
		return "s3.amazonaws.com:443"
	}
	p := s3.EndpointParameters{Bucket: aws.String("bucket"), Region: &region,
		UseFIPS: aws.Bool(On(q, "fips")), UseDualStack: aws.Bool(On(q, "dualstack")), Accelerate: aws.Bool(On(q, "accelerate"))}
	found, err := s3.NewDefaultEndpointResolverV2().ResolveEndpoint(context.Background(), p)
	if err != nil { // the SDK refuses the same parameters
		return net.JoinHostPort("s3."+region+".amazonaws.com", "443")
	}
	return address("https://" + strings.TrimPrefix(found.URI.Host, "bucket."))
}

// address returns the host and port of a URL.
func address(of string) string {
	u, err := url.Parse(of)
	if err != nil || u.Host == "" {
		return of
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

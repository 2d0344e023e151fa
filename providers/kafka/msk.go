package kafka

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	settings "github.com/aws/aws-sdk-go-v2/config"
	"github.com/resetplan/resetplan/providers"
	mechanism "github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/aws"
)

// mskIAM returns AWS_MSK_IAM with the default chain of the AWS SDK: variables, profiles,
// single sign-on, web identity, containers and the metadata of an instance. Nothing of it
// is read or contacted before a broker asks for this mechanism. The SDK reads the
// process's own environment.
func (l *login) mskIAM(env providers.Process) mechanism.Mechanism {
	chain := &chain{profile: l.Profile, reach: env.Reach}
	return regional{aws.ManagedStreamingIAM(func(ctx context.Context) (aws.Auth, error) {
		found, err := chain.retrieve(ctx)
		if err != nil {
			return aws.Auth{}, err
		}
		env.Secrets.Add(found.AccessKeyID, found.SecretAccessKey, found.SessionToken)
		return aws.Auth{AccessKey: found.AccessKeyID, SecretKey: found.SecretAccessKey, SessionToken: found.SessionToken, UserAgent: "resetplan"}, nil
	})}
}

// A chain is the SDK's chain of credentials, which renews those that expire.
type chain struct {
	profile string
	reach   func(address string) error // nil = every address is permitted
	mu      sync.Mutex
	from    sdk.CredentialsProvider
}

func (c *chain) retrieve(ctx context.Context) (sdk.Credentials, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.from == nil {
		var options []func(*settings.LoadOptions) error
		if c.profile != "" {
			options = append(options, settings.WithSharedConfigProfile(c.profile))
		}
		if c.reach != nil {
			options = append(options, settings.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
				t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
					if err := c.reach(address); err != nil {
						return nil, err
					}
					return (&net.Dialer{}).DialContext(ctx, network, address)
				}
			})))
		}
		loaded, err := settings.LoadDefaultConfig(ctx, options...)
		if err != nil {
			return sdk.Credentials{}, c.failed(err)
		}
		c.from = loaded.Credentials
	}
	found, err := c.from.Retrieve(ctx)
	if err != nil {
		return sdk.Credentials{}, c.failed(err)
	}
	return found, nil
}

func (c *chain) failed(err error) error {
	if errors.Is(err, providers.ErrForbidden) {
		return &providers.Error{Provider: Type, Op: "authenticate", Kind: providers.ErrForbidden, Err: err}
	}
	what := "no AWS credentials found: searched variables, profiles, web identity, containers and the metadata of an instance; " +
		"set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
	if c.profile != "" {
		what = "no AWS credentials in the profile " + c.profile + "; check ~/.aws/config and ~/.aws/credentials"
	}
	return &providers.Error{Provider: Type, Op: "authenticate", Kind: providers.ErrDenied, Message: what, Err: err}
}

// regional explains the only other error of the mechanism: the signature needs a region.
type regional struct{ mechanism.Mechanism }

func (r regional) Authenticate(ctx context.Context, host string) (mechanism.Session, []byte, error) {
	s, first, err := r.Mechanism.Authenticate(ctx, host)
	var own *providers.Error
	if err != nil && !errors.As(err, &own) {
		err = &providers.Error{Provider: Type, Op: "authenticate", Kind: providers.ErrInvalid, Err: err,
			Message: "the name of the broker, " + host + ", has no AWS region; set AWS_REGION"}
	}
	return s, first, err
}

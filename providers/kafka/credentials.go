package kafka

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
	"github.com/resetplan/resetplan/providers/kafka/internal/javaclient"
	mechanism "github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// tlsKeys is `tls:` in a document.
type tlsKeys struct {
	CAFile             string `json:"caFile"`
	CertFile           string `json:"certFile"`
	KeyFile            string `json:"keyFile"`
	InsecureSkipVerify bool   `json:"insecureSkipVerify"`
}

// sasl is `sasl:` in a document. Env holds names of variables.
type sasl struct {
	Mechanism string            `json:"mechanism"`
	Env       map[string]string `json:"env"`
	OAuth     oauthKeys         `json:"oauth"`
	Kerberos  kerberosKeys      `json:"kerberos"`
}

// oauthKeys are how a token for OAUTHBEARER is requested.
type oauthKeys struct {
	TokenEndpoint  string `json:"tokenEndpoint"`
	Scope          string `json:"scope"`
	LogicalCluster string `json:"logicalCluster"`
	IdentityPoolID string `json:"identityPoolId"`
}

// kerberosKeys are who a client is for GSSAPI.
type kerberosKeys struct {
	Principal   string `json:"principal"`
	KeytabFile  string `json:"keytabFile"`
	ServiceName string `json:"serviceName"`
}

// The mechanisms with a file of their own.
const (
	oauthBearer = "OAUTHBEARER"
	awsIAM      = "AWS_MSK_IAM"
	gssapi      = "GSSAPI"
)

// A login is how a client authenticates, with its credentials.
type login struct {
	javaclient.SASL
	token string // OAUTHBEARER, instead of client credentials
}

// config reads the files. An error names the key and the file.
func (k *tlsKeys) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: k.InsecureSkipVerify} //nolint:gosec // the document sets it explicitly
	if k.CAFile != "" {
		pem, err := files.Read(k.CAFile, files.Credentials)
		if err != nil {
			return nil, unusable("tls.caFile", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, unusable("tls.caFile", fmt.Errorf("%s holds no PEM certificate", k.CAFile))
		}
	}
	if k.CertFile != "" {
		pair, err := keyPair(k.CertFile, k.KeyFile)
		if err != nil {
			return nil, unusable("tls.certFile and tls.keyFile", fmt.Errorf("%s and %s: %w", k.CertFile, k.KeyFile, err))
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

func keyPair(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := files.Read(certFile, files.Credentials)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := files.Read(keyFile, files.Credentials)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

// unusable is an error in what a key holds or points at.
func unusable(key string, err error) error {
	return &providers.Error{Provider: Type, Op: "read " + key, Kind: providers.ErrInvalid, Err: err}
}

// ownVariables are the variables of each credential field.
var ownVariables = map[string]string{"username": "KAFKA_SASL_USERNAME", "password": "KAFKA_SASL_PASSWORD", "token": "KAFKA_SASL_TOKEN",
	"clientId": "KAFKA_SASL_CLIENT_ID", "clientSecret": "KAFKA_SASL_CLIENT_SECRET"}

// fields returns the credential fields that are read from variables.
func (s *sasl) fields() []string {
	switch {
	case s.Mechanism == awsIAM, s.Mechanism == gssapi:
		return nil
	case s.Mechanism == oauthBearer && s.OAuth.TokenEndpoint != "":
		return []string{"clientId", "clientSecret"}
	case s.Mechanism == oauthBearer:
		return []string{"token"}
	}
	return []string{"username", "password"}
}

// login finds the credentials. A missing credential is reported at once, with the
// names of all variables.
func (s *sasl) login(given providers.Credentials, env providers.Process) (*login, error) {
	own := map[string][]string{}
	for field, variable := range ownVariables {
		own[field] = []string{variable}
	}
	for key, named := range map[string]map[string]string{"credentials.env": given.Env, "sasl.env": s.Env} {
		if err := credsearch.Permit(Type, key, named, own, env); err != nil {
			return nil, err
		}
	}
	found, missing := map[string]string{}, []string{}
	for _, field := range s.fields() {
		variable := cmp.Or(given.Env[field], s.Env[field], ownVariables[field])
		if found[field] = env.Getenv(variable); found[field] == "" {
			missing = append(missing, variable+" ("+field+")")
		}
	}
	if len(missing) > 0 {
		return nil, &providers.Error{Provider: Type, Op: "authenticate", Kind: providers.ErrDenied,
			Message: fmt.Sprintf("SASL %s requires variables that are not set: %s; set them, or name other variables under sasl.env", s.Mechanism,
				strings.Join(missing, ", "))}
	}
	env.Secrets.Add(found["password"], found["token"], found["clientSecret"])
	l := &login{token: found["token"], SASL: javaclient.SASL{Mechanism: s.Mechanism, Username: found["username"], Password: found["password"],
		ClientID: found["clientId"], ClientSecret: found["clientSecret"], TokenEndpoint: s.OAuth.TokenEndpoint, Scope: s.OAuth.Scope,
		Extensions: s.OAuth.extensions(), Profile: given.Profile,
		Principal: s.Kerberos.Principal, Keytab: s.Kerberos.KeytabFile, Service: s.Kerberos.ServiceName}}
	return l, nil
}

// consistent refuses keys of another mechanism: they would have no effect.
func (keys config) consistent(given providers.Credentials) error {
	s := keys.SASL
	switch {
	case s == nil && given.Profile != "" && keys.ClientProperties == "":
		return misplaced("credentials.profile", "AWS_MSK_IAM", "add sasl: {mechanism: AWS_MSK_IAM}, or remove credentials.profile")
	case s == nil:
		return nil
	case s.OAuth != oauthKeys{} && s.Mechanism != oauthBearer:
		return misplaced("sasl.oauth", "OAUTHBEARER", "")
	case s.Kerberos != kerberosKeys{} && s.Mechanism != gssapi:
		return misplaced("sasl.kerberos", "GSSAPI", "")
	case given.Profile != "" && s.Mechanism != awsIAM:
		return misplaced("credentials.profile", "AWS_MSK_IAM", "")
	}
	return nil
}

func misplaced(key, mechanism, remedy string) error {
	return &providers.KeyError{Key: "sasl", InProvider: true, Reason: key + " belongs to " + mechanism,
		Remedy: cmp.Or(remedy, "remove it, or change sasl.mechanism")}
}

// extensions are what Confluent Cloud reads next to a token.
func (k oauthKeys) extensions() map[string]string {
	out := map[string]string{}
	if k.LogicalCluster != "" {
		out["logicalCluster"] = k.LogicalCluster
	}
	if k.IdentityPoolID != "" {
		out["identityPoolId"] = k.IdentityPoolID
	}
	return out
}

// mechanism returns the way to prove the credentials.
func (l *login) mechanism(c providers.Config, env providers.Process) (mechanism.Mechanism, error) {
	for _, name := range []string{l.Username, l.ClientID} {
		if len(name) >= 8 && strings.ContainsAny(name, "0123456789") {
			env.Secrets.Add(name) // as long as that it may be the id of a key; "orders-billing" is the name of a user
		}
	}
	switch l.Mechanism {
	case "PLAIN":
		return plain.Auth{User: l.Username, Pass: l.Password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return scram.Auth{User: l.Username, Pass: l.Password}.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return scram.Auth{User: l.Username, Pass: l.Password}.AsSha512Mechanism(), nil
	case oauthBearer:
		return l.bearer(c, env)
	case awsIAM:
		return patient{l.mskIAM(env), c.Timeout, "AWS credentials"}, nil
	case gssapi:
		k, err := l.kerberos(env)
		return patient{k, c.Timeout, "Kerberos ticket"}, err
	}
	return nil, unusable("sasl.mechanism", fmt.Errorf(
		"%q is not one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM, GSSAPI", l.Mechanism))
}

// patient bounds the time to obtain what a mechanism proves: the client itself does
// not, and some libraries follow no context.
type patient struct {
	mechanism.Mechanism
	patience time.Duration
	what     string
}

func (p patient) Authenticate(ctx context.Context, host string) (mechanism.Session, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	type result struct {
		session mechanism.Session
		first   []byte
		err     error
	}
	done := make(chan result, 1)
	go func() {
		s, first, err := p.Mechanism.Authenticate(ctx, host)
		done <- result{s, first, err}
	}()
	select {
	case r := <-done:
		return r.session, r.first, r.err
	case <-ctx.Done():
		return nil, nil, &providers.Error{Provider: Type, Op: "authenticate", Kind: providers.ErrUnavailable,
			Message: fmt.Sprintf("no %s within %s; check that the service that issues it can be reached, or increase timeout", p.what, p.patience)}
	}
}

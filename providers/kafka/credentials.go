package kafka

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/credsearch"
	"github.com/twmb/franz-go/pkg/kgo"
	mechanism "github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
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
}

// security returns the client's options for encryption and authentication.
func security(keys config, c providers.Config, env providers.Process) ([]kgo.Opt, error) {
	dial := dialer{timeout: c.Timeout, servers: len(keys.BootstrapServers), reach: env.MayReach}
	if keys.TLS != nil {
		t, err := keys.TLS.config()
		if err != nil {
			return nil, err
		}
		dial.tls = t
	}
	options := []kgo.Opt{kgo.Dialer(dial.dial)}
	if keys.SASL != nil {
		m, err := keys.SASL.mechanism(c.Credentials, env)
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.SASL(m))
	}
	return options, nil
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

// mechanism finds the credentials and returns the way to prove them. What is
// A missing credential is reported at once, with the names of all variables.
func (s *sasl) mechanism(given providers.Credentials, env providers.Process) (mechanism.Mechanism, error) {
	fields := []string{"username", "password"}
	if s.Mechanism == "OAUTHBEARER" {
		fields = []string{"token"}
	}
	own := map[string][]string{"username": {"KAFKA_SASL_USERNAME"}, "password": {"KAFKA_SASL_PASSWORD"}, "token": {"KAFKA_SASL_TOKEN"}}
	for key, named := range map[string]map[string]string{"credentials.env": given.Env, "sasl.env": s.Env} {
		if err := credsearch.Permit(Type, key, named, own, env); err != nil {
			return nil, err
		}
	}
	found, missing := map[string]string{}, []string{}
	for _, field := range fields {
		variable := cmp.Or(given.Env[field], s.Env[field], "KAFKA_SASL_"+strings.ToUpper(field))
		if found[field] = env.Getenv(variable); found[field] == "" {
			missing = append(missing, variable+" ("+field+")")
		}
	}
	if len(missing) > 0 {
		return nil, &providers.Error{Provider: Type, Op: "authenticate", Kind: providers.ErrDenied,
			Message: fmt.Sprintf("SASL %s requires variables that are not set: %s; set them, or name other variables under sasl.env", s.Mechanism,
				strings.Join(missing, ", "))}
	}
	user, password := found["username"], found["password"]
	env.Secrets.Add(password, found["token"])
	if len(user) >= 8 && strings.ContainsAny(user, "0123456789") {
		env.Secrets.Add(user) // as long as that it may be the id of a key; "orders-billing" is the name of a user
	}
	switch s.Mechanism {
	case "PLAIN":
		return plain.Auth{User: user, Pass: password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return scram.Auth{User: user, Pass: password}.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return scram.Auth{User: user, Pass: password}.AsSha512Mechanism(), nil
	case "OAUTHBEARER":
		return oauth.Auth{Token: found["token"]}.AsMechanism(), nil
	}
	return nil, unusable("sasl.mechanism", fmt.Errorf("%q is not one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER", s.Mechanism))
}

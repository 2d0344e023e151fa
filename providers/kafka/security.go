package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/resetplan/resetplan/providers"
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
func security(keys config, c providers.Config, env providers.Env) ([]kgo.Opt, error) {
	var options []kgo.Opt
	if keys.TLS != nil {
		t, err := keys.TLS.config()
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.DialTLSConfig(t))
	}
	if keys.SASL != nil {
		m, err := keys.SASL.mechanism(c.Credentials, env)
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.SASL(m))
	}
	return options, nil
}

func (k *tlsKeys) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: k.InsecureSkipVerify} //nolint:gosec // it was asked for in writing
	if k.CAFile != "" {
		pem, err := os.ReadFile(k.CAFile)
		if err != nil {
			return nil, unusable("tls.caFile", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, unusable("tls.caFile", fmt.Errorf("%s holds no PEM certificate", k.CAFile))
		}
	}
	if k.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(k.CertFile, k.KeyFile)
		if err != nil {
			return nil, unusable("tls.certFile", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

func unusable(key string, err error) error {
	return &providers.Error{Provider: Type, Op: "read " + key, Kind: providers.ErrInvalid, Err: err}
}

func (s *sasl) mechanism(given providers.Credentials, env providers.Env) (mechanism.Mechanism, error) {
	look := func(field, variable string) (string, error) {
		for _, named := range []string{s.Env[field], given.Env[field]} {
			if named != "" {
				variable = named
			}
		}
		if v := env.Getenv(variable); v != "" {
			return v, nil
		}
		return "", &providers.Error{Provider: Type, Op: "authenticate", Kind: providers.ErrDenied,
			Message: fmt.Sprintf("no %s for SASL %s: the variable %s is not set; set it, or name another under sasl.env", field, s.Mechanism, variable)}
	}
	if s.Mechanism == "OAUTHBEARER" {
		token, err := look("token", "KAFKA_SASL_TOKEN")
		return oauth.Auth{Token: token}.AsMechanism(), err
	}
	user, err := look("username", "KAFKA_SASL_USERNAME")
	if err != nil {
		return nil, err
	}
	password, err := look("password", "KAFKA_SASL_PASSWORD")
	if err != nil {
		return nil, err
	}
	switch s.Mechanism {
	case "PLAIN":
		return plain.Auth{User: user, Pass: password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return scram.Auth{User: user, Pass: password}.AsSha256Mechanism(), nil
	}
	return scram.Auth{User: user, Pass: password}.AsSha512Mechanism(), nil
}

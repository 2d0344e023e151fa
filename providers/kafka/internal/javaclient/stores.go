package javaclient

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"github.com/resetplan/resetplan/files"
	"software.sslmate.com/src/go-pkcs12"
)

// tls reads encryption: whom to trust, and the client's own certificate.
func (s *settings) tls() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if err := s.versions(c); err != nil {
		return nil, err
	}
	if err := s.trust(c); err != nil {
		return nil, err
	}
	if err := s.own(c); err != nil {
		return nil, err
	}
	algorithm, written := s.values["ssl.endpoint.identification.algorithm"]
	switch algorithm = strings.TrimSpace(algorithm); {
	case !written || strings.EqualFold(algorithm, "https"):
	case algorithm == "":
		verifyOnlyChain(c)
	default:
		return nil, s.wrong("ssl.endpoint.identification.algorithm", "is not supported", "write https, or leave it empty to accept every host name")
	}
	return c, nil
}

// verifyOnlyChain accepts a certificate for any host that a trusted authority has
// signed, as Java does without an algorithm.
func verifyOnlyChain(c *tls.Config) {
	c.InsecureSkipVerify = true //nolint:gosec // the chain is verified below
	roots := c.RootCAs
	c.VerifyConnection = func(state tls.ConnectionState) error {
		options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
		for _, cert := range state.PeerCertificates[1:] {
			options.Intermediates.AddCert(cert)
		}
		_, err := state.PeerCertificates[0].Verify(options)
		return err
	}
}

// versions reads which versions of TLS the file permits.
func (s *settings) versions(c *tls.Config) error {
	for _, key := range []string{"ssl.enabled.protocols", "ssl.protocol"} {
		text := s.value(key)
		if text == "" {
			continue
		}
		names := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
		two := slices.Contains(names, "TLSv1.2") || key == "ssl.protocol" && slices.Contains(names, "TLS")
		three := slices.Contains(names, "TLSv1.3") || key == "ssl.protocol" && slices.Contains(names, "TLS")
		switch {
		case !two && !three:
			return s.wrong(key, "permits neither TLSv1.2 nor TLSv1.3", "add one of them")
		case !two:
			c.MinVersion = tls.VersionTLS13
		case !three && key == "ssl.enabled.protocols":
			c.MaxVersion = tls.VersionTLS12
		}
	}
	return nil
}

// trust reads the authorities; without a store, the system's are used.
func (s *settings) trust(c *tls.Config) error {
	inline, location := s.values["ssl.truststore.certificates"], s.value("ssl.truststore.location")
	certs, key := []*x509.Certificate(nil), "ssl.truststore.location"
	var err error
	switch {
	case inline != "" && location != "":
		return s.wrong("ssl.truststore.certificates", "and ssl.truststore.location are both set", "keep one of them")
	case inline != "":
		key = "ssl.truststore.certificates"
		certs, err = certificates([]byte(inline))
	case location != "":
		if err = s.kind("ssl.truststore.type"); err == nil {
			certs, err = s.trustStore(location)
		}
	default:
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", s.path, key, err)
	}
	c.RootCAs = x509.NewCertPool()
	for _, cert := range certs {
		c.RootCAs.AddCert(cert)
	}
	return nil
}

// kind refuses the types of stores that cannot be read. The content decides which of the
// others a store is, as the JVM does for JKS and PKCS12.
func (s *settings) kind(key string) error {
	if kind := s.value(key); kind != "" && !slices.Contains([]string{"JKS", "PKCS12", "PEM"}, strings.ToUpper(kind)) {
		return errors.New("the type of this store is not supported; use PEM, PKCS12 or JKS")
	}
	return nil
}

// The formats of a store.
const (
	formatPEM    = "PEM"
	formatJKS    = "JKS"
	formatPKCS12 = "PKCS12"
)

func formatOf(content []byte) (string, error) {
	switch {
	case bytes.HasPrefix(content, []byte{0xfe, 0xed, 0xfe, 0xed}):
		return formatJKS, nil
	case bytes.HasPrefix(content, []byte{0xce, 0xce, 0xce, 0xce}):
		return "", errors.New("JCEKS stores are not supported; convert it with keytool -importkeystore -deststoretype PKCS12")
	case bytes.Contains(content, []byte("-----BEGIN")):
		return formatPEM, nil
	case len(content) > 0 && content[0] == 0x30:
		return formatPKCS12, nil
	}
	return "", errors.New("not a PEM, PKCS12 or JKS store")
}

// trustStore returns the certificates that a store trusts.
func (s *settings) trustStore(location string) ([]*x509.Certificate, error) {
	content, err := files.Read(location, files.Credentials)
	if err != nil {
		return nil, err
	}
	format, err := formatOf(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", location, err)
	}
	password := s.values["ssl.truststore.password"]
	certs, err := within(s.patience, func() ([]*x509.Certificate, error) {
		switch format {
		case formatPEM:
			return certificates(content)
		case formatJKS:
			return jksTrust(content, password)
		}
		certs, err := pkcs12.DecodeTrustStore(content, password)
		return certs, explained(err)
	})
	if err == nil && len(certs) == 0 {
		err = errors.New("the store has no trusted certificate")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", location, err)
	}
	return certs, nil
}

// explained replaces the error of a store by one that has nothing of its content.
func explained(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		return errors.New("the password of the store is wrong or missing")
	case strings.Contains(err.Error(), "trust"):
		return errors.New("the store has certificates that are not marked as trusted; create it with keytool -importcert")
	}
	return errors.New("the store cannot be read: it is damaged, or in a form that is not supported; create it with keytool, or use PEM")
}

// certificates reads PEM certificates.
func certificates(text []byte) (out []*x509.Certificate, err error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("a certificate is not valid")
		}
		out = append(out, cert)
	}
	if out == nil {
		return nil, errors.New("no PEM certificate found; in a .properties file, each line break is written \\n")
	}
	return out, nil
}

// jks opens a JKS store.
func jks(content []byte, password string) (*keystore.KeyStore, error) {
	if password == "" {
		return nil, errors.New("a JKS store needs its password; add it to the file, or convert the store to PEM")
	}
	if !soundJKS(content) {
		return nil, errors.New("the store is damaged")
	}
	ks := keystore.New(keystore.WithOrderedAliases())
	if err := ks.Load(bytes.NewReader(content), []byte(password)); err != nil {
		return nil, errors.New("the store cannot be opened: the password is wrong, or the store is damaged")
	}
	return &ks, nil
}

func jksTrust(content []byte, password string) (out []*x509.Certificate, err error) {
	ks, err := jks(content, password)
	if err != nil {
		return nil, err
	}
	for _, alias := range ks.Aliases() {
		entry, err := ks.GetTrustedCertificateEntry(alias)
		if err != nil {
			continue // a key
		}
		cert, err := x509.ParseCertificate(entry.Certificate.Content)
		if err != nil {
			return nil, errors.New("a certificate of the store is not valid")
		}
		out = append(out, cert)
	}
	return out, nil
}

package kafka_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/twmb/franz-go/pkg/kfake"
)

// certificate makes one for loopback that signs itself, and writes it and its
// key as PEM files.
func certificate(t *testing.T) (pair tls.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	check(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	check(t, err)
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	certPEM, keyPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY",
		Bytes: private})
	check(t, os.WriteFile(certFile, certPEM, 0o600))
	check(t, os.WriteFile(keyFile, keyPEM, 0o600))
	pair, err = tls.X509KeyPair(certPEM, keyPEM)
	check(t, err)
	return pair, certFile, keyFile
}

func TestEncryption(t *testing.T) {
	server, ca, _ := certificate(t)
	own, cert, key := certificate(t)
	known := x509.NewCertPool()
	leaf, err := x509.ParseCertificate(own.Certificate[0])
	check(t, err)
	known.AddCert(leaf)
	open, _ := unseeded(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{server}, MinVersion: tls.VersionTLS12}))
	mutual, _ := unseeded(t, kfake.TLS(&tls.Config{Certificates: []tls.Certificate{server}, ClientCAs: known,
		ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}))
	for name, c := range map[string]struct {
		address string
		tls     map[string]any
		want    string // in the error; "" = it works
	}{
		"with the authority":                  {open, map[string]any{"caFile": ca}, ""},
		"with another authority":              {open, map[string]any{"caFile": cert}, "unknown authority"},
		"with the system's authorities":       {open, map[string]any{}, "unknown authority"},
		"without verification, as configured": {open, map[string]any{"insecureSkipVerify": true}, ""},
		"without encryption":                  {open, nil, "kafka: read"},
		"mutual, with a certificate":          {mutual, map[string]any{"caFile": ca, "certFile": cert, "keyFile": key}, ""},
		"mutual, without a certificate":       {mutual, map[string]any{"caFile": ca}, "certificate required"},
		"with a file that is not there":       {open, map[string]any{"caFile": "/nowhere/ca.pem"}, "tls.caFile: open /nowhere/ca.pem"},
		"with an invalid authority":           {open, map[string]any{"caFile": key}, "holds no PEM certificate"},
		"with a certificate that is not there": {open, map[string]any{"certFile": "/nowhere/c.pem", "keyFile": key},
			"tls.certFile and tls.keyFile: /nowhere/c.pem"},
		"with a key that belongs to something else": {open, map[string]any{"certFile": ca, "keyFile": key}, "tls.certFile and tls.keyFile"},
	} {
		t.Run(name, func(t *testing.T) {
			keys := map[string]any{"bootstrapServers": []string{c.address}}
			if c.tls != nil {
				keys["tls"] = c.tls
			}
			settings := config(keys)
			settings.Timeout = time.Second
			conn, err := kafka.New().Connect(settings, environment(nil))
			if err == nil {
				defer conn.Close()
				err = conn.Read(t.Context(), []providers.ReadRequest{{Target: target(t, c.address, map[string]any{"group": "g", "topic": "orders"})}})[0].Err
			}
			switch {
			case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestCredentialsThatAreMissingAreAllNamed(t *testing.T) {
	for name, c := range map[string]struct {
		sasl  map[string]any
		given map[string]string
		want  []string
	}{
		"a password's": {map[string]any{"mechanism": "PLAIN"}, nil,
			[]string{"KAFKA_SASL_USERNAME (username)", "KAFKA_SASL_PASSWORD (password)"}},
		"a token's": {map[string]any{"mechanism": "OAUTHBEARER"}, nil, []string{"KAFKA_SASL_TOKEN (token)"}},
		"by the names given": {map[string]any{"mechanism": "SCRAM-SHA-256", "env": map[string]string{"username": "U", "password": "P"}},
			nil, []string{"U (username)", "P (password)"}},
		"by the provider's own": {map[string]any{"mechanism": "SCRAM-SHA-512"}, map[string]string{"password": "PROD"},
			[]string{"KAFKA_SASL_USERNAME (username)", "PROD (password)"}},
		"of a mechanism not spoken": {map[string]any{"mechanism": "DIGEST-MD5"}, nil, []string{"DIGEST-MD5"}},
		"one of two is given": {map[string]any{"mechanism": "PLAIN", "env": map[string]string{"username": "SET"}}, nil,
			[]string{"KAFKA_SASL_PASSWORD (password)"}},
		"and never by what they are": {map[string]any{"mechanism": "PLAIN", "env": map[string]string{"username": "SET", "password": "P"}}, nil,
			[]string{"P (password)"}},
	} {
		t.Run(name, func(t *testing.T) {
			settings := config(map[string]any{"bootstrapServers": []string{"127.0.0.1:1"}, "sasl": c.sasl})
			settings.Credentials.Env = c.given
			_, err := kafka.New().Connect(settings, environment(map[string]string{"SET": "alice"}))
			if !errors.Is(err, providers.ErrDenied) {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "alice") || strings.Contains(err.Error(), "SET") {
					t.Errorf("%q is not as it should be in %v", want, err)
				}
			}
		})
	}
	_, err := kafka.New().Connect(config(map[string]any{"sasl": map[string]any{"mechanism": "DIGEST-MD5"}}),
		environment(map[string]string{"KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "p"}))
	if !errors.Is(err, providers.ErrInvalid) || !strings.Contains(err.Error(), "OAUTHBEARER") {
		t.Errorf("a mechanism that is not spoken: %v", err)
	}
}

func TestSecurity(t *testing.T) {
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		t.Run(mechanism, func(t *testing.T) {
			f, _ := unseeded(t, kfake.EnableSASL(), kfake.Superuser(mechanism, "alice", "s3cret"))
			keys := map[string]any{"bootstrapServers": []string{f}, "sasl": map[string]any{"mechanism": mechanism,
				"env": map[string]string{"password": "MINE"}}}
			goal := target(t, f, map[string]any{"group": "g", "topic": "orders"})
			read := func(env map[string]string) error {
				return connect(t, keys, env).Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0].Err
			}
			check(t, read(map[string]string{"KAFKA_SASL_USERNAME": "alice", "MINE": "s3cret"}))
			if err := read(map[string]string{"KAFKA_SASL_USERNAME": "alice", "MINE": "wr0ng"}); err == nil || strings.Contains(err.Error(), "wr0ng") {
				t.Errorf("a wrong password: %v", err)
			}
			if _, err := kafka.New().Connect(config(keys), environment(nil)); !errors.Is(err, providers.ErrDenied) ||
				!strings.Contains(err.Error(), "KAFKA_SASL_USERNAME") {
				t.Errorf("no credentials: %v", err)
			}
		})
	}
}

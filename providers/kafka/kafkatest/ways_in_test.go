//go:build integration

package kafkatest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

func TestIntegrationEveryWayInKnowsItsUsers(t *testing.T) {
	seed(t, broker, "guarded", "guarded-billing", 3)
	user := func(name string) (plain.Auth, scram.Auth) {
		return plain.Auth{User: name, Pass: kafkatest.Password}, scram.Auth{User: name, Pass: kafkatest.Password}
	}
	superPlain, superScram := user(kafkatest.Super)
	limitedPlain, limitedScram := user(kafkatest.Limited)
	token := func(name string) sasl.Mechanism { return oauth.Auth{Token: kafkatest.Token(name)}.AsMechanism() }
	a := broker.Addresses
	cases := []struct {
		name, address string
		with          kgo.Opt
		want          string // "yes", "denied" or "closed"
	}{
		{"PLAIN as the super user", a.SASL, kgo.SASL(superPlain.AsMechanism()), "yes"},
		{"SCRAM-SHA-256 as the super user", a.SASL, kgo.SASL(superScram.AsSha256Mechanism()), "yes"},
		{"SCRAM-SHA-512 as the super user", a.SASL, kgo.SASL(superScram.AsSha512Mechanism()), "yes"},
		{"OAUTHBEARER as the super user", a.SASL, kgo.SASL(token(kafkatest.Super)), "yes"},
		{"PLAIN as a user without ACLs", a.SASL, kgo.SASL(limitedPlain.AsMechanism()), "denied"},
		{"SCRAM-SHA-256 as a user without ACLs", a.SASL, kgo.SASL(limitedScram.AsSha256Mechanism()), "denied"},
		{"OAUTHBEARER as a user without ACLs", a.SASL, kgo.SASL(token(kafkatest.Limited)), "denied"},
		{"PLAIN with a wrong password", a.SASL, kgo.SASL(plain.Auth{User: kafkatest.Super, Pass: "wrong"}.AsMechanism()), "closed"},
		{"TLS with the authority", a.TLS, kgo.DialTLSConfig(trust(t, "", "")), "yes"},
		{"TLS without the authority", a.TLS, kgo.DialTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12}), "closed"},
		{"mTLS with a certificate", a.MTLS, kgo.DialTLSConfig(trust(t, broker.Files.Cert, broker.Files.Key)), "yes"},
		{"mTLS without a certificate", a.MTLS, kgo.DialTLSConfig(trust(t, "", "")), "closed"},
		{"mTLS with a stray certificate", a.MTLS, kgo.DialTLSConfig(trust(t, broker.Files.Orphans, broker.Files.StrayKey)), "closed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			client, err := kgo.NewClient(kgo.SeedBrokers(c.address), c.with, kgo.RequestRetries(0), kgo.RetryTimeout(10*time.Second))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if got := enter(t.Context(), client); got != c.want {
				t.Errorf("%s, expected %s", got, c.want)
			}
		})
	}
}

// enter asks for a group's commits and says how it was received.
func enter(ctx context.Context, client *kgo.Client) string {
	offsets, err := kadm.NewClient(client).FetchOffsets(ctx, "guarded-billing")
	if o, ok := offsets.Lookup("guarded", 1); err == nil && ok && o.At == 3 {
		return "yes"
	}
	if err != nil && strings.Contains(err.Error(), kerr.GroupAuthorizationFailed.Message) {
		return "denied"
	}
	if err != nil {
		return "closed"
	}
	return fmt.Sprint("strange: ", offsets)
}

func trust(t *testing.T, cert, key string) *tls.Config {
	t.Helper()
	pem, err := os.ReadFile(broker.Files.CA)
	if err != nil {
		t.Fatal(err)
	}
	c := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	c.RootCAs.AppendCertsFromPEM(pem)
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c
}

//go:build integration

package kafka_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
)

// seen reads the seeded group through a connection.
func seen(t *testing.T, address string, c providers.Connection) error {
	t.Helper()
	goal := target(t, address, map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic})
	s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0]
	if s.Err == nil && len(s.Parts) != 3 {
		return fmt.Errorf("read %+v", s)
	}
	return s.Err
}

// TestIntegrationAJavaClientsFileIsReadAsJavaReadsIt connects with files of each
// mechanism and kind of store, made by the JDK's own keytool and by OpenSSL, and lets
// Kafka's own client use the same file.
func TestIntegrationAJavaClientsFileIsReadAsJavaReadsIt(t *testing.T) {
	fresh(t)
	dir := t.TempDir()
	const password = "store-password"
	tool := func(name string, args ...string) {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
	}
	trust := func(kind string) string {
		path := filepath.Join(dir, "trust."+kind)
		tool("keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", broker.Files.CA, "-keystore", path, "-storetype", kind, "-storepass", password)
		return fmt.Sprintf("ssl.truststore.location=%s\nssl.truststore.password=%s\nssl.truststore.type=%s\n", path, password, kind)
	}
	p12 := filepath.Join(dir, "own.p12")
	tool("openssl", "pkcs12", "-export", "-in", broker.Files.Cert, "-inkey", broker.Files.Key, "-name", "own", "-passout", "pass:"+password, "-out", p12)
	own := func(kind string) string {
		path := p12
		if kind == "JKS" {
			path = filepath.Join(dir, "own.jks")
			tool("keytool", "-importkeystore", "-srckeystore", p12, "-srcstorepass", password, "-destkeystore", path, "-deststoretype", "JKS",
				"-deststorepass", password)
		}
		return fmt.Sprintf("ssl.keystore.location=%s\nssl.keystore.password=%s\nssl.key.password=%s\nssl.keystore.type=%s\n", path, password, password, kind)
	}
	login := func(module string) string {
		return "sasl.jaas.config=org.apache.kafka.common.security." + module + " required \\\n  username=\"" + kafkatest.Super + "\" \\\n  password=\"" +
			kafkatest.Password + "\";\n"
	}
	trustJKS, trustPKCS12 := trust("JKS"), trust("PKCS12")
	ca, err := os.ReadFile(broker.Files.CA)
	check(t, err)
	for name, c := range map[string]struct{ address, text string }{
		"PLAIN":         {broker.Addresses.SASL, "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n" + login("plain.PlainLoginModule")},
		"SCRAM-SHA-256": {broker.Addresses.SASL, "security.protocol=SASL_PLAINTEXT\nsasl.mechanism = SCRAM-SHA-256\n" + login("scram.ScramLoginModule")},
		"SCRAM-SHA-512": {broker.Addresses.SASL, "security.protocol:SASL_PLAINTEXT\nsasl.mechanism SCRAM-SHA-512\n" + login("scram.ScramLoginModule")},
		"TLS, PEM":      {broker.Addresses.TLS, "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location=" + broker.Files.CA + "\n"},
		"TLS, PEM in the file": {broker.Addresses.TLS, "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.certificates=" +
			strings.ReplaceAll(string(ca), "\n", `\n`) + "\n"},
		"TLS, JKS":           {broker.Addresses.TLS, "security.protocol=SSL\n" + trustJKS},
		"TLS, PKCS12":        {broker.Addresses.TLS, "security.protocol=SSL\n" + trustPKCS12},
		"mutual TLS, JKS":    {broker.Addresses.MTLS, "security.protocol=SSL\n" + trustJKS + own("JKS")},
		"mutual TLS, PKCS12": {broker.Addresses.MTLS, "security.protocol=SSL\n" + trustPKCS12 + own("PKCS12")},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "client.properties")
			check(t, os.WriteFile(path, []byte("bootstrap.servers="+c.address+"\n"+c.text), 0o600))
			check(t, seen(t, c.address, connect(t, map[string]any{"clientProperties": path}, nil)))
			if name == "SCRAM-SHA-512" || strings.HasPrefix(name, "TLS, PEM") || strings.HasPrefix(name, "TLS, J") {
				return // a JVM for each is not needed: the other cases have the same keys
			}
			out, err := broker.ToolCommand(c.address, "kafka-consumer-groups", "--command-config", path, "--list").CombinedOutput()
			if err != nil || !strings.Contains(string(out), kafkafake.SeedGroup) {
				t.Errorf("Kafka's own client: %v: %s", err, out)
			}
		})
	}
}

// TestIntegrationTokensAreFetchedAgainWhenTheyExpire keeps one connection longer than
// its tokens are valid. The broker closes connections whose token has expired.
func TestIntegrationTokensAreFetchedAgainWhenTheyExpire(t *testing.T) {
	fresh(t)
	var issued atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, secret, _ := r.BasicAuth(); id != "resetplan" || secret != "client-secret" || r.FormValue("grant_type") != "client_credentials" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		issued.Add(1)
		const lifetime = 5 * time.Second
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token": %q, "token_type": "bearer", "expires_in": %d}`, kafkatest.TokenFor(kafkatest.Super, lifetime), lifetime/time.Second)
	}))
	defer s.Close()
	keys := func(endpoint string) map[string]any {
		return map[string]any{"bootstrapServers": []string{broker.Addresses.SASL}, "sasl": map[string]any{"mechanism": "OAUTHBEARER",
			"oauth": map[string]any{"tokenEndpoint": endpoint, "scope": "kafka"}}}
	}
	env := map[string]string{"KAFKA_SASL_CLIENT_ID": "resetplan", "KAFKA_SASL_CLIENT_SECRET": "client-secret"}
	c := connect(t, keys(s.URL), env)
	check(t, seen(t, broker.Addresses.SASL, c))
	for first := issued.Load(); issued.Load() < first+2; time.Sleep(200 * time.Millisecond) {
		check(t, seen(t, broker.Addresses.SASL, c))
	}
	env["KAFKA_SASL_CLIENT_SECRET"] = "wr0ng-secret"
	if err := seen(t, broker.Addresses.SASL, connect(t, keys(s.URL), env)); !errors.Is(err, providers.ErrDenied) || strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("a wrong secret: %v", err)
	}
	static := connect(t, map[string]any{"bootstrapServers": []string{broker.Addresses.SASL}, "sasl": map[string]any{"mechanism": "OAUTHBEARER"}},
		map[string]string{"KAFKA_SASL_TOKEN": kafkatest.TokenFor(kafkatest.Super, -time.Hour)})
	if err := seen(t, broker.Addresses.SASL, static); !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "the broker refused the token") {
		t.Errorf("an expired token: %v", err)
	}
}

func TestIntegrationKerberos(t *testing.T) {
	realm := kafkatest.StartRealm(t)
	b := kafkatest.Start(t, realm.Options())
	adm := admin(t, b.Addresses.Plain)
	_, err := adm.CreateTopic(t.Context(), 3, 1, nil, kafkafake.SeedTopic)
	check(t, err)
	address := b.Addresses.SASL
	keytab := map[string]any{"bootstrapServers": []string{address}, "sasl": map[string]any{"mechanism": "GSSAPI",
		"kerberos": map[string]any{"principal": kafkatest.Super, "keytabFile": realm.Keytab}}}
	tickets := map[string]any{"bootstrapServers": []string{address}, "sasl": map[string]any{"mechanism": "GSSAPI"}}
	java := filepath.Join(t.TempDir(), "client.properties")
	check(t, os.WriteFile(java, fmt.Appendf(nil, "bootstrap.servers=%s\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=GSSAPI\nsasl.kerberos.service.name=kafka\n"+
		"sasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true keyTab=\"%s\" principal=\"%s@%s\";\n",
		address, realm.Keytab, kafkatest.Super, kafkatest.RealmName), 0o600))
	for name, c := range map[string]struct {
		keys map[string]any
		env  map[string]string
	}{
		"a keytab":                {keytab, nil},
		"a keytab of a variable":  {tickets, map[string]string{"KRB5_CLIENT_KTNAME": "FILE:" + realm.Keytab}},
		"tickets":                 {tickets, map[string]string{"KRB5CCNAME": "FILE:" + realm.Tickets(t)}},
		"a file of a Java client": {map[string]any{"clientProperties": java}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{"KRB5_CONFIG": realm.Config}
			for k, v := range c.env {
				env[k] = v
			}
			goal := target(t, address, map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic})
			conn := connect(t, c.keys, env)
			if s := conn.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0]; s.Err != nil && !errors.Is(s.Err, providers.ErrNotFound) {
				t.Errorf("got %v", s.Err)
			}
		})
	}
	wrong := map[string]any{"bootstrapServers": []string{address}, "sasl": map[string]any{"mechanism": "GSSAPI",
		"kerberos": map[string]any{"keytabFile": realm.Keytab, "serviceName": "other"}}}
	conn := connect(t, wrong, map[string]string{"KRB5_CONFIG": realm.Config})
	if err := seen(t, address, conn); !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "the realm does not know the broker") {
		t.Errorf("another service: %v", err)
	}
}

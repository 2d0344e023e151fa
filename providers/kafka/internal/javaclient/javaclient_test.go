package javaclient_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/internal/javaclient"
)

// write saves a file of properties and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "client.properties")
	check(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, text string) (*javaclient.Client, []string, error) {
	t.Helper()
	var secrets []string
	c, err := javaclient.Read(write(t, text), time.Minute, func(values ...string) { secrets = append(secrets, values...) })
	return c, secrets, err
}

const plain = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"

// jaas is a login with a user and a password.
func jaas(module, options string) string {
	return "sasl.jaas.config=org.apache.kafka.common.security." + module + " required " + options + ";\n"
}

func TestTheSyntaxIsThatOfJava(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an equals sign":                 {`client.id=x`, ""},
		"spaces as a separator":          {"security.protocol SSL", "TLS"},
		"a colon and spaces":             {"security.protocol : SSL", "TLS"},
		"spaces at the end":              {"security.protocol = SSL  ", "TLS"},
		"a continued line":               {"security.protocol=S\\\n   SL", "TLS"},
		"a comment":                      {"#security.protocol=SSL\n!security.protocol=SSL\nclient.id=x", ""},
		"an escaped letter":              {`security.protocol=\u0053SL`, "TLS"},
		"line ends of Windows":           {"client.id=x\r\nsecurity.protocol=SSL\r\n", "TLS"},
		"the last of several lines wins": {"security.protocol=PLAINTEXT\nsecurity.protocol=SSL", "TLS"},
		"lower case":                     {"security.protocol=ssl", "TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := read(t, c.text)
			check(t, err)
			if (got.TLS != nil) != (c.want == "TLS") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestPasswordsAreReadAsJavaReadsThem(t *testing.T) {
	for name, c := range map[string]struct{ line, want string }{
		"in quotes":                     {jaas("plain.PlainLoginModule", `username="u" password="p w=d;#!"`), "p w=d;#!"},
		"on several lines":              {jaas("plain.PlainLoginModule", "\\\n  username=\"u\" \\\n  password=\"pwd\""), "pwd"},
		"with a quote in it":            {jaas("plain.PlainLoginModule", `username="u" password="a\\"b"`), `a"b`},
		"with a backslash in it":        {jaas("plain.PlainLoginModule", `username="u" password="a\\\\b"`), `a\b`},
		"with a reference":              {jaas("plain.PlainLoginModule", `username="u" password="${HOME}"`), `${HOME}`},
		"in ISO-8859-1":                 {jaas("plain.PlainLoginModule", "username=\"u\" password=\"gr\xfc\xdfe\""), "grüße"},
		"as an escaped letter":          {jaas("plain.PlainLoginModule", `username="u" password="gr\u00fc\u00dfe"`), "grüße"},
		"without quotes":                {jaas("plain.PlainLoginModule", `username=u password=pwd`), "pwd"},
		"in single quotes, octal":       {jaas("plain.PlainLoginModule", `username='u' password='a\\101'`), "aA"},
		"with spaces around the equals": {jaas("plain.PlainLoginModule", `username = "u" password = "pwd"`), "pwd"},
	} {
		t.Run(name, func(t *testing.T) {
			got, secrets, err := read(t, plain+c.line)
			check(t, err)
			if got.SASL.Username != "u" || got.SASL.Password != c.want {
				t.Errorf("got %+v", got.SASL)
			}
			if !strings.Contains(strings.Join(secrets, "\n"), c.want) {
				t.Error("the password is not known as a secret")
			}
		})
	}
}

func TestEachMechanism(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want javaclient.SASL
	}{
		"SCRAM": {"security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n" + jaas("scram.ScramLoginModule", `username="u" password="p"`),
			javaclient.SASL{Mechanism: "SCRAM-SHA-512", Username: "u", Password: "p"}},
		"OAUTHBEARER by options, with extensions": {"security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\n" +
			"sasl.oauthbearer.token.endpoint.url=https://idp.example.com/token\n" +
			"sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler\n" +
			jaas("oauthbearer.OAuthBearerLoginModule", `clientId="c" clientSecret="s" scope="kafka" extension_logicalCluster='lkc-1'`),
			javaclient.SASL{Mechanism: "OAUTHBEARER", ClientID: "c", ClientSecret: "s", Scope: "kafka", TokenEndpoint: "https://idp.example.com/token",
				Extensions: map[string]string{"logicalCluster": "lkc-1"}}},
		"OAUTHBEARER by keys of Kafka 4.1": {"security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\n" +
			"sasl.oauthbearer.token.endpoint.url=https://idp.example.com/token\nsasl.oauthbearer.client.credentials.client.id=c\n" +
			"sasl.oauthbearer.client.credentials.client.secret=s\nsasl.oauthbearer.scope=a b\n" + jaas("oauthbearer.OAuthBearerLoginModule", ""),
			javaclient.SASL{Mechanism: "OAUTHBEARER", ClientID: "c", ClientSecret: "s", Scope: "a b", TokenEndpoint: "https://idp.example.com/token"}},
		"AWS_MSK_IAM": {"security.protocol=SASL_SSL\nsasl.mechanism=AWS_MSK_IAM\n" +
			"sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required awsProfileName=\"prod\";\n" +
			"sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler\n",
			javaclient.SASL{Mechanism: "AWS_MSK_IAM", Profile: "prod"}},
		"GSSAPI with a keytab": {"security.protocol=SASL_SSL\nsasl.kerberos.service.name=broker\n" +
			`sasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true keyTab="/etc/k" principal="a@B";`,
			javaclient.SASL{Mechanism: "GSSAPI", Service: "broker", Keytab: "/etc/k", Principal: "a@B"}},
		"GSSAPI with tickets": {"security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI\n" +
			`sasl.jaas.config=com.sun.security.auth.module.Krb5LoginModule required useTicketCache=true;`,
			javaclient.SASL{Mechanism: "GSSAPI", Service: "kafka"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := read(t, c.text)
			check(t, err)
			if !reflect.DeepEqual(*got.SASL, c.want) {
				t.Errorf("got %+v", got.SASL)
			}
		})
	}
}

func TestServersAndIgnoredKeys(t *testing.T) {
	got, _, err := read(t, "bootstrap.servers= a:9092 , PLAINTEXT://[::1]:9093,\nsession.timeout.ms=10\nbasic.auth.user.info=u:p\nssl.keymanager.algorithm=PKIX\n")
	check(t, err)
	if !reflect.DeepEqual(got.Servers, []string{"a:9092", "[::1]:9093"}) ||
		!reflect.DeepEqual(got.Ignored, []string{"session.timeout.ms", "ssl.keymanager.algorithm"}) {
		t.Errorf("got %+v", got)
	}
}

// TestNoErrorRepeatsTheFile writes a secret into every place that is refused.
func TestNoErrorRepeatsTheFile(t *testing.T) {
	const s = "s3cretvalue"
	for name, c := range map[string]struct{ text, want string }{
		"a file of passwords":           {"machine h login u password " + s, "has no setting of a Kafka client"},
		"another format":                {"root:" + s + ":0:0\n" + s + "\n", "has no setting of a Kafka client"},
		"a broken escape":               {"client.id=x\nsasl.jaas.config=" + s + `\uZZZZ`, "not a valid .properties file"},
		"a protocol":                    {"security.protocol=" + s, "write PLAINTEXT, SSL"},
		"a server":                      {"bootstrap.servers=https://u:" + s + "@h/", "has an invalid address"},
		"a mechanism":                   {"security.protocol=SASL_SSL\nsasl.mechanism=" + s + "\n" + jaas("plain.PlainLoginModule", ""), "login module that does not belong"},
		"no login":                      {"security.protocol=SASL_SSL\nsasl.mechanism=PLAIN", "sasl.jaas.config is missing"},
		"a login without its end":       {plain + "sasl.jaas.config=x.PlainLoginModule required password=\"" + s, "is not valid"},
		"a login without a semicolon":   {plain + "sasl.jaas.config=x.PlainLoginModule required username=\"u\" password=\"" + s + "\"", "is not valid"},
		"two logins":                    {plain + jaas("plain.PlainLoginModule", "password=\""+s+"\"") + "  \\\n", "has no username"},
		"two modules":                   {plain + "sasl.jaas.config=x.PlainLoginModule required username=\"u\" password=\"" + s + "\"; y required;", "is not valid"},
		"an unknown option":             {plain + jaas("plain.PlainLoginModule", `username="u" password="p" other="`+s+`"`), "has an option other"},
		"an option that is a secret":    {plain + jaas("plain.PlainLoginModule", `username="u" password="p" `+s+`="x"`), "has an option that"},
		"a password of another kind":    {plain + jaas("plain.PlainLoginModule", `username="u"`), "has no password"},
		"code":                          {plain + "sasl.login.callback.handler.class=" + s + "\n" + jaas("plain.PlainLoginModule", `username="u" password="p"`), "Java code"},
		"a token in a file":             {"security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=file:///" + s + "\n" + jaas("oauthbearer.OAuthBearerLoginModule", `clientId="c" clientSecret="s"`), "a token in a file is not read"},
		"a URL with a password":         {"security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=https://u:" + s + "@h/\n" + jaas("oauthbearer.OAuthBearerLoginModule", `clientId="c" clientSecret="s"`), "is not the URL of a server"},
		"an unknown key about security": {"client.id=x\nssl.crl.check=" + s, "ssl.crl.check is not supported"},
		"a key that is a secret":        {"client.id=x\nssl." + s + "=x", "has a key about security that is not supported"},
		"providers of values":           {"config.providers=" + s + "\nclient.id=x", "config.providers is not supported"},
		"old versions of TLS":           {"security.protocol=SSL\nssl.enabled.protocols=" + s, "neither TLSv1.2 nor TLSv1.3"},
		"an algorithm for names":        {"security.protocol=SSL\nssl.endpoint.identification.algorithm=" + s, "write https"},
		"a certificate that is none":    {"security.protocol=SSL\nssl.truststore.certificates=" + s, "no PEM certificate found"},
		"a key that is none":            {"security.protocol=SSL\nssl.keystore.key=" + s + "\nssl.keystore.certificate.chain=" + s, "expected a PEM private key"},
		"half a pair":                   {"security.protocol=SSL\nssl.keystore.key=" + s, "belong together"},
		"two places":                    {"security.protocol=SSL\nssl.keystore.key=" + s + "\nssl.keystore.location=x", "both set"},
		"a type of store":               {"security.protocol=SSL\nssl.truststore.type=" + s + "\nssl.truststore.location=x", "type of this store is not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := read(t, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), s) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

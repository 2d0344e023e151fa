package javaclient_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"
)

const storePassword = "changeit-store"

// An identity is a certificate that signs itself, and its key.
type identity struct {
	cert    *x509.Certificate
	key     *ecdsa.PrivateKey
	private []byte // in PKCS #8
}

func newIdentity(t *testing.T) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	check(t, err)
	cert, err := x509.ParseCertificate(der)
	check(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	check(t, err)
	return identity{cert, key, private}
}

func (i identity) certPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.cert.Raw}))
}

func (i identity) keyPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: i.private}))
}

// jks writes a store of Java with a trusted certificate and a key.
func (i identity) jks(t *testing.T, trusted, withKey bool, keyPassword string) []byte {
	t.Helper()
	ks, cert := keystore.New(), keystore.Certificate{Type: "X509", Content: i.cert.Raw}
	if trusted {
		check(t, ks.SetTrustedCertificateEntry("ca", keystore.TrustedCertificateEntry{CreationTime: time.Now(), Certificate: cert}))
	}
	if withKey {
		check(t, ks.SetPrivateKeyEntry("client", keystore.PrivateKeyEntry{CreationTime: time.Now(), PrivateKey: i.private,
			CertificateChain: []keystore.Certificate{cert}}, []byte(keyPassword)))
	}
	var out bytes.Buffer
	check(t, ks.Store(&out, []byte(storePassword)))
	return out.Bytes()
}

func (i identity) pkcs12(t *testing.T, trusted bool) (out []byte) {
	t.Helper()
	var err error
	if trusted {
		out, err = pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{i.cert}, storePassword)
	} else {
		out, err = pkcs12.Modern.Encode(i.key, i.cert, nil, storePassword)
	}
	check(t, err)
	return out
}

// inline writes a text as one value of a file of properties.
func inline(text string) string { return strings.ReplaceAll(text, "\n", `\n`) }

func TestStores(t *testing.T) {
	i := newIdentity(t)
	folder := t.TempDir()
	save := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		check(t, os.WriteFile(path, content, 0o600))
		return path
	}
	damaged := i.jks(t, true, false, "")
	damaged[8], damaged[11] = 0xff, 0xff // the number of entries
	huge := i.jks(t, true, true, "key-password")
	at := bytes.Index(huge, []byte("client")) + len("client") + 8
	huge[at] = 0x7f // the length of the key
	trust := func(path, more string) string {
		return "security.protocol=SSL\nssl.truststore.location=" + path + "\n" + more
	}
	own := func(path, more string) string {
		return "security.protocol=SSL\nssl.keystore.location=" + path + "\n" + more
	}
	const trustPassword, ownPassword = "ssl.truststore.password=" + storePassword + "\n", "ssl.keystore.password=" + storePassword + "\n"
	for name, c := range map[string]struct {
		text       string
		trust, own bool
		want       string // in the error
	}{
		"PEM in the file":             {"security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.certificates=" + inline(i.certPEM()), true, false, ""},
		"a PEM file":                  {trust(save("ca.pem", []byte(i.certPEM())), "ssl.truststore.type=PEM"), true, false, ""},
		"trust in JKS":                {trust(save("ca.jks", i.jks(t, true, false, "")), trustPassword), true, false, ""},
		"trust in PKCS12":             {trust(save("ca.p12", i.pkcs12(t, true)), trustPassword+"ssl.truststore.type=PKCS12"), true, false, ""},
		"PKCS12 called JKS":           {trust(save("ca2.p12", i.pkcs12(t, true)), trustPassword+"ssl.truststore.type=JKS"), true, false, ""},
		"a key in the file":           {"security.protocol=SSL\nssl.keystore.key=" + inline(i.keyPEM()) + "\nssl.keystore.certificate.chain=" + inline(i.certPEM()), false, true, ""},
		"a key in a PEM file":         {own(save("own.pem", []byte(i.keyPEM()+i.certPEM())), ""), false, true, ""},
		"a key in JKS":                {own(save("own.jks", i.jks(t, true, true, storePassword)), ownPassword), false, true, ""},
		"a key with its own password": {own(save("own2.jks", i.jks(t, false, true, "key-password")), ownPassword+"ssl.key.password=key-password"), false, true, ""},
		"a key in PKCS12":             {own(save("own.p12", i.pkcs12(t, false)), ownPassword), false, true, ""},

		"a wrong password of JKS":     {trust(save("a.jks", i.jks(t, true, false, "")), "ssl.truststore.password=wr0ng"), false, false, "password is wrong"},
		"a wrong password of PKCS12":  {trust(save("a.p12", i.pkcs12(t, true)), "ssl.truststore.password=wr0ng"), false, false, "password of the store is wrong"},
		"a wrong password of a key":   {own(save("b.jks", i.jks(t, false, true, "key-password")), ownPassword+"ssl.key.password=wr0ng"), false, false, "check ssl.key.password"},
		"JKS without a password":      {trust(save("c.jks", i.jks(t, true, false, "")), ""), false, false, "needs its password"},
		"no trusted certificate":      {trust(save("d.jks", i.jks(t, false, true, storePassword)), trustPassword), false, false, "has no trusted certificate"},
		"no key":                      {own(save("e.jks", i.jks(t, true, false, "")), ownPassword), false, false, "has 0 private keys"},
		"a damaged store":             {trust(save("f.jks", damaged), trustPassword), false, false, "is damaged"},
		"a store with a huge length":  {own(save("g.jks", huge), ownPassword), false, false, "is damaged"},
		"a file that is no store":     {trust(save("h.jks", []byte("hello")), trustPassword), false, false, "not a PEM, PKCS12 or JKS store"},
		"a PKCS12 without marks":      {trust(save("i.p12", i.pkcs12(t, false)), trustPassword), false, false, "h"},
		"a damaged PKCS12":            {trust(save("j.p12", i.pkcs12(t, true)[:200]), trustPassword), false, false, "cannot be read"},
		"an encrypted PEM key":        {own(save("k.pem", []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")), ""), false, false, "use a PKCS12 store"},
		"a store that does not exist": {trust(filepath.Join(folder, "none.jks"), trustPassword), false, false, "none.jks"},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := read(t, c.text)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "wr0ng") || strings.Contains(err.Error(), storePassword) {
					t.Errorf("got %v, want %q", err, c.want)
				}
				return
			}
			check(t, err)
			if c.trust {
				if _, err := i.cert.Verify(x509.VerifyOptions{Roots: got.TLS.RootCAs}); err != nil {
					t.Error(err)
				}
			}
			if c.own && (len(got.TLS.Certificates) != 1 || !bytes.Equal(got.TLS.Certificates[0].Certificate[0], i.cert.Raw) ||
				!i.key.Equal(got.TLS.Certificates[0].PrivateKey)) {
				t.Errorf("got %+v", got.TLS.Certificates)
			}
		})
	}
}

func TestVersionsOfTLSAndNamesOfHosts(t *testing.T) {
	i := newIdentity(t)
	trusted := "security.protocol=SSL\nssl.truststore.certificates=" + inline(i.certPEM()) + "\n"
	got, _, err := read(t, trusted+"ssl.enabled.protocols=TLSv1.3\n")
	check(t, err)
	if got.TLS.MinVersion != tls.VersionTLS13 || got.TLS.InsecureSkipVerify {
		t.Errorf("got %+v", got.TLS)
	}
	got, _, err = read(t, trusted+"ssl.endpoint.identification.algorithm=\nssl.protocol=TLSv1.2\nssl.enabled.protocols=TLSv1.2\n")
	check(t, err)
	if got.TLS.MaxVersion != tls.VersionTLS12 || got.TLS.VerifyConnection == nil {
		t.Fatalf("got %+v", got.TLS)
	}
	if err := got.TLS.VerifyConnection(tls.ConnectionState{PeerCertificates: []*x509.Certificate{i.cert}}); err != nil {
		t.Errorf("a trusted certificate of another host: %v", err)
	}
	if err := got.TLS.VerifyConnection(tls.ConnectionState{PeerCertificates: []*x509.Certificate{newIdentity(t).cert}}); err == nil {
		t.Error("an unknown certificate is accepted")
	}
}

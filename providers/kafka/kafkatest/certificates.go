package kafkatest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// serverPEM is the broker's key and certificate in one file.
const serverPEM = "server.pem"

// An identity is a certificate and its key.
type identity struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// writeCertificates makes an authority, the broker's and a client's
// certificates and a stray one, and writes them as PEM files.
func writeCertificates(dir string) (Files, error) {
	in := func(name string) string { return filepath.Join(dir, name) }
	f := Files{CA: in("ca.pem"), Cert: in("client.pem"), Key: in("client.key"), Orphans: in("stray.pem"), StrayKey: in("stray.key")}
	ca, err := issue("kafkatest authority", nil)
	if err != nil {
		return f, err
	}
	server, err := issue("broker", ca)
	if err != nil {
		return f, err
	}
	client, err := issue(Certified, ca)
	if err != nil {
		return f, err
	}
	stray, err := issue(Certified, nil)
	if err != nil {
		return f, err
	}
	for name, text := range map[string][]byte{
		f.CA: ca.certPEM(), in(serverPEM): append(server.keyPEM(), server.certPEM()...),
		f.Cert: client.certPEM(), f.Key: client.keyPEM(), f.Orphans: stray.certPEM(), f.StrayKey: stray.keyPEM(),
	} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			return f, err
		}
	}
	return f, nil
}

// issue makes a certificate for loopback, signed by an authority; without
// one it is an authority itself.
func issue(name string, by *identity) (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if by == nil {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
		by = &identity{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, key.Public(), by.key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &identity{cert, key}, err
}

func (i *identity) certPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.cert.Raw})
}

// keyPEM is in PKCS #8, the one form that Kafka reads.
func (i *identity) keyPEM() []byte {
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		panic("kafkatest: an ECDSA key that cannot be written: " + err.Error())
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

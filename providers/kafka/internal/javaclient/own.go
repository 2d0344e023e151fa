package javaclient

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/files"
	"software.sslmate.com/src/go-pkcs12"
)

// own reads the client's certificate and key; without them the client shows none.
func (s *settings) own(c *tls.Config) error {
	chain, private, location := s.values["ssl.keystore.certificate.chain"], s.values["ssl.keystore.key"], s.value("ssl.keystore.location")
	key := "ssl.keystore.location"
	var pair tls.Certificate
	var err error
	switch {
	case chain == "" && private == "" && location == "":
		return nil
	case location != "" && (chain != "" || private != ""):
		return s.wrong("ssl.keystore.key", "and ssl.keystore.location are both set", "keep one of them")
	case location != "":
		if err = s.kind("ssl.keystore.type"); err == nil {
			pair, err = s.keyStore(location)
		}
	case chain == "" || private == "":
		return s.wrong("ssl.keystore.certificate.chain", "and ssl.keystore.key belong together", "add the other")
	default:
		key = "ssl.keystore.key"
		pair, err = keyPair(private + "\n" + chain)
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", s.path, key, err)
	}
	c.Certificates = []tls.Certificate{pair}
	return nil
}

// keyStore reads the key of a store and its certificates.
func (s *settings) keyStore(location string) (tls.Certificate, error) {
	content, err := files.Read(location, files.Credentials)
	if err != nil {
		return tls.Certificate{}, err
	}
	format, err := formatOf(content)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: %w", location, err)
	}
	password := s.values["ssl.keystore.password"]
	pair, err := within(s.patience, func() (tls.Certificate, error) {
		switch format {
		case formatPEM:
			return keyPair(string(content))
		case formatJKS:
			return jksPair(content, password, cmp.Or(s.values["ssl.key.password"], password))
		}
		private, cert, chain, err := pkcs12.DecodeChain(content, password)
		if err != nil {
			return tls.Certificate{}, explained(err)
		}
		out := tls.Certificate{PrivateKey: private, Leaf: cert, Certificate: [][]byte{cert.Raw}}
		for _, c := range chain {
			out.Certificate = append(out.Certificate, c.Raw)
		}
		return out, nil
	})
	if err != nil {
		return pair, fmt.Errorf("%s: %w", location, err)
	}
	return pair, nil
}

// keyPair reads a PEM text with a key and its certificates.
func keyPair(text string) (tls.Certificate, error) {
	var certs, keys strings.Builder
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == "CERTIFICATE":
			certs.Write(pem.EncodeToMemory(block))
		case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
			return tls.Certificate{}, errors.New("encrypted PEM keys are not supported; use a PKCS12 store, or decrypt it with openssl pkcs8")
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			keys.Write(pem.EncodeToMemory(block))
		}
	}
	pair, err := tls.X509KeyPair([]byte(certs.String()), []byte(keys.String()))
	if err != nil {
		return pair, errors.New("expected a PEM private key and the certificate that belongs to it")
	}
	return pair, nil
}

// jksPair returns the only key of a JKS store.
func jksPair(content []byte, password, keyPassword string) (out tls.Certificate, err error) {
	ks, err := jks(content, password)
	if err != nil {
		return out, err
	}
	found := 0
	for _, alias := range ks.Aliases() {
		if !ks.IsPrivateKeyEntry(alias) {
			continue
		}
		found++
		entry, err := ks.GetPrivateKeyEntry(alias, []byte(keyPassword))
		if err != nil {
			return out, errors.New("the password of the key is wrong; check ssl.key.password")
		}
		out = tls.Certificate{}
		for _, c := range entry.CertificateChain {
			out.Certificate = append(out.Certificate, c.Content)
		}
		if out.PrivateKey, err = x509.ParsePKCS8PrivateKey(entry.PrivateKey); err != nil {
			return out, errors.New("the key is not valid")
		}
	}
	if found != 1 || len(out.Certificate) == 0 {
		return out, fmt.Errorf("the store has %d private keys; expected one, with its certificate", found)
	}
	return out, nil
}

// soundJKS reports whether every length in a JKS store fits into it. The library
// reserves memory for what a store announces.
func soundJKS(content []byte) bool {
	const digest = 20
	r := lengths{rest: content, ok: true}
	r.skip(4) // the magic number
	version := r.number()
	for range r.count(version == 1 || version == 2) {
		tag := r.number()
		r.skip(int(r.short())) // the alias
		r.skip(8)              // its date
		certs := uint32(1)
		if tag == 1 {
			r.skip(int(r.number())) // the key
			certs = r.number()
		}
		for i := uint32(0); i < certs && r.ok; i++ {
			if version == 2 {
				r.skip(int(r.short())) // the type
			}
			r.skip(int(r.number()))
		}
		if !r.ok || tag != 1 && tag != 2 {
			return false
		}
	}
	return r.ok && len(r.rest) == digest
}

// lengths walks through a binary format.
type lengths struct {
	rest []byte
	ok   bool
}

func (l *lengths) skip(n int) {
	if l.ok = l.ok && n >= 0 && n <= len(l.rest); l.ok {
		l.rest = l.rest[n:]
	}
}

func (l *lengths) number() uint32 {
	if l.ok = l.ok && len(l.rest) >= 4; !l.ok {
		return 0
	}
	n := binary.BigEndian.Uint32(l.rest)
	l.rest = l.rest[4:]
	return n
}

func (l *lengths) short() uint16 {
	if l.ok = l.ok && len(l.rest) >= 2; !l.ok {
		return 0
	}
	n := binary.BigEndian.Uint16(l.rest)
	l.rest = l.rest[2:]
	return n
}

// count reads how many entries follow; an entry has at least 14 bytes.
func (l *lengths) count(known bool) int {
	n := int(l.number())
	if l.ok = l.ok && known && n <= len(l.rest)/14; !l.ok {
		return 0
	}
	return n
}

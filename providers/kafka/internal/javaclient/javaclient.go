// Package javaclient reads the properties file of a Java Kafka client: where to connect,
// how to encrypt and how to authenticate.
//
// The invariants: a setting that changes security is either applied or refused, never
// ignored; no error and no log record has a value of the file, because every value can
// be a secret, and a key only if it is one of a Kafka client. Files of other formats
// have no such key and are refused without quoting them. The package opens files and
// no connections.
package javaclient

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/magiconair/properties"
	"github.com/resetplan/resetplan/files"
)

// A Client is what a file configures.
type Client struct {
	Servers []string    // bootstrap.servers; nil if the file has none
	TLS     *tls.Config // nil = not encrypted
	SASL    *SASL       // nil = no authentication
	Ignored []string    // keys without a meaning for resetplan, sorted
}

// SASL is how a client authenticates. The mechanism determines the fields that are set.
type SASL struct {
	Mechanism                                    string
	Username, Password                           string            // PLAIN, SCRAM
	TokenEndpoint, ClientID, ClientSecret, Scope string            // OAUTHBEARER
	Extensions                                   map[string]string // OAUTHBEARER
	Profile                                      string            // AWS_MSK_IAM; "" = the default
	Service, Principal, Keytab, TicketCache      string            // GSSAPI
}

// Servers returns only bootstrap.servers; nil if the file has none.
func Servers(path string) ([]string, error) {
	s, err := load(path)
	if err != nil {
		return nil, err
	}
	return s.servers()
}

// Read reads a file and the stores that it names. Every secret is passed to secret
// before anything else is done with it. patience bounds the time to open a store.
func Read(path string, patience time.Duration, secret func(...string)) (*Client, error) {
	s, err := load(path)
	if err != nil {
		return nil, err
	}
	s.patience = patience
	for key, value := range s.values {
		if isSecret(key) {
			secret(value)
		}
	}
	c := &Client{Ignored: s.ignored()}
	if err := s.refused(); err != nil {
		return nil, err
	}
	if c.Servers, err = s.servers(); err != nil {
		return nil, err
	}
	encrypted, authenticated, err := s.protocol()
	if err != nil {
		return nil, err
	}
	if encrypted {
		if c.TLS, err = s.tls(); err != nil {
			return nil, err
		}
	}
	if authenticated {
		if c.SASL, err = s.sasl(secret); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// settings are the keys and values of a file.
type settings struct {
	path     string
	values   map[string]string
	patience time.Duration
}

// load reads a file in the syntax and the encoding of Java. A reference such as ${name}
// stays as it is, as in Java.
func load(path string) (*settings, error) {
	text, err := files.Read(path, files.Credentials)
	if err != nil {
		return nil, err
	}
	loader := properties.Loader{Encoding: properties.ISO_8859_1, DisableExpansion: true}
	p, err := loader.LoadBytes(text)
	if err != nil { // its text quotes the file
		return nil, fmt.Errorf("%s is not a valid .properties file; check its escapes: a backslash is written \\\\", path)
	}
	s := &settings{path: path, values: map[string]string{}}
	for _, key := range p.Keys() {
		s.values[key], _ = p.Get(key)
	}
	if !slices.ContainsFunc(slices.Collect(maps.Keys(s.values)), isClientKey) {
		return nil, fmt.Errorf("%s has no setting of a Kafka client; name a file with keys such as bootstrap.servers and security.protocol", path)
	}
	return s, nil
}

// wrong is an error in the value of a key, without the value.
func (s *settings) wrong(key, reason, remedy string) error {
	return fmt.Errorf("%s: %s %s; %s", s.path, key, reason, remedy)
}

// servers reads bootstrap.servers.
func (s *settings) servers() ([]string, error) {
	var out []string
	for server := range strings.SplitSeq(s.values["bootstrap.servers"], ",") {
		if server = strings.TrimSpace(server); server == "" {
			continue
		}
		if at := strings.Index(server, "://"); at >= 0 {
			server = server[at+3:] // Java accepts the name of a listener before the address
		}
		host, port, err := net.SplitHostPort(server)
		if n, wrong := strconv.Atoi(port); err != nil || wrong != nil || n < 1 || n > 65535 || host == "" || strings.ContainsAny(host, "/@ ,") {
			return nil, s.wrong("bootstrap.servers", "has an invalid address", "write host:port, separated by commas")
		}
		out = append(out, server)
	}
	return out, nil
}

// protocol reads security.protocol.
func (s *settings) protocol() (encrypted, authenticated bool, err error) {
	switch strings.ToUpper(s.value("security.protocol")) {
	case "", "PLAINTEXT":
		return false, false, nil
	case "SSL":
		return true, false, nil
	case "SASL_PLAINTEXT":
		return false, true, nil
	case "SASL_SSL":
		return true, true, nil
	}
	return false, false, s.wrong("security.protocol", "is not valid", "write PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
}

// value returns a value without spaces around it, as Kafka does.
func (s *settings) value(key string) string { return strings.TrimSpace(s.values[key]) }

var errSlow = errors.New("opening it takes too long; create it again with fewer iterations")

// within runs a function that may take long on files made to do so.
func within[T any](patience time.Duration, open func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		v, err := open()
		done <- result{v, err}
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-timer.C:
		var none T
		return none, errSlow
	}
}

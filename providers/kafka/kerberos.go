package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jcmturner/gokrb5/v8/client"
	krb5 "github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/providers"
	mechanism "github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/kerberos"
)

// kerberos returns GSSAPI: with a keytab of the plan or of KRB5_CLIENT_KTNAME, or else
// with the tickets of kinit. The realm's servers are those of KRB5_CONFIG or
// /etc/krb5.conf only: a plan must not choose the server to which a client proves
// that it knows its key.
func (l *login) kerberos(env providers.Process) (mechanism.Mechanism, error) {
	realm, err := realms(env)
	if err != nil {
		return nil, err
	}
	open, err := l.principal(env, realm)
	if err != nil {
		return nil, err
	}
	return ticketed{kerberos.Kerberos(func(context.Context) (kerberos.Auth, error) {
		c, err := open() // a new one for each session, so that no ticket expires during a long apply
		return kerberos.Auth{Client: c, Service: cmp.Or(l.Service, "kafka")}, err
	})}, nil
}

// realms reads the configuration of Kerberos.
func realms(env providers.Process) (*krb5.Config, error) {
	path := "/etc/krb5.conf"
	for p := range strings.SplitSeq(env.Getenv("KRB5_CONFIG"), ":") {
		if p = strings.TrimSpace(p); p != "" {
			path = p
			break
		}
	}
	content, err := files.Read(path, files.Credentials)
	if err != nil {
		return nil, unusable("the configuration of Kerberos", fmt.Errorf("%w; set KRB5_CONFIG to its path", err))
	}
	c, err := krb5.NewFromString(string(content))
	var skipped krb5.UnsupportedDirective
	if err != nil && !errors.As(err, &skipped) { // include and includedir are skipped
		return nil, unusable("the configuration of Kerberos", fmt.Errorf("%s is not valid", path))
	}
	return c, nil
}

// principal returns a function that logs a client in.
func (l *login) principal(env providers.Process, realm *krb5.Config) (func() (*client.Client, error), error) {
	path := cmp.Or(l.Keytab, strings.TrimPrefix(env.Getenv("KRB5_CLIENT_KTNAME"), "FILE:"))
	if path == "" || l.Keytab == "" && l.TicketCache != "" {
		return l.tickets(env, realm)
	}
	content, err := files.Read(path, files.Credentials)
	if err != nil {
		return nil, unusable("the keytab", err)
	}
	keys := keytab.New()
	if err := sound(keys.Unmarshal, content); err != nil || len(keys.Entries) == 0 {
		return nil, unusable("the keytab", fmt.Errorf("%s is not a valid keytab", path))
	}
	name, at := cmp.Or(l.Principal, keys.Entries[0].Principal.String()), realm.LibDefaults.DefaultRealm
	if i := strings.LastIndex(name, "@"); i >= 0 {
		name, at = name[:i], name[i+1:]
	}
	if at == "" {
		return nil, unusable("sasl.kerberos.principal", errors.New(
			"the realm is unknown; write NAME@REALM, or set default_realm in the configuration of Kerberos"))
	}
	return func() (*client.Client, error) {
		return client.NewWithKeytab(name, at, keys, realm, client.DisablePAFXFAST(true)), nil
	}, nil
}

// tickets uses what kinit has left.
func (l *login) tickets(env providers.Process, realm *krb5.Config) (func() (*client.Client, error), error) {
	path := cmp.Or(l.TicketCache, env.Getenv("KRB5CCNAME"), filepath.Join(os.TempDir(), "krb5cc_"+strconv.Itoa(os.Getuid())))
	if kind, rest, ok := strings.Cut(path, ":"); ok && kind == "FILE" {
		path = rest
	} else if ok && !strings.Contains(kind, "/") {
		return nil, unusable("KRB5CCNAME", fmt.Errorf("ticket caches of type %s are not supported; set KRB5CCNAME=FILE:/path and run kinit", kind))
	}
	read := func() (*credentials.CCache, error) {
		content, err := files.Read(path, files.Credentials)
		if err != nil {
			return nil, &providers.Error{Provider: Type, Op: "authenticate", Kind: providers.ErrDenied, Err: err,
				Message: fmt.Sprintf("no Kerberos ticket: %v; run kinit, or write sasl: {kerberos: {keytabFile: FILE}}", err)}
		}
		cache := new(credentials.CCache)
		if err := sound(cache.Unmarshal, content); err != nil {
			return nil, unusable("the ticket cache", fmt.Errorf("%s is not a valid ticket cache; run kinit", path))
		}
		return cache, nil
	}
	if _, err := read(); err != nil {
		return nil, err
	}
	return func() (*client.Client, error) {
		cache, err := read()
		if err != nil {
			return nil, err
		}
		return client.NewFromCCache(cache, realm, client.DisablePAFXFAST(true))
	}, nil
}

// sound calls a reader of the library, which panics on files that are damaged.
func sound(read func([]byte) error, content []byte) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("damaged")
		}
	}()
	return read(content)
}

// ticketed explains why there is no ticket.
type ticketed struct{ mechanism.Mechanism }

func (t ticketed) Authenticate(ctx context.Context, host string) (mechanism.Session, []byte, error) {
	s, first, err := t.Mechanism.Authenticate(ctx, host)
	var own *providers.Error
	if err != nil && !errors.As(err, &own) {
		err = &providers.Error{Provider: Type, Op: "authenticate", Kind: providers.ErrDenied, Err: err,
			Message: "no Kerberos ticket for the broker at " + host + ": " + reason(err)}
	}
	return s, first, err
}

// reason is the part of an error of the library that says what to do.
func reason(err error) string {
	text := err.Error()
	for code, remedy := range map[string]string{
		"KDC_ERR_S_PRINCIPAL_UNKNOWN": "the realm does not know the broker; name it as its principal does, and check sasl.kerberos.serviceName",
		"KDC_ERR_C_PRINCIPAL_UNKNOWN": "the realm does not know the client; check sasl.kerberos.principal",
		"KDC_ERR_PREAUTH_FAILED":      "the key in the keytab is not the client's present one; export the keytab again",
		"KRB_AP_ERR_SKEW":             "the clock differs too much from that of the realm; set it",
		"TGT expired":                 "the ticket has expired; run kinit",
		"Networking_Error":            "the realm's servers cannot be reached; check the configuration of Kerberos",
	} {
		if strings.Contains(text, code) {
			return remedy
		}
	}
	return "the login failed; check the keytab or run kinit"
}

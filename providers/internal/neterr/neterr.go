// Package neterr explains why a connection failed, in the terms of the person who
// wrote the address. It reads errors of the standard library by type, never by
// text, and explains nothing that an answer of a service says.
package neterr

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
)

// An Error is a failure to connect to an address, or to keep the connection.
type Error struct {
	Address string // host:port or a URL, as the plan or the cluster names it
	Err     error
}

func (e *Error) Error() string {
	if why := Explain(e.Err); why != "" {
		return e.Address + ": " + why
	}
	return e.Address + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Explain returns the cause of a failed connection with a remedy, or "" if the
// error is of another kind.
func Explain(err error) string {
	var name *net.DNSError
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return "host name " + name.Name + " not found; check its spelling, and whether this machine can resolve it"
	case errors.As(err, &name):
		return "the host name " + name.Name + " could not be resolved: the name server did not answer"
	case errors.Is(err, refused):
		return "connection refused; check the port, and whether the server is running"
	case errors.Is(err, networkUnreachable), errors.Is(err, hostUnreachable):
		return "the host is unreachable from this machine"
	}
	if why := certificate(err); why != "" {
		return why
	}
	switch {
	case errors.Is(err, reset), errors.Is(err, closed):
		return "the server closed the connection; check whether the port requires TLS, or does not use it"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the server closed the connection without an answer; check whether the port requires TLS or SASL"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), timeout(err):
		return "no answer in time; check the address, and firewalls on the way"
	}
	return ""
}

func timeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// certificate explains a failed TLS handshake.
func certificate(err error) string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &unknown):
		return "the server's certificate is signed by an unknown authority; set tls.caFile to the certificate of that authority"
	case errors.As(err, &host):
		return "the server's certificate is for another host: " + host.Error()
	case errors.As(err, &invalid):
		return "the server's certificate is not valid: " + invalid.Error()
	case errors.As(err, &record):
		return "the server does not use TLS on this port; use the TLS port, or remove TLS from the plan"
	case errors.As(err, &alert):
		return "the server refused the TLS handshake (" + alert.Error() + "); check the client certificate"
	}
	return ""
}

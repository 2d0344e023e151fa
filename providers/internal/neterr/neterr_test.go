package neterr_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/internal/neterr"
)

// TestExplain fails in the real ways, on loopback.
func TestExplain(t *testing.T) {
	plain := httptest.NewServer(nil)
	t.Cleanup(plain.Close)
	secured := httptest.NewTLSServer(nil)
	t.Cleanup(secured.Close)
	address := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := free.Addr().String()
	check(t, free.Close())
	dial := func(address string) error { _, err := net.Dial("tcp", address); return err }
	handshake := func(address string, c *tls.Config) error { _, err := tls.Dial("tcp", address, c); return err }
	late, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	t.Cleanup(cancel)
	<-late.Done()
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"nothing listens":         {dial(closed), "connection refused"},
		"an unknown host":         {&net.DNSError{Name: "nosuch.example", IsNotFound: true}, "nosuch.example not found"},
		"a silent name server":    {&net.DNSError{Name: "b.example", IsTimeout: true}, "name server did not answer"},
		"TLS on a plaintext port": {handshake(address(plain), &tls.Config{ServerName: "x", MinVersion: tls.VersionTLS12}), "does not use TLS"},
		"another authority":       {handshake(address(secured), &tls.Config{ServerName: "example.com", MinVersion: tls.VersionTLS12}), "set tls.caFile"},
		"a closed connection":     {io.EOF, "closed the connection"},
		"no answer":               {late.Err(), "no answer in time"},
		"another kind":            {errors.New("NOT_COORDINATOR"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := neterr.Explain(c.err); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("%v: got %q", c.err, got)
			}
		})
	}
	wrong := &neterr.Error{Address: "b.example:9092", Err: dial(closed)}
	if got := wrong.Error(); !strings.HasPrefix(got, "b.example:9092: connection refused") {
		t.Errorf("got %q", got)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

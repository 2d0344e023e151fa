// Package locktest starts servers of object stores that other projects wrote, for the
// tests of shared locks: versitygw for S3, fake-gcs-server for Google Cloud Storage, and
// Azurite for Azure. `make integration` fetches them; without them a test fails.
package locktest

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Bucket is the bucket or container of each server, empty at first.
const Bucket = "acme"

// A Server is a server on loopback. It can be reached through a proxy, whose address
// takes the place of its own.
type Server struct {
	Address string // host:port
	// URL returns the URL of a lock, with a query.
	URL func(address, path string) string
	// Env returns the variables by which the program finds server and credentials.
	Env func(address string) []string
	// Other are sets of variables that name the server and have other kinds of credentials.
	Other map[string][]string
	// Wrong are variables with credentials that the server refuses; nil = it checks none.
	Wrong []string
	// Refusal is in its answer to them, and NoBucket in the one for an unknown bucket.
	Refusal, NoBucket string
	// Keys returns the keys of all objects.
	Keys func() ([]string, error)
}

// Servers starts each server, by the scheme of its URLs.
var Servers = map[string]func(testing.TB) *Server{"s3": Amazon, "gs": Google, "azblob": Azure}

// root returns the folder of the repository.
func root(t testing.TB) string {
	t.Helper()
	at, err := os.Getwd()
	check(t, err)
	for {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
		if filepath.Dir(at) == at {
			t.Fatal("the repository was not found")
		}
		at = filepath.Dir(at)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// freePort returns an address of loopback on which no process listens.
func freePort(t testing.TB) (host, port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	check(t, l.Close())
	host, port, err = net.SplitHostPort(l.Addr().String())
	check(t, err)
	return host, port
}

// start runs a server until the test ends, and waits until it accepts connections. file
// is what `make TARGET` fetches.
func start(t testing.TB, file, target, address string, env []string, command ...string) {
	t.Helper()
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("%v: run make %s", err, target)
	}
	ctx, stop := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // servers of tests
	c.Env = append(c.Environ(), env...)
	var log bytes.Buffer
	c.Stdout, c.Stderr = &log, &log
	check(t, c.Start())
	ended := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		if t.Failed() {
			t.Logf("the server printed: %.4000s", log.String())
		}
	})
	for {
		select {
		case <-ended:
			t.Fatalf("the server ended: %s", log.String())
		case <-time.After(50 * time.Millisecond):
		}
		if conn, err := net.Dial("tcp", address); err == nil {
			check(t, conn.Close())
			return
		}
	}
}

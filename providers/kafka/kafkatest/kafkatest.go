// Package kafkatest runs a real Apache Kafka for tests and figures: one KRaft
// node from its published jars, on free loopback ports, with its data in a
// folder of its own.
//
// The invariant: no JVM outlives the process that started it. Each one holds
// the read end of a pipe and ends when the other end is gone, so a test that
// fails, is interrupted or killed leaves nothing behind.
//
// The package never skips. If Java or the jars are missing, Launch reports the
// command that installs them. Only tests and bench may import it.
package kafkatest

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"
)

// The broker's users, all with Password. Super may do anything, and so may every
// client of a listener without authentication; Limited may do nothing until a test
// grants it an ACL; Certified is the common name of the client's certificate and may
// do anything.
const (
	Super     = "super"
	Limited   = "limited"
	Certified = "certified"
	Password  = "kafkatest-password"
)

// Options change the broker. The zero value is a good one for tests.
type Options struct {
	// Release is the release of Kafka to run; the zero value is the newest.
	Release Release
	// Properties are added to server.properties and override it.
	Properties map[string]string
	// JVM are the flags of the broker's JVM; nil = a small heap and a quick
	// start. A measured broker gets a larger one.
	JVM []string
}

// Addresses are host:port, one for each way in.
type Addresses struct {
	Plain   string // neither encryption nor authentication
	Proxied string // the same behind Broker.Proxy
	SASL    string // PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER; not encrypted
	TLS     string // encrypted by a certificate of Files.CA
	MTLS    string // the same, and the client shows Files.Cert
}

// Files are PEM files for the encrypted addresses. Orphans and StrayKey are a
// certificate that no authority of the broker's has signed.
type Files struct{ CA, Cert, Key, Orphans, StrayKey string }

// Start launches a broker for one test and ends it with the test. Tests that
// can share a broker use Run, which pays the start once.
func Start(t testing.TB, o Options) *Broker {
	t.Helper()
	b, err := Launch(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the broker's log:\n%s", b.LogTail(40))
		}
		b.Close()
	})
	return b
}

// Run is the whole of a TestMain: it launches one broker, hands it to use,
// runs the package's tests and returns their exit code.
func Run(m *testing.M, o Options, use func(*Broker)) int {
	start := time.Now()
	b, err := Launch(context.Background(), o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer b.Close()
	fmt.Fprintf(os.Stderr, "kafkatest: Apache Kafka %s is up after %.1f s\n", o.Release.Version(), time.Since(start).Seconds())
	use(b)
	code := m.Run()
	if code != 0 {
		fmt.Fprintf(os.Stderr, "kafkatest: the end of the broker's log:\n%s", b.LogTail(40))
	}
	return code
}

package kafkatest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// RealmName is the Kerberos realm of a Realm.
const RealmName = "KAFKATEST.EXAMPLE"

// A Realm is a running KDC of MIT Kerberos for one broker at 127.0.0.1 and the client
// Super.
type Realm struct {
	Config string // krb5.conf
	Keytab string // of the client Super
	broker string // keytab of the broker
	env    []string
}

// StartRealm runs a KDC for one test and ends it with the test. It needs the Debian
// packages krb5-kdc, krb5-admin-server and krb5-user.
func StartRealm(t testing.TB) *Realm {
	t.Helper()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	r := &Realm{Config: in("krb5.conf"), Keytab: in("client.keytab"), broker: in("broker.keytab")}
	r.env = append(os.Environ(), "KRB5_CONFIG="+r.Config, "KRB5_KDC_PROFILE="+in("kdc.conf"))
	for name, text := range map[string]string{
		r.Config: fmt.Sprintf("[libdefaults]\n default_realm = %s\n dns_lookup_kdc = false\n dns_lookup_realm = false\n rdns = false\n"+
			" udp_preference_limit = 1\n[realms]\n %s = {\n  kdc = %s\n }\n", RealmName, RealmName, address),
		in("kdc.conf"): fmt.Sprintf("[kdcdefaults]\n kdc_listen = \"\"\n kdc_tcp_listen = %s\n[realms]\n %s = {\n  database_name = %s\n"+
			"  key_stash_file = %s\n  acl_file = %s\n }\n", address, RealmName, in("principals"), in("stash"), in("acl")),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.run(t, "kdb5_util", "create", "-s", "-r", RealmName, "-P", "the-master-key")
	for keytab, principal := range map[string]string{r.broker: "kafka/127.0.0.1", r.Keytab: Super} {
		r.run(t, "kadmin.local", "-r", RealmName, "-q", "addprinc -randkey "+principal)
		r.run(t, "kadmin.local", "-r", RealmName, "-q", "ktadd -k "+keytab+" "+principal)
	}
	kdc := exec.CommandContext(context.WithoutCancel(t.Context()), program("krb5kdc"), "-n", "-r", RealmName) //nolint:gosec // the system's own program
	var out bytes.Buffer
	kdc.Env, kdc.Stdout, kdc.Stderr = r.env, &out, &out
	if err := kdc.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kdc.Process.Kill(); _ = kdc.Wait() })
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return r
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("the KDC does not answer: %s", out.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// program returns the path of a program that Debian has in a folder for administrators.
func program(name string) string {
	if path, err := exec.LookPath(name); !errors.Is(err, exec.ErrNotFound) {
		return path
	}
	return filepath.Join("/usr/sbin", name)
}

func (r *Realm) run(t testing.TB, name string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program(name), args...) //nolint:gosec // the system's own programs
	c.Env = r.env
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("kafkatest: %s: %v: %s; install krb5-kdc, krb5-admin-server and krb5-user", name, err, out)
	}
}

// Tickets logs in as kinit does and returns the path of the ticket cache.
func (r *Realm) Tickets(t testing.TB) string {
	t.Helper()
	cache := filepath.Join(t.TempDir(), "tickets")
	r.run(t, "kinit", "-c", "FILE:"+cache, "-k", "-t", r.Keytab, Super)
	return cache
}

// Options are those of a broker that accepts GSSAPI, besides PLAIN, at Addresses.SASL.
func (r *Realm) Options() Options {
	return Options{
		Properties: map[string]string{
			"listener.name.sasl.sasl.enabled.mechanisms":    "PLAIN,GSSAPI",
			"listener.name.sasl.sasl.kerberos.service.name": "kafka",
			"listener.name.sasl.gssapi.sasl.jaas.config": fmt.Sprintf(`com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true `+
				`storeKey=true keyTab="%s" principal="kafka/127.0.0.1@%s";`, r.broker, RealmName),
		},
		JVM: append([]string{"-Xmx512m", "-Djava.security.krb5.conf=" + r.Config}, quickStart()...),
	}
}

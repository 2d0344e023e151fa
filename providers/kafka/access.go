package kafka

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/internal/javaclient"
	"github.com/twmb/franz-go/pkg/kgo"
)

// access is how a connection reaches a cluster: the keys of the document, and what
// they leave out, from the file of a Java client.
type access struct {
	servers []string
	tls     *tls.Config // nil = not encrypted
	login   *login      // nil = no authentication
}

// access reads files and credentials. It opens no connection.
func (keys config) access(c providers.Config, env providers.Process) (*access, error) {
	a := &access{servers: keys.BootstrapServers}
	if keys.ClientProperties != "" {
		if err := a.add(keys, c, env); err != nil {
			return nil, err
		}
	}
	if keys.TLS != nil {
		t, err := keys.TLS.config()
		if err != nil {
			return nil, err
		}
		a.tls = t
	}
	if keys.SASL != nil {
		l, err := keys.SASL.login(c.Credentials, env)
		if err != nil {
			return nil, err
		}
		a.login = l
	}
	return a, a.cleartext(c)
}

// add takes from a Java client's file what the document leaves out. Variables that the
// document names replace the credentials of the file, for its mechanism.
func (a *access) add(keys config, c providers.Config, env providers.Process) error {
	path := keys.file(c)
	file, err := javaclient.Read(path, c.Timeout, env.Secrets.Add)
	if err != nil {
		return unusable("clientProperties", err)
	}
	if err := keys.permitted(path, file.Servers, c, env); err != nil {
		return err
	}
	if len(a.servers) == 0 {
		a.servers = file.Servers
	}
	a.tls = file.TLS
	if file.SASL != nil {
		a.login = &login{SASL: *file.SASL}
	}
	if a.login != nil && keys.SASL == nil && (c.Credentials.Env != nil || c.Credentials.Profile != "") {
		if a.login, err = (&sasl{Mechanism: a.login.Mechanism, OAuth: oauthKeys{TokenEndpoint: a.login.TokenEndpoint, Scope: a.login.Scope}}).login(
			c.Credentials, env); err != nil {
			return err
		}
	}
	if env.Log != nil && len(file.Ignored) > 0 {
		env.Log.Info("client properties without an effect", "file", path, "keys", strings.Join(file.Ignored, " "))
	}
	return nil
}

// file is the path of the Java client's file, relative to the document; "" = none.
func (keys config) file(c providers.Config) string {
	if keys.ClientProperties == "" || filepath.IsAbs(keys.ClientProperties) {
		return keys.ClientProperties
	}
	return filepath.Join(c.Folder, keys.ClientProperties)
}

// servers returns the bootstrap servers of the document, or else of the file.
func (keys config) servers(c providers.Config) ([]string, error) {
	if len(keys.BootstrapServers) > 0 || keys.ClientProperties == "" {
		return keys.BootstrapServers, nil
	}
	servers, err := javaclient.Servers(keys.file(c))
	if err != nil {
		return nil, &providers.KeyError{Key: "clientProperties", InProvider: true, Reason: err.Error()}
	}
	if len(servers) == 0 {
		return nil, &providers.KeyError{Key: "clientProperties", InProvider: true, Reason: keys.ClientProperties + " has no bootstrap.servers",
			Remedy: "add bootstrapServers to the plan, or bootstrap.servers to the file"}
	}
	return servers, nil
}

// allowFiles is the variable that permits plans to combine the credentials of a file
// with keys of their own: paths and globs, separated by commas.
const allowFiles = "RESETPLAN_ALLOW_FILES"

// permitted refuses a plan that could send the credentials of any file to any host.
// Without permission, a file's credentials go only to the servers that the file itself
// names, and encrypted and proven as the file says.
func (keys config) permitted(path string, servers []string, c providers.Config, env providers.Process) error {
	var changes []string
	if slices.ContainsFunc(keys.BootstrapServers, func(s string) bool { return !slices.Contains(servers, s) }) {
		changes = append(changes, "bootstrapServers that are not among its bootstrap.servers")
	}
	if keys.TLS != nil {
		changes = append(changes, "tls")
	}
	if keys.SASL != nil || c.Credentials.Env != nil || c.Credentials.Profile != "" {
		changes = append(changes, "sasl or credentials")
	}
	if changes == nil || c.Operator || fileAllowed(path, env.Getenv(allowFiles)) {
		return nil
	}
	full, err := filepath.Abs(path)
	if err != nil {
		full = path
	}
	return &providers.Error{Provider: Type, Op: "connect", Kind: providers.ErrForbidden, Message: fmt.Sprintf(
		"the plan uses the credentials in %s with %s, which is not permitted; if the plan may send them to the servers that it names, set %s=%s",
		path, strings.Join(changes, ", and with "), allowFiles, full)}
}

// fileAllowed reports whether one of several paths and globs, separated by commas,
// means a file. Links are followed first: a link in the folder of a plan could lead
// to any file.
func fileAllowed(path, allowed string) bool {
	actual := resolved(path)
	for pattern := range strings.SplitSeq(allowed, ",") {
		if pattern = strings.TrimSpace(pattern); pattern == "" || actual == "" {
			continue
		}
		if resolved(pattern) == actual {
			return true
		}
		if full, err := filepath.Abs(pattern); err == nil && text.Match(full, actual) {
			return true
		}
	}
	return false
}

// resolved returns the absolute path of a file without links, "" if it does not exist.
func resolved(path string) string {
	actual, err := filepath.EvalSymlinks(path)
	if err == nil {
		actual, err = filepath.Abs(actual)
	}
	if err != nil {
		return ""
	}
	return actual
}

// cleartext refuses credentials that would be readable on the network.
func (a *access) cleartext(c providers.Config) error {
	if a.tls != nil || a.login == nil || c.Insecure || !slices.Contains([]string{"PLAIN", oauthBearer, awsIAM}, a.login.Mechanism) {
		return nil
	}
	for _, s := range a.servers {
		if host, _, err := net.SplitHostPort(s); err != nil || !text.Loopback(host) {
			return unusable("sasl", fmt.Errorf("%s without TLS sends the credentials unencrypted to %s; use TLS (tls: {}, or "+
				"security.protocol=SASL_SSL in clientProperties), or write insecure: true if the network is trusted", a.login.Mechanism, cmp.Or(host, s)))
		}
	}
	return nil
}

// options are the client's options for encryption and authentication.
func (a *access) options(c providers.Config, env providers.Process) ([]kgo.Opt, error) {
	for _, server := range a.servers {
		if err := env.MayReach(server); err != nil {
			return nil, failed("connect", err)
		}
	}
	dial := dialer{timeout: c.Timeout, servers: len(a.servers), tls: a.tls, reach: env.MayReach}
	out := []kgo.Opt{kgo.SeedBrokers(a.servers...), kgo.Dialer(dial.dial)}
	if a.login == nil {
		return out, nil
	}
	m, err := a.login.mechanism(c, env)
	if err != nil {
		return nil, err
	}
	return append(out, kgo.SASL(m)), nil
}

package schema

import (
	"cmp"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/resetplan/resetplan/schema/tree"
	"github.com/resetplan/resetplan/schema/yamltext"
)

// A Config is the operator's configuration, checked against its schema.
type Config struct {
	Connections []Provider // sorted by name
	Allow       Allow
	Limits      Limits
	Workloads   []Workload // sorted by name
	Notify      []Receiver
}

// Allow is what plans may do. A nil list permits what is permitted without a
// configuration; any other list refuses everything that is not in it.
type Allow struct {
	Hosts           []string
	Env             []string
	ConnectionsOnly bool
}

// Limits are upper bounds of every plan's guards; nil = none.
type Limits struct {
	MaxReplay *int64
	MaxSkip   *int64
}

// A Receiver is an address to which outcomes are posted.
type Receiver struct {
	URL     string
	URLEnv  string            // the variable that has the address, if URL is ""
	On      []string          // outcomes
	Headers map[string]string // header -> variable
	Timeout time.Duration
}

// DefaultOutcomes are the outcomes that are posted if a receiver names none.
func DefaultOutcomes() []string { return []string{"applied", "failed", "in-doubt"} }

// DefaultPatience is how long a receiver may take if the configuration does not say.
const DefaultPatience = 5 * time.Second

// ReadConfig reads the operator's configuration. The result is a whole Config or
// every error of the file.
func ReadConfig(file string, source []byte) (*Config, diag.Errors) {
	t := diag.NewSource(file, source)
	root, invalid := yamltext.Parse(t, yamltext.PlanLimit)
	if invalid != nil {
		return nil, aboutConfig(diag.Errors{*invalid})
	}
	if f := versionError(t, root, "version"); f != nil {
		return nil, diag.Errors{*f}
	}
	c := tree.NewConverter(t, nil)
	c.Index.KeysOf(root)
	value := c.Value(root, "", 0)
	if c.Full {
		return nil, c.Errors.Report()
	}
	b := newBuilder(c.Index)
	b.validate(definitions[Configuration](), value, "")
	config := b.config(object(value))
	b.misspelledNumbers()
	if errs := append(c.Errors, b.errors...); len(errs) > 0 {
		return nil, aboutConfig(errs.Report())
	}
	for i := range config.Connections {
		config.Connections[i].Folder = filepath.Dir(file)
	}
	return config, nil
}

// aboutConfig replaces the advice that is only for plans.
func aboutConfig(errs diag.Errors) diag.Errors {
	for i := range errs {
		if strings.Contains(errs[i].Remedy, "`resetplan init`") {
			errs[i].Remedy = "begin the file with version: 1"
		}
	}
	return errs
}

func (b *builder) config(o map[string]any) *Config {
	c := &Config{}
	for _, name := range sortedKeys(object(o["connections"])) {
		p := b.provider("connections", name, object(object(o["connections"])[name]))
		p.Shared = true
		c.Connections = append(c.Connections, p)
	}
	allow, limits := object(o["allow"]), object(o["limits"])
	c.Allow.Hosts, c.Allow.Env = texts(allow["hosts"]), texts(allow["env"])
	b.distinct(allow["hosts"], "allow.hosts")
	for i, written := range c.Allow.Hosts {
		if _, reason, remedy := literal.ParseHostGlob(written); reason != "" {
			b.report(b.index.Item("allow.hosts", i), false, reason, remedy)
		}
	}
	b.distinct(allow["env"], "allow.env")
	c.Allow.ConnectionsOnly, _ = allow["connectionsOnly"].(bool)
	c.Limits.MaxReplay = b.most(limits["maxReplay"], "limits.maxReplay")
	c.Limits.MaxSkip = b.most(limits["maxSkip"], "limits.maxSkip")
	for _, name := range sortedKeys(object(o["workloads"])) {
		c.Workloads = append(c.Workloads, b.workload(name, object(object(o["workloads"])[name])))
	}
	for i, r := range list(o["notify"]) {
		c.Notify = append(c.Notify, b.receiver(object(r), "notify["+strconv.Itoa(i)+"]"))
	}
	return c
}

func (b *builder) most(v any, at string) *int64 {
	if limit := b.limit(v, nil, at); limit != nil {
		return &limit.N
	}
	return nil
}

func (b *builder) receiver(o map[string]any, at string) Receiver {
	r := Receiver{URL: scalar(o["url"]), URLEnv: scalar(o["urlEnv"]), On: texts(o["on"]), Headers: map[string]string{}}
	if r.On == nil {
		r.On = DefaultOutcomes()
	}
	b.distinct(o["on"], at+".on")
	for header, variable := range object(object(o["headers"])["env"]) {
		r.Headers[header] = scalar(variable)
	}
	b.variables(object(object(o["headers"])["env"]), at+".headers.env")
	if r.Timeout = b.span(o["timeout"], at+".timeout", DefaultPatience); r.Timeout <= 0 {
		b.notZero(at + ".timeout")
	}
	switch {
	case r.URL != "" && r.URLEnv != "":
		b.report(at+".urlEnv", true, "url and urlEnv are mutually exclusive", "keep one of them")
	case o["url"] == nil && o["urlEnv"] == nil:
		b.report(at, false, "the receiver has no address", "write url: https://… or, if the address is a secret, urlEnv: NAME")
	case r.URL != "" && !b.wrong[at+".url"]:
		if reason, remedy := InvalidReceiver(r.URL); reason != "" {
			b.report(at+".url", false, reason, remedy)
			b.errors[len(b.errors)-1].Secret = true // the path of a webhook is often its secret
		}
	}
	return r
}

// InvalidReceiver returns what is wrong in the address of a receiver, without
// quoting it; "" if it is valid.
func InvalidReceiver(address string) (reason, remedy string) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return "not a valid address", "write a URL such as https://hooks.example.com/path"
	case u.User != nil:
		return "an address must not have a user or password", "name the variable of a header under headers: {env: {Authorization: NAME}}"
	case u.Scheme == "http" && !text.Loopback(u.Hostname()):
		return "http:// sends the report unencrypted to " + diag.Shorten(u.Hostname()), "write https://"
	}
	return "", ""
}

// Connection returns a connection of the configuration by its name.
func (c *Config) Connection(name string) (Provider, bool) {
	i := slices.IndexFunc(c.Connections, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, false
	}
	return c.Connections[i], true
}

// UnknownConnection returns what to write instead of a name that no connection has.
func (c *Config) UnknownConnection(name string) string {
	var known []string
	for _, p := range c.Connections {
		known = append(known, p.Name)
	}
	return cmp.Or(didYouMean(name, known, "the connections are "), "add it")
}

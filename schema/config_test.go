package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestTheConfigurationHasThePlansConnections keeps the published schema whole: it has
// a copy of the plan's connections, without parameters, which the configuration has
// not.
func TestTheConfigurationHasThePlansConnections(t *testing.T) {
	published := map[string]any{}
	if err := json.Unmarshal(configJSON, &published); err != nil {
		t.Fatal(err)
	}
	var plan map[string]any
	if err := json.Unmarshal(planJSON, &plan); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{}
	for name, rules := range object(plan["$defs"]) {
		if strings.HasPrefix(name, "provider") {
			want[name] = withoutParameters(rules)
		}
	}
	if reflect.DeepEqual(published["$defs"], want) {
		return
	}
	if !*update {
		t.Fatal("config.v1.schema.json has other connections than plan.v1.schema.json: run `make golden`")
	}
	at := bytes.LastIndex(configJSON, []byte("\n  \"$defs\": "))
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("  ", "  ")
	if err := e.Encode(want); err != nil {
		t.Fatal(err)
	}
	text := string(configJSON[:at]) + "\n  \"$defs\": " + strings.TrimSpace(out.String()) + "\n}\n"
	if err := os.WriteFile("config.v1.schema.json", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// withoutParameters returns rules in which no value may be a parameter.
func withoutParameters(rules any) any {
	switch v := rules.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, inner := range v {
			out[key] = withoutParameters(inner)
		}
		if either := list(out["anyOf"]); len(either) == 2 && lookup(either[1], "/$ref") == "#/$defs/reference" {
			delete(out, "anyOf")
			for key, inner := range object(either[0]) {
				out[key] = inner
			}
		}
		return out
	case []any:
		var out []any
		for _, inner := range v {
			out = append(out, withoutParameters(inner))
		}
		return out
	}
	return rules
}

func TestReadConfig(t *testing.T) {
	c, errs := ReadConfig("c.yaml", []byte(`version: 1
connections:
  prod: {type: kafka, bootstrapServers: "b1.internal:9093", tls: {}, sasl: {mechanism: SCRAM-SHA-512, env: {username: PROD_USER, password: PROD_PASS}}}
allow: {hosts: ["*.internal:9093", "*.aliyuncs.com"], env: "PROD_*", connectionsOnly: true}
limits: {maxReplay: 50M, maxSkip: 0}
notify: [{url: "https://hooks.internal/x", on: [applied, failed, in-doubt]}, {urlEnv: HOOK, headers: {env: {Authorization: TOKEN}}, timeout: 1s}]
`))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	replay, skip := int64(50_000_000), int64(0)
	if got := c.Connections[0]; got.Name != "prod" || !got.Shared || !slices.Equal(got.Variables(), []string{"PROD_PASS", "PROD_USER"}) {
		t.Errorf("the connection is %+v", got)
	}
	c.Connections = nil
	want := &Config{
		Allow:  Allow{Hosts: []string{"*.internal:9093", "*.aliyuncs.com"}, Env: []string{"PROD_*"}, ConnectionsOnly: true},
		Limits: Limits{MaxReplay: &replay, MaxSkip: &skip},
		Notify: []Receiver{
			{URL: "https://hooks.internal/x", On: []string{"applied", "failed", "in-doubt"}, Headers: map[string]string{}, Timeout: 5 * time.Second},
			{URLEnv: "HOOK", On: DefaultOutcomes(), Headers: map[string]string{"Authorization": "TOKEN"}, Timeout: time.Second},
		},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v, want %+v", c, want)
	}
}

// TestConfigurationErrors has the errors of each key with their places.
func TestConfigurationErrors(t *testing.T) {
	for text, want := range map[string]string{
		"limits: {maxReplay: unlimited}":                                                    "c.yaml:2:21: limits.maxReplay: invalid value",
		"limits: {maxReplay: -1}":                                                           "c.yaml:2:21: limits.maxReplay:",
		"limits: {maxReply: 1}":                                                             "c.yaml:2:10: limits.maxReply: unknown key \"maxReply\"; did you mean maxReplay?",
		"guards: {maxSkip: 1}":                                                              "c.yaml:2:1: guards: unknown key \"guards\"; known keys here are allow, connections, limits, notify, version, workloads",
		"workloads: {b: {}}":                                                                "c.yaml:2:13: workloads.b: the key stop is missing",
		"workloads: {b: {stop: kill b, start: [a]}}":                                        "c.yaml:2:23: workloads.b.stop: expected a list",
		"workloads: {b: {stop: [kill b], start: [a]}}":                                      "workloads.b.stop[0]: the program has spaces in its name; write each argument as an item of its own",
		"workloads: {b: {stop: [./b], start: [a]}}":                                         "workloads.b.stop[0]: the program is a relative path; write its absolute path, or a name that is in PATH",
		"workloads: {b: {stop: ['', x], start: [a]}}":                                       "workloads.b.stop[0]: the program has no name",
		"workloads: {b: {stop: [a], start: [a], timeout: 0s}}":                              "workloads.b.timeout: the time is zero; write for example 2m",
		"workloads: {b: {stop: [a], start: [a], env: [A=1]}}":                               "workloads.b.env[0]:",
		"workloads: {'a b': {stop: [a], start: [a]}}":                                       "invalid key \"a b\"",
		"allow: {hosts: []}":                                                                "c.yaml:2:16: allow.hosts: the list is empty; write at least one item",
		"allow: {hosts: ['a b']}":                                                           "c.yaml:2:17: allow.hosts[0]:",
		"allow: {hosts: ['https://x']}":                                                     "c.yaml:2:17: allow.hosts[0]:",
		"allow: {hosts: ['x:port']}":                                                        "c.yaml:2:17: allow.hosts[0]: not a valid port; write a host and a port, such as *.internal:9093",
		"allow: {hosts: ['::1']}":                                                           "c.yaml:2:17: allow.hosts[0]: not a valid host",
		"allow: {hosts: [x, x]}":                                                            "c.yaml:2:20: allow.hosts[1]: \"x\" is listed twice",
		"allow: {connectionsOnly: yes please}":                                              "c.yaml:2:26: allow.connectionsOnly:",
		"notify: [{url: 'http://hooks.example.com'}]":                                       "c.yaml:2:16: notify[0].url: http:// sends the report unencrypted to hooks.example.com; write https://",
		"notify: [{on: applied}]":                                                           "c.yaml:2:10: notify[0]: the receiver has no address; write url: https://…",
		"notify: [{url: 'https://h', urlEnv: X}]":                                           "c.yaml:2:29: notify[0].urlEnv: url and urlEnv are mutually exclusive; keep one of them",
		"notify: [{url: 'https://h', on: [done]}]":                                          "c.yaml:2:34: notify[0].on[0]:",
		"connections: {p: {type: kafka}}":                                                   "c.yaml:2:15: connections.p: the key bootstrapServers is missing",
		"connections: {p: {type: kafka, bootstrapServers: ['x:0']}}":                        "c.yaml:2:51: connections.p.bootstrapServers[0]:",
		"connections: {p: {type: kafka, bootstrapServers: ['x:1'], sasl: {password: abc}}}": "connections.p.sasl.password: \"password\": secrets must not be",
		"connections: {p: {type: aliyun-kafka, region: r, instanceId: i, rateLimit: 0}}":    "connections.p.rateLimit:",
	} {
		c, errs := ReadConfig("c.yaml", []byte("version: 1\n"+text+"\n"))
		if said := errs.Error(); c != nil || !strings.Contains(said, want) {
			t.Errorf("%s\n got %s\nwant %s", text, said, want)
		}
	}
	for text, want := range map[string]string{
		"":             "c.yaml:1:1",
		"version: 2\n": "version 2 is not supported",
		"- a\n":        "begin the file with version: 1",
		"a: b: c\n":    "c.yaml:1:",
	} {
		if _, errs := ReadConfig("c.yaml", []byte(text)); !strings.Contains(errs.Error(), want) || strings.Contains(errs.Error(), "resetplan init") {
			t.Errorf("%q\n got %s\nwant %s", text, errs.Error(), want)
		}
	}
}

// TestAReceiversSecretIsNotShown covers the places in which an address or a token may
// be written.
func TestAReceiversSecretIsNotShown(t *testing.T) {
	const secret = "T00S3CR3Tv4lue"
	for _, text := range []string{
		"notify: [{url: 'hooks.example.com/" + secret + "'}]",
		"notify: [{url: 'http://hooks.example.com/" + secret + "'}]",
		"notify: [{url: 'https://me:" + secret + "@hooks.example.com'}]",
		"notify: [{urlEnv: 'https://hooks.example.com/" + secret + "'}]",
		"notify: [{url: 'https://h', headers: {env: {Authorization: 'Bearer " + secret + "'}}}]",
		"notify: [{url: 'https://h', headers: {Authorization: '" + secret + "'}}]",
		"notify: [{url: 'https://h', headers: {env: {Authorization: " + secret + "}}}]",
	} {
		_, errs := ReadConfig("c.yaml", []byte("version: 1\n"+text+"\n"))
		var shown bytes.Buffer
		if err := errs.Render(&shown); err != nil || len(errs) == 0 || strings.Contains(shown.String(), secret) {
			t.Errorf("%s shows\n%s", text, shown.String())
		}
	}
}

// TestAPlanUsesSharedConnections shows which connection a step gets.
func TestAPlanUsesSharedConnections(t *testing.T) {
	shared := []Provider{{Name: "other", Type: "kafka", Shared: true}, {Name: "prod", Type: "kafka", Endpoint: "shared", Shared: true}}
	const step = "steps: [{id: s, provider: prod, target: {group: g, topic: t}, to: earliest}]\n"
	doc, errs := Read("p.yaml", []byte("version: 1\nname: p\n"+step), nil, shared)
	if len(errs) > 0 || len(doc.Providers) != 1 || !doc.Providers[0].Shared {
		t.Fatalf("a plan without providers: %v", errs)
	}
	own := "providers: {prod: {type: kafka, bootstrapServers: ['x:1']}}\n"
	doc, errs = Read("p.yaml", []byte("version: 1\nname: p\n"+own+step), nil, shared)
	if len(errs) > 0 || len(doc.Providers) != 1 || doc.Providers[0].Shared {
		t.Fatalf("the plan's own connection does not win: %+v %v", doc.Providers, errs)
	}
	_, errs = Read("p.yaml", []byte("version: 1\nname: p\n"+step), nil, nil)
	if !strings.Contains(errs.Error(), "the key providers is missing") {
		t.Errorf("without connections: %v", errs)
	}
}

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
)

// TestEveryProviderIsComplete lists what is missing of a provider that was added to
// providers/all: see "Adding a service" in docs/CONTRIBUTING.md.
func TestEveryProviderIsComplete(t *testing.T) {
	for _, p := range all.Providers() {
		for what, missing := range incomplete(t, p) {
			if missing != "" {
				t.Errorf("%s has no %s: %s", p.Type(), what, missing)
			}
		}
	}
}

// TestAnIncompleteProviderIsReported shows that each requirement can fail.
func TestAnIncompleteProviderIsReported(t *testing.T) {
	for what, missing := range incomplete(t, newcomer{}) {
		if missing == "" {
			t.Errorf("a provider without anything has a %s", what)
		}
	}
}

// TestSelectorsAreInTheSchema compares what a provider can select with the keys of the
// plan's schema.
func TestSelectorsAreInTheSchema(t *testing.T) {
	for _, p := range all.Providers() {
		var selectors, keys []string
		for _, one := range p.Capabilities().Selects {
			selectors = append(selectors, one.Key+" for "+one.One)
		}
		for _, one := range schema.Selections(p.Type()) {
			keys = append(keys, one.Key+" for "+one.One)
		}
		if !slices.Equal(selectors, keys) {
			t.Errorf("Capabilities.Selects of %s has %q, x-selects of target-%s in schema/plan.v1.schema.json has %q", p.Type(), selectors, p.Type(), keys)
		}
	}
}

// withoutAPI are providers without a folder internal/api, and why.
var withoutAPI = map[string]string{
	"kafka": "franz-go speaks the protocol of Kafka itself: its requests and responses are plain values, and hold no JSON",
}

// ownServers are providers without answers in testdata/real, and why.
var ownServers = map[string]string{"kafka": "kafkatest runs a real broker"}

// newcomer is a provider that consists of one line in providers/all.
type newcomer struct{ providers.Provider }

func (newcomer) Type() string                         { return "new-comer" }
func (newcomer) Capabilities() providers.Capabilities { return providers.Capabilities{} }

// incomplete returns, for each thing that a provider needs, where to add it, or ""
// if it exists.
func incomplete(t *testing.T, p providers.Provider) map[string]string {
	t.Helper()
	folder := strings.ReplaceAll(p.Type(), "-", "")
	path := filepath.Join("..", "..", "providers", folder)
	out := map[string]string{}
	for _, name := range []string{folder + ".go", "target.go", "read.go", "reset.go", "errors.go", "script.go"} {
		out["file "+name] = unless(exists(filepath.Join(path, name)), "add it to providers/"+folder)
	}
	if withoutAPI[p.Type()] == "" {
		out["folder internal/api"] = unless(exists(filepath.Join(path, "internal", "api")), "add providers/"+folder+"/internal/api, the only place of the "+
			"vendor's SDK and of raw answers")
	}
	if ownServers[p.Type()] == "" {
		out["answers of the real service"] = unless(contains(t, filepath.Join(path, "real_test.go"), "providertest.Samples["),
			"add them to providers/"+folder+"/testdata/real, and read them by providertest.Samples in real_test.go")
	}
	out["page"] = unless(exists(filepath.Join("..", "..", "docs", "services", p.Type()+".md")), "add docs/services/"+p.Type()+".md")
	out["emulated service"] = unless(exists(filepath.Join(path, folder+"fake")), "add providers/"+folder+"/"+folder+"fake")
	out["run of the conformance suite"] = unless(contains(t, filepath.Join(path, "*_test.go"), "providertest.Run("), "call providertest.Run in "+
		"a test of providers/"+folder)
	out["schema of the connection"] = unless(contains(t, "../../schema/plan.v1.schema.json", `"provider-`+p.Type()+`"`),
		"add provider-"+p.Type()+" to schema/plan.v1.schema.json")
	out["schema of the target"] = unless(contains(t, "../../schema/plan.v1.schema.json", `"target-`+p.Type()+`"`), "add target-"+p.Type()+" to "+
		"schema/plan.v1.schema.json")
	out["starter plan"] = unless(exists(filepath.Join("init", p.Type()+".yaml")), "add cmd/resetplan/init/"+p.Type()+".yaml")
	out["sandbox service"] = unless(contains(t, "../../providers/sandbox/*.go", `"`+p.Type()+`"`), "add it to kinds in providers/sandbox")
	out["example"] = unless(contains(t, "../../examples/*/plan.yaml", "type: "+p.Type()), "add a folder to examples")
	out["description of its credentials"] = unless(p.Capabilities().Credentials != nil, "set Capabilities.Credentials")
	out["rows of the services"] = unless(contains(t, "../../docs/services/README.md", "| "+p.Type()+" | `"), "run `make generate`")
	out["row in the README"] = unless(contains(t, "../../README.md", "| `"+p.Type()+"` |"), "add it to the services in README.md and docs/zh/README.md")
	return out
}

func unless(there bool, remedy string) string {
	if there {
		return ""
	}
	return remedy
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func contains(t *testing.T, glob, text string) bool {
	t.Helper()
	names, err := filepath.Glob(glob)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), text) {
			return true
		}
	}
	return false
}

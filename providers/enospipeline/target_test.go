package enospipeline_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline"
	"github.com/resetplan/resetplan/providers/providertest"
)

// at is a configuration of an organisation behind a gateway.
func at(endpoint, org string) providers.Config {
	return providers.Config{Endpoint: endpoint, Decode: providertest.Keys(map[string]any{"orgId": org})}
}

func TestEverySpellingOfAGatewayIsOneAddress(t *testing.T) {
	goal := func(endpoint, org, id string) providers.Target {
		got, err := enospipeline.New().Target(at(endpoint, org), providertest.Keys(map[string]any{"pipelineId": id}))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	one := goal("https://apim.example.com", "o1", "p")
	if one.Address() != "enos-pipeline:apim.example.com/o1/p" {
		t.Errorf("its address is %s", one.Address())
	}
	for _, same := range []string{"https://APIM.example.com", "https://apim.example.com:443", "https://apim.example.com/",
		"http://apim.example.com:80"} {
		if got := goal(same, "o1", "p"); got.Address() != one.Address() || !got.Overlaps(one) {
			t.Errorf("%s is another: %s", same, got.Address())
		}
	}
	for _, other := range []providers.Target{goal("https://apim.example.com:8443", "o1", "p"), goal("https://apim.example.com", "o2", "p"),
		goal("https://apim.example.com", "o1", "P")} {
		if other.Address() == one.Address() || other.Overlaps(one) {
			t.Errorf("%s and %s overlap", other.Address(), one.Address())
		}
	}
}

// names reports whether an error is about a key.
func names(err error, key string) bool {
	var wrong *providers.KeyError
	return errors.As(err, &wrong) && wrong.Key == key
}

func TestInvalidDocumentsNameTheKey(t *testing.T) {
	for name, c := range map[string]struct {
		config providers.Config
		id     string
		want   string
	}{
		"no endpoint":                {at("", "o1"), "p", "endpoint"},
		"no URL":                     {at("apim.example.com", "o1"), "p", "endpoint"},
		"no host":                    {at("https://", "o1"), "p", "endpoint"},
		"another scheme":             {at("ftp://apim.example.com", "o1"), "p", "endpoint"},
		"a secret in it":             {at("https://me:pass@apim.example.com", "o1"), "p", "endpoint"},
		"a query in it":              {at("https://apim.example.com?orgId=o2", "o1"), "p", "endpoint"},
		"no organisation":            {at("https://apim.example.com", ""), "p", "orgId"},
		"no pipeline":                {at("https://apim.example.com", "o1"), "", "pipelineId"},
		"an id that leaves the path": {at("https://apim.example.com", "o1"), "..", "pipelineId"},
		"an id that is the path":     {at("https://apim.example.com", "o1"), ".", "pipelineId"},
	} {
		_, err := enospipeline.New().Target(c.config, providertest.Keys(map[string]any{"pipelineId": c.id}))
		if !names(err, c.want) || strings.Contains(err.Error(), "pass@") {
			t.Errorf("%s: got %v", name, err)
		}
		if c.want == "pipelineId" {
			continue
		}
		if _, err := enospipeline.New().Connect(c.config, providers.Process{}); !errors.Is(err, providers.ErrInvalid) ||
			!names(err, c.want) {
			t.Errorf("%s: connect: got %v", name, err)
		}
	}
}

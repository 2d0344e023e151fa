package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

func TestEveryKeyHasADescription(t *testing.T) {
	for _, k := range []Kind{Plan, Lock, Saved, Configuration} {
		var schema any
		if err := json.Unmarshal(JSON(k), &schema); err != nil {
			t.Fatal(err)
		}
		described(t, string(k), schema)
	}
}

// TestPublishedSchemasCompile compiles the published files as
// themselves, under the draft that they name, and by what the program compiles.
func TestPublishedSchemasCompile(t *testing.T) {
	for _, kind := range []Kind{Plan, Lock, Saved, Configuration} {
		published := jsonschema.NewCompiler()
		published.AssertFormat = true
		id := fmt.Sprint(parsed(JSON(kind))["$id"])
		if err := published.AddResource(id, bytes.NewReader(JSON(kind))); err != nil {
			t.Fatal(err)
		}
		if _, err := published.Compile(id); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	tls := map[string]any{"type": "kafka", "bootstrapServers": []any{"b:9092"}, "tls": map[string]any{"certFile": "c.pem"}}
	kafka := branches()["provider-kafka"]()
	if err := kafka.compiled.Validate(tls); err == nil {
		t.Error("a certificate without its key is taken")
	}
	tls["tls"] = map[string]any{"certFile": "c.pem", "keyFile": "k.pem"}
	if err := kafka.compiled.Validate(tls); err != nil {
		t.Error(err)
	}
}

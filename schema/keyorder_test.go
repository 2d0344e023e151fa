package schema

import (
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/schema/diag"
	"gopkg.in/yaml.v3"
)

// unplaced are the sentences about a document without places and lines.
func unplaced(errs diag.Errors) []string {
	var out []string
	line := regexp.MustCompile(`line [0-9]+|column [0-9]+`)
	for _, f := range errs {
		out = append(out, line.ReplaceAllString(f.Path+": "+f.Reason+"; "+f.Remedy, "line"))
	}
	slices.Sort(out)
	return out
}

// shuffled puts the keys of each mapping of a document in another order.
func shuffled(n *yaml.Node, order *rand.Rand) {
	if n.Kind == yaml.MappingNode {
		var pairs [][]*yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			pairs = append(pairs, n.Content[i:i+2])
		}
		order.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		n.Content = slices.Concat(pairs...)
	}
	for _, inner := range n.Content {
		shuffled(inner, order)
	}
}

// FuzzKeyOrder holds what is said of a plan to be the same in any order of its
// keys. Aliases, which must follow their anchors, and duplicate keys are left out.
func FuzzKeyOrder(f *testing.F) {
	for _, file := range []string{"testdata/spec.yaml", "testdata/invalid.yaml"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for seed := range uint64(8) {
			f.Add(string(raw), seed)
		}
	}
	f.Add(wrap("to: {offset: 010, shift: 2, tz: UTC}, needs: [a, b], start: {executionMode: 2}"), uint64(1))
	f.Add(connected("    sasl: {env: {password: 1}}\n    timeout: 30\n    endpoint: http://x"), uint64(2))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) > 20_000 || strings.ContainsAny(text, "&*") {
			t.Skip()
		}
		var root yaml.Node
		if err := yaml.Unmarshal([]byte(text), &root); err != nil {
			t.Skip()
		}
		forward, err1 := yaml.Marshal(&root)
		shuffled(&root, rand.New(rand.NewPCG(seed, 1)))
		backward, err2 := yaml.Marshal(&root)
		if err1 != nil || err2 != nil {
			t.Skip()
		}
		_, one := Parse("p.yaml", forward, nil)
		_, two := Parse("p.yaml", backward, nil)
		if strings.Contains(one.Error(), "duplicate key") || len(one) > diag.MostShown {
			t.Skip()
		}
		if a, b := unplaced(one), unplaced(two); !reflect.DeepEqual(a, b) {
			t.Errorf("in one order\n%s\nin another\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
	})
}

package schema

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/schema/diag"
	"gopkg.in/yaml.v3"
)

// What reading a plan may allocate: so much, and so much for each of its bytes.
// An alias may make a short plan a large one, within the document's limits.
const (
	planAllowance    = 16 << 20
	planAllowanceOf  = 8 << 10
	aliasesAllowance = 1 << 30
)

// FuzzPlan holds what is promised of any text that is given for a plan: it is
// read within a budget of memory; it is a whole document or has errors, each at
// a place of the file; and a document that is written and read again is the
// same, and has the same digest if its text is the same.
func FuzzPlan(f *testing.F) {
	for _, file := range []string{"testdata/spec.yaml", "testdata/invalid.yaml"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, text := range []string{
		wrap("to: latest"), wrap("to: {timestamp: 2026-11-18T00:00:00, timezone: Asia/Shanghai}, guards: {maxReplay: 5M, maxAge: 3d}"),
		wrap("to: {offsets: {0: 100, 1: 250}}, idle: {wait: 5m}"), connected("    sasl: {env: {password: 1}}\n    timeout: 30\n    endpoint: http://x"),
		"a: &a [*a]", "\ufeff%YAML 1.2\n---\r\nversion: 1\r\n", "a: [{", "x: 1\n  y: 2", "a: \"\t", "? - ? - ?\n", strings.Repeat("k: 1\n",
			200), "a: *b\n", "", "---\n...\n",
		"apiVersion: v1\nkind: x\nmetadata: {name: a}\nspec: {provider: kafka, brokers: 'b:1', group: g, topics: t, to: earliest}\n",
		"version: 1\nproviders: [{name: k, kind: kafka, brokers: 'b:1'}]\nsteps: {a: {group: g, to: {type: offset, value: 5}}, b: {}}\n",
		"version: 1\nname: p\nprovider: k\nsteps: [{offsets: [{partition: 0, offset: 1}]}, {strategy: latest}]\nproviders: {type: kafka}\n",
		"a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n",
	} {
		f.Add([]byte(text))
	}
	warm()
	f.Fuzz(func(t *testing.T, raw []byte) {
		values := givenTo(raw)
		var d *Document
		var errs diag.Errors
		used := allocated(func() { d, errs = Parse("f.yaml", raw, values) })
		most := planAllowance + planAllowanceOf*len(raw)
		if bytes.ContainsAny(raw, "*$") {
			most = aliasesAllowance
		}
		if used > most {
			t.Errorf("%d bytes allocate %d, and %d are allowed", len(raw), used, most)
		}
		if (d == nil) == (len(errs) == 0) {
			t.Errorf("a document: %v, errors: %v", d != nil, errs)
		}
		placed(t, errs, map[string][]byte{"f.yaml": raw})
		var out bytes.Buffer
		if err := errs.Render(&out); err != nil {
			t.Error(err)
		}
		if d != nil {
			readAgain(t, d)
		}
	})
}

// givenTo are the parameters of a plan: the example of the specification requires one.
func givenTo(raw []byte) map[string]string {
	if bytes.Contains(raw, []byte("since:")) {
		return map[string]string{"since": "2026-11-18T00:00:00Z"}
	}
	return nil
}

// readAgain writes a document again and reads it, twice.
func readAgain(t *testing.T, d *Document) {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(bytes.TrimPrefix(d.Source, []byte("\ufeff")), &root); err != nil {
		return // a directive that the library does not know
	}
	forget(&root)
	text, err := yaml.Marshal(&root)
	var same yaml.Node
	if err != nil || yaml.Unmarshal(text, &same) != nil || !alike(&root, &same) {
		return // the library writes something else than it read
	}
	values := givenTo(d.Source)
	one, errs := Parse("f.yaml", text, values)
	if len(errs) > 0 {
		t.Fatalf("%q is written again as %q, which has errors: %v", d.Source, text, errs)
	}
	two, _ := Parse("f.yaml", text, values)
	if two.Digest != one.Digest {
		t.Errorf("the same text has the digests %s and %s", one.Digest, two.Digest)
	}
	if a, b := meaning(d), meaning(one); !reflect.DeepEqual(a, b) {
		t.Errorf("%q means %+v\nwritten again as %q it means %+v", d.Source, a, text, b)
	}
}

// meaning is a document without its text and what follows from that alone.
func meaning(d *Document) Document {
	out := *d
	out.Source, out.Digest, out.nodes, out.wrong = nil, "", nil, nil
	return out
}

// forget removes comments, which the library does not always write where they
// are read again.
func forget(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, inner := range n.Content {
		forget(inner)
	}
}

// alike reports whether two nodes hold the same values.
func alike(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || a.ShortTag() != b.ShortTag() || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !alike(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

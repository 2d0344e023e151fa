package text_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/text"
	"gopkg.in/yaml.v3"
)

// FuzzScalar compares what Scalar writes with what the YAML library reads.
func FuzzScalar(f *testing.F) {
	for _, s := range []string{"", "a", "null", "1200", "offset:1200", "a: b", "#", "- x", "\x7f\u0085\ufeff\u2028", "é\t\n", "2026-11-20",
		"sha256:ab", strings.Repeat("1", 64), "sha256:" + strings.Repeat("1", 64), "0x1", ".5", "~", "{", "*a", "\U0010ffff", "pay\u202eslip",
		"a\u200bb", "\ufffe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		var back struct{ V any }
		if err := yaml.Unmarshal([]byte("v: "+text.Scalar(s)+"\n"), &back); err != nil {
			t.Fatalf("%q is written as %s: %v", s, text.Scalar(s), err)
		}
		if back.V != any(s) {
			t.Errorf("%q is written as %s and read as %#v", s, text.Scalar(s), back.V)
		}
	})
}

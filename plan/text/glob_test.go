package text_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/text"
)

func TestGlobSupportsOnlyStarAndQuestionMark(t *testing.T) {
	for _, c := range []struct {
		pattern          string
		matches, rejects []string
	}{
		{"", []string{""}, []string{"a"}},
		{"*", []string{"", "a", "a/b", "ü", "*", "\xff"}, nil},
		{"**", []string{"", "a"}, nil},
		{"?", []string{"a", "ü", "/", "?", "\xff"}, []string{"", "ab", "üü"}},
		{"orders", []string{"orders"}, []string{"order", "orders-late", "Orders"}},
		{"orders-*", []string{"orders-", "orders-a", "orders-a/b"}, []string{"orders", "orders/a"}},
		{"*-orders", []string{"a-orders", "orders-orders"}, []string{"a-orders-b"}},
		{"a*b*c", []string{"abc", "aXbYc", "abbcc", "abcabc"}, []string{"ab", "acb", "abcd"}},
		{"a?c*", []string{"abc", "aücd"}, []string{"ac", "abbc"}},
		{"a[x]b", []string{"a[x]b"}, []string{"axb"}},
		{"a[*]b", []string{"a[]b", "a[xyz]b"}, []string{"a*b", "axb"}},
		{`a\*`, []string{`a\`, `a\b`}, []string{"a*", "ab"}},
		{"[!a]?", []string{"[!a]b"}, []string{"bb"}},
		{"\xff*", []string{"\xffa"}, []string{"\xfea"}},
	} {
		for _, name := range c.matches {
			if !text.Match(c.pattern, name) {
				t.Errorf("%q does not match %q", c.pattern, name)
			}
		}
		for _, name := range c.rejects {
			if text.Match(c.pattern, name) {
				t.Errorf("%q matches %q", c.pattern, name)
			}
		}
	}
	for name, want := range map[string]bool{"a": false, "a[x]b": false, "a*": true, "a?": true, "": false, `a\b`: false} {
		if got := text.IsGlob(name); got != want {
			t.Errorf("IsGlob(%q) is %v", name, got)
		}
	}
}

// TestGlobWithManyStarsTerminates would never end with a matcher that backtracks
// over every star.
func TestGlobWithManyStarsTerminates(t *testing.T) {
	if text.Match(strings.Repeat("a*", 100)+"b", strings.Repeat("a", 10_000)) {
		t.Error("a name without b matches")
	}
}

package all

import "testing"

func TestEveryTypeIsListedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Providers() {
		if p.Type() == "" || seen[p.Type()] {
			t.Errorf("the type %q is empty or listed twice", p.Type())
		}
		seen[p.Type()] = true
	}
	if len(seen) == 0 {
		t.Error("no provider is listed")
	}
}

package partset

import "testing"

func TestASetHasOneSpelling(t *testing.T) {
	for want, given := range map[string][]int{"*": nil, "0": {0}, "0-3,7": {7, 3, 0, 2, 1, 3}, "1,3,5-6": {5, 6, 3, 1}} {
		s, err := Of("partitions", given)
		if err != nil || s.String() != want {
			t.Errorf("%v: got %q, %v, want %q", given, s, err, want)
		}
	}
	for _, given := range [][]int{{}, {-1, 2}} {
		if s, err := Of("partitions", given); err == nil {
			t.Errorf("%v is accepted as %q", given, s)
		}
	}
}

func TestSetsMeetIfTheyHaveACommonNumber(t *testing.T) {
	for _, c := range []struct {
		a, b Set
		want bool
	}{{nil, nil, true}, {nil, Set{3}, true}, {Set{3}, nil, true}, {Set{1, 3}, Set{3, 4}, true}, {Set{1, 3}, Set{0, 2}, false}} {
		if got := c.a.Meets(c.b); got != c.want || c.b.Meets(c.a) != got {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

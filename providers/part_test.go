package providers

import (
	"slices"
	"testing"
)

func TestPartHasOneSpelling(t *testing.T) {
	for text, p := range map[string]Part{
		"":                    {},
		"orders/0":            {Topic: "orders"},
		"orders/12":           {Topic: "orders", Number: 12},
		"shard/2":             {Topic: "shard", Number: 2},
		"topic_01/broker-0/3": {Topic: "topic_01", Broker: "broker-0", Number: 3},
	} {
		if got := p.String(); got != text {
			t.Errorf("%q is written %q", text, got)
		}
		var got Part
		if err := got.UnmarshalText([]byte(text)); err != nil || got != p {
			t.Errorf("%q is read as %+v, %v", text, got, err)
		}
	}
}

func TestPartRefusesWhatItDoesNotWrite(t *testing.T) {
	for _, text := range []string{"orders", "/0", "orders/", "orders/x", "orders/-1", "orders/99999999999999999999", "//1"} {
		if got, err := ParsePart(text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func TestPartsAreOrderedByNumberNotByText(t *testing.T) {
	want := []Part{{}, {Topic: "a", Number: 2}, {Topic: "a", Number: 10}, {Topic: "a", Broker: "b0", Number: 1}, {Topic: "a", Broker: "b1"},
		{Topic: "b"}}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Part.Compare)
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// FuzzPart holds a part to have one spelling, in which it is read as what it
// was, and two of them to be in one order.
func FuzzPart(f *testing.F) {
	for _, text := range []string{"", "orders/0", "t/b/3", "a//1", "a/b/c/1", "a/+1", "a/01"} {
		f.Add(text, "orders/10")
		f.Add(text, "t/b/3")
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		p, err := ParsePart(text)
		if err != nil {
			if p != (Part{}) {
				t.Errorf("%q is read as %+v with an error", text, p)
			}
			return
		}
		if again, err := ParsePart(p.String()); err != nil || again != p || again.String() != p.String() {
			t.Errorf("%q is read as %+v, written %q, read as %+v, %v", text, p, p, again, err)
		}
		q, err := ParsePart(other)
		if err != nil {
			return
		}
		if p.Compare(q) != -q.Compare(p) || (p.Compare(q) == 0) != (p == q) || (p.String() == q.String()) != (p == q) {
			t.Errorf("%+v and %+v compare as %d and %d, and are written %q and %q", p, q, p.Compare(q), q.Compare(p), p, q)
		}
	})
}

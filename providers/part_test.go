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

func FuzzPart(f *testing.F) {
	for _, text := range []string{"", "orders/0", "t/b/3", "a//1", "a/b/c/1", "a/+1", "a/01"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePart(text)
		if err != nil {
			return
		}
		if again, err := ParsePart(p.String()); err != nil || again != p {
			t.Errorf("%q is read as %+v, written %q, read as %+v, %v", text, p, p, again, err)
		}
	})
}

package providertest

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

func readHasNoEffect(t *testing.T, b *bench) {
	before, writes := b.Committed(), b.Writes()
	b.read(t, providers.AtTime(b.Within))
	if lister, ok := b.conn.(providers.Lister); ok {
		if _, err := lister.Groups(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.Writes() - writes; n != 0 {
		t.Errorf("%d requests have changed something, joined or kept alive", n)
	}
	if after := b.Committed(); !reflect.DeepEqual(before, after) {
		t.Errorf("it stood at %v and stands at %v", before, after)
	}
}

func readInOrder(t *testing.T, b *bench) {
	reqs := []providers.ReadRequest{{Target: b.goal}, {Target: b.target(t, b.Unknown[0].Target)}, {Target: b.goal}}
	got := b.conn.Read(t.Context(), reqs)
	if len(got) != 3 || got[0].Err != nil || got[2].Err != nil {
		t.Fatalf("got %+v", got)
	}
	if !reflect.DeepEqual(got[0].Parts, got[2].Parts) || reflect.DeepEqual(got[0], got[1]) {
		t.Error("the answers are not in the order of the requests")
	}
}

func missing(t *testing.T, b *bench) {
	for _, u := range b.Unknown {
		s := b.conn.Read(t.Context(), []providers.ReadRequest{{Target: b.target(t, u.Target)}})[0]
		if errors.Is(s.Err, providers.ErrNotFound) {
			oneLine(t, s.Err)
			continue
		}
		if s.Err != nil || !slices.ContainsFunc(s.Missing, func(m providers.Missing) bool { return m.What == u.What }) {
			t.Errorf("%v: the %s that is not there is not told: %+v", u.Target, u.What, s)
		}
	}
}

func boundaries(t *testing.T, b *bench) {
	s := b.read(t)
	if len(s.Parts) < 2 && b.caps.Reads == providers.Exact {
		t.Fatalf("got %d parts", len(s.Parts))
	}
	if !slices.IsSortedFunc(s.Parts, func(a, b providers.PartReading) int { return a.Part.Compare(b.Part) }) {
		t.Error("the parts are not sorted")
	}
	for _, p := range s.Parts {
		if b.caps.Reads == providers.Exact && p.Committed != b.Committed()[p.Part] {
			t.Errorf("%s stands at %s, and is read at %s", p.Part, b.Committed()[p.Part], p.Committed)
		}
		low, ok1 := p.Committed.Distance(p.Low)
		high, ok2 := p.High.Distance(p.Committed)
		if b.caps.Bounds == providers.Exact && b.caps.Reads == providers.Exact && (!ok1 || !ok2 || low < 0 || high < 0) {
			t.Errorf("%s: %s is not between %s and %s", p.Part, p.Committed, p.Low, p.High)
		}
	}
	if b.caps.Activity == providers.Exact && b.caps.Needs != providers.UnknownState && s.Activity.State != b.caps.Needs {
		t.Errorf("the consumers are %s (%s)", s.Activity.State, s.Activity.Why)
	}
}

func resolution(t *testing.T, b *bench) {
	at := providers.AtTime(b.Within)
	far := providers.AtTime(b.Env.Now().AddDate(10, 0, 0))
	donor := providers.PlaceOf(b.Donor)
	var ask []providers.Position
	for _, p := range []providers.Position{at, far, providers.At(providers.Earliest), providers.At(providers.Latest), donor} {
		if b.caps.Resolves[p.Kind()] {
			ask = append(ask, p)
		}
	}
	needs(t, len(ask) > 0, "resolving positions")
	for _, p := range b.read(t, ask...).Parts {
		for _, pos := range ask {
			got, ok := p.Resolved[pos]
			switch {
			case !ok:
				t.Errorf("%s: %s is not resolved", p.Part, pos)
			case pos == far && got.Kind() != providers.Latest:
				t.Errorf("%s: a time past the end is %s", p.Part, got)
			case pos.Kind() == providers.Earliest && got != p.Low, pos.Kind() == providers.Latest && got != p.High:
				t.Errorf("%s: %s is %s", p.Part, pos, got)
			case pos == donor && (got == p.Committed || got.Kind() == providers.Unknown):
				t.Errorf("%s: the other group stands at %s", p.Part, got)
			case pos == at:
				if n, ok := got.Distance(p.Low); !ok || n <= 0 {
					t.Errorf("%s: a time within the log is %s", p.Part, got)
				}
			}
		}
	}
}

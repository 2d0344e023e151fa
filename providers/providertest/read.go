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
	for _, one := range b.caps.Selects {
		if _, err := b.conn.(providers.Lister).Names(t.Context(), one.One, b.within(one)); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.Writes() - writes; n != 0 {
		t.Errorf("%d requests changed something, joined a group or sent heartbeats", n)
	}
	if after := b.Committed(); !reflect.DeepEqual(before, after) {
		t.Errorf("the positions were %v and are %v", before, after)
	}
}

func readInOrder(t *testing.T, b *bench) {
	if got := b.conn.Read(t.Context(), nil); len(got) != 0 {
		t.Errorf("for no request it answers %+v", got)
	}
	reqs := []providers.ReadRequest{{Target: b.goal}, {Target: b.target(t, b.Unknown[0].Target)}, {Target: b.goal}}
	got := b.conn.Read(t.Context(), reqs)
	if len(got) != 3 || got[0].Err != nil || got[2].Err != nil {
		t.Fatalf("got %+v", got)
	}
	if !reflect.DeepEqual(got[0].Parts, got[2].Parts) || reflect.DeepEqual(got[0], got[1]) {
		t.Error("the answers are not in the order of the requests")
	}
}

// readsAsClaimed shows that a provider makes nothing up.
func readsAsClaimed(t *testing.T, b *bench) {
	var unclaimed []providers.Position
	for _, p := range []providers.Position{providers.AtTime(b.Within), providers.At(providers.Earliest), providers.At(providers.Latest),
		providers.PlaceOf(b.Donor)} {
		if !b.caps.Resolves[p.Kind()] && !b.caps.Approximates[p.Kind()] {
			unclaimed = append(unclaimed, p)
		}
	}
	s := b.read(t, unclaimed...)
	if b.caps.Activity == providers.No && s.Activity.State != providers.UnknownState {
		t.Errorf("the consumers are reported as %s, which is not claimed", s.Activity.State)
	}
	if s.Activity.State == providers.UnknownState && s.Activity.Why == "" {
		t.Error("the activity is unknown, and Why is empty")
	}
	for _, p := range s.Parts {
		if b.caps.Reads == providers.No && (p.Committed != providers.Position{} || p.Metadata != nil) {
			t.Errorf("%s is reported at %s, which is not claimed", p.Part, p.Committed)
		}
		if b.caps.Bounds == providers.No && (p.Low != providers.Position{} || p.High != providers.Position{}) {
			t.Errorf("%s is reported from %s to %s, which is not claimed", p.Part, p.Low, p.High)
		}
		if len(p.Resolved) > 0 && len(unclaimed) > 0 {
			t.Errorf("%s: what is not claimed is resolved: %v", p.Part, p.Resolved)
		}
	}
}

func missing(t *testing.T, b *bench) {
	for _, u := range b.Unknown {
		s := b.conn.Read(t.Context(), []providers.ReadRequest{{Target: b.target(t, u.Target)}})[0]
		if errors.Is(s.Err, providers.ErrNotFound) {
			b.oneLine(t, s.Err)
			continue
		}
		if s.Err != nil || !slices.ContainsFunc(s.Missing, func(m providers.Missing) bool { return m.What == u.What }) {
			t.Errorf("%v: the missing %s is not reported: %+v", u.Target, u.What, s)
		}
	}
}

func boundaries(t *testing.T, b *bench) {
	s := b.read(t)
	if len(s.Parts) != len(b.Committed()) && b.caps.Reads == providers.Exact || len(b.Committed()) < 2 {
		t.Fatalf("of %d parts it reads %d", len(b.Committed()), len(s.Parts))
	}
	if !slices.IsSortedFunc(s.Parts, func(a, b providers.PartReading) int { return a.Part.Compare(b.Part) }) {
		t.Error("the parts are not sorted")
	}
	for _, p := range s.Parts {
		if b.caps.Reads == providers.Exact && p.Committed != b.Committed()[p.Part] {
			t.Errorf("%s is at %s, and is read at %s", p.Part, b.Committed()[p.Part], p.Committed)
		}
		low, ok1 := b.caps.Order.Distance(p.Committed, p.Low)
		high, ok2 := b.caps.Order.Distance(p.High, p.Committed)
		if b.caps.Bounds == providers.Exact && b.caps.Reads == providers.Exact && (!ok1 || !ok2 || low <= 0 || high < 0) {
			t.Errorf("%s: %s is not between %s and %s", p.Part, p.Committed, p.Low, p.High)
		}
	}
	for _, p := range s.Parts {
		if p.ReadUpTo.After(b.Env.Now()) {
			t.Errorf("%s was read up to a record of %s, which is in the future", p.Part, p.ReadUpTo)
		}
	}
	if b.caps.Activity == providers.Exact && b.caps.Needs != providers.UnknownState && s.Activity.State != b.caps.Needs {
		t.Errorf("the consumers are %s (%s)", s.Activity.State, s.Activity.Why)
	}
}

// facts shows that further facts are reported only on request, and do not change the
// positions.
func facts(t *testing.T, b *bench) {
	got := b.conn.Read(t.Context(), []providers.ReadRequest{{Target: b.goal}, {Target: b.goal, Bytes: true}, {Target: b.goal, LowTime: true},
		{Target: b.goal, Risks: true}})
	for i := range got {
		if got[i].Err != nil || len(got[i].Parts) != len(got[0].Parts) {
			t.Fatalf("got %+v", got)
		}
		if e := got[i].Expires; e != nil && (i != 3 || e.After < 0 || e.Setting == "") {
			t.Errorf("request %d: commits are reported to expire: %+v", i, e)
		}
		for k, p := range got[i].Parts {
			if i != 1 && p.Bytes != nil || i == 1 && p.Bytes != nil && *p.Bytes <= 0 {
				t.Errorf("request %d: %s is reported with %v bytes", i, p.Part, p.Bytes)
			}
			if i != 2 && !p.LowTime.IsZero() || p.LowTime.After(b.Env.Now()) {
				t.Errorf("request %d: the first record of %s is reported as of %s", i, p.Part, p.LowTime)
			}
			b.stable(t, p, i == 3)
			p.Stable = providers.Position{}
			p.Bytes, p.LowTime = nil, got[0].Parts[k].LowTime
			if !reflect.DeepEqual(p, got[0].Parts[k]) {
				t.Errorf("request %d reports %+v, without more facts %+v", i, p, got[0].Parts[k])
			}
		}
	}
}

// stable shows that Stable is requested, and not after High.
func (b *bench) stable(t *testing.T, p providers.PartReading, requested bool) {
	t.Helper()
	if p.Stable.IsZero() {
		return
	}
	if n, ok := b.caps.Order.Distance(p.High, p.Stable); !requested || !ok || n < 0 {
		t.Errorf("%s: records up to %s of %s are reported as committed (requested: %t)", p.Part, p.Stable, p.High, requested)
	}
}

func resolution(t *testing.T, b *bench) {
	at := providers.AtTime(b.Within)
	far := providers.AtTime(b.Env.Now().AddDate(10, 0, 0))
	donor := providers.PlaceOf(b.Donor)
	var ask []providers.Position
	for _, p := range []providers.Position{at, far, providers.At(providers.Earliest), providers.At(providers.Latest), donor} {
		if b.caps.Resolves[p.Kind()] && !b.caps.Approximates[p.Kind()] {
			ask = append(ask, p)
		}
	}
	needs(t, len(ask) > 0, "resolving positions")
	for _, p := range b.read(t, ask...).Parts {
		for _, pos := range ask {
			one := p.Resolution(pos)
			got := one.Found
			switch {
			case one == providers.Resolution{}:
				t.Errorf("%s: %s is not resolved", p.Part, pos)
			case pos == far && got.Kind() != providers.Latest && boundary(p, one.UpTo) != p.High:
				t.Errorf("%s: a time past the end is %s", p.Part, got)
			case pos.Kind() == providers.Earliest && got != p.Low, pos.Kind() == providers.Latest && got != p.High:
				t.Errorf("%s: %s is %s", p.Part, pos, got)
			case pos == donor && (got == p.Committed || got.Kind() == providers.Unknown):
				t.Errorf("%s: the other group is at %s", p.Part, got)
			case pos == at:
				if n, ok := b.caps.Order.Distance(got, p.Low); !ok || n <= 0 {
					t.Errorf("%s: a time within the log is %s", p.Part, got)
				}
			}
			b.ranged(t, p, one)
			if asked, ok := pos.Time(); !one.Time.IsZero() && (!ok || got.Kind() == providers.Latest || one.Time.Before(asked) ||
				one.Time.After(b.Env.Now())) {
				t.Errorf("%s: the record at %s is reported as of %s", p.Part, pos, one.Time)
			}
		}
	}
}

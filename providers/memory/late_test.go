package memory

import (
	"slices"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// TestLate shows a service whose consumers apply a reset themselves.
func TestLate(t *testing.T) {
	zero := providers.Part{Topic: "orders"}
	for name, c := range map[string]struct {
		eager bool
		after time.Duration
		again bool // a second reset follows the first
		want  string
		by    []By
	}{
		"before the effect comes":            {after: 9 * time.Second, want: "offset:3", by: []By{ByCommit}},
		"when it has come":                   {after: 10 * time.Second, want: "offset:1", by: []By{ByCommit, ByReset}},
		"eager consumers read to the end":    {eager: true, after: 10 * time.Second, want: "offset:4", by: []By{ByCommit, ByReset, ByCommit}},
		"a second reset at once is lost":     {after: 10 * time.Second, again: true, want: "offset:1", by: []By{ByCommit, ByLoss, ByReset}},
		"the effect comes once and no more":  {after: time.Hour, want: "offset:1", by: []By{ByCommit, ByReset}},
		"eager consumers read the new state": {eager: true, after: time.Hour, want: "offset:4", by: []By{ByCommit, ByReset, ByCommit}},
	} {
		t.Run(name, func(t *testing.T) {
			s, clock := NewService(), now
			s.Topic("orders", 1, "log", now, now, now, now)
			s.Commit("billing", zero, 3, nil)
			s.Activate("billing")
			s.Late(func() time.Time { return clock }, 10*time.Second, 30*time.Second, c.eager)
			caps := Full()
			caps.Needs = providers.Active
			conn := &connection{s, caps}
			if _, err := conn.Reset(t.Context(), move(t, s, zero, providers.AtOffset(1))); err != nil {
				t.Fatal(err)
			}
			if c.again {
				if _, err := conn.Reset(t.Context(), move(t, s, zero, providers.AtOffset(0))); err != nil {
					t.Fatal(err)
				}
			}
			clock = clock.Add(c.after)
			if got := s.Committed("billing")[zero]; got.String() != c.want {
				t.Errorf("it is at %s, want %s", got, c.want)
			}
			var by []By
			for _, e := range s.Entries() {
				by = append(by, e.By)
			}
			if !slices.Equal(by, c.by) {
				t.Errorf("recorded %v, want %v", by, c.by)
			}
		})
	}
}

// TestEntries shows what the service records, and what can be asked of a log.
func TestEntries(t *testing.T) {
	s := NewService()
	s.Topic("orders", 1, "log", now, now)
	zero := providers.Part{Topic: "orders"}
	s.Commit("billing", zero, 1, map[string]string{"metadata": "m"})
	conn := &connection{s, Full()}
	m := move(t, s, zero, providers.At(providers.Unset))
	if _, err := conn.Reset(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{conn.Start(t.Context(), m.Target, nil), conn.Pause(t.Context(), m.Target)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []Entry{
		{By: ByCommit, Group: "billing", Part: zero, LogID: "log", From: providers.At(providers.Unset), To: providers.AtOffset(1)},
		{By: ByReset, Group: "billing", Part: zero, LogID: "log", From: providers.AtOffset(1), To: providers.At(providers.Unset)},
		{By: ByStart, Group: "billing"}, {By: ByPause, Group: "billing"},
	}
	if got := s.Entries(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s.AddPartitions("orders", 1, now)
	one := providers.Part{Topic: "orders", Number: 1}
	if low, high, id, ok := s.Log(one); low != 0 || high != 1 || id != "log" || !ok {
		t.Errorf("the new partition is %d to %d of %s, %v", low, high, id, ok)
	}
	if got := s.Partitions("orders"); !slices.Equal(got, []providers.Part{zero, one}) {
		t.Errorf("its partitions are %v", got)
	}
	if n, ok := s.Find(zero, providers.At(providers.Latest)); n != 2 || !ok || s.Active("billing") || len(s.Metadata("billing")) != 0 {
		t.Errorf("its end is %d, %v; active %v, kept %v", n, ok, s.Active("billing"), s.Metadata("billing"))
	}
}

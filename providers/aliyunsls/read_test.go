package aliyunsls_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
)

// read reads the seeded group and fails the test if that fails.
func read(t *testing.T, url string, over map[string]any, resolve ...providers.Position) providers.Snapshot {
	t.Helper()
	c := config(url)
	s := connect(t, c, environment(nil)).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, c, over), Resolve: resolve}})[0]
	check(t, s.Err)
	return s
}

func TestATimeIsRoundedDownAndNeverSkips(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	f, url := start(t, aliyunslsfake.Options{Now: func() time.Time { return now }})
	middle := now.Add(-24 * time.Hour) // to the second when log group 250 was received
	for name, c := range map[string]struct {
		ask   time.Time
		group int
		note  bool
	}{
		"the very second":      {middle, 250, false},
		"a part of the second": {middle.Add(700 * time.Millisecond), 250, true},
		"the second after":     {middle.Add(time.Second), 251, false},
		"a part before it":     {middle.Add(-300 * time.Millisecond), 250, true},
	} {
		t.Run(name, func(t *testing.T) {
			ask := providers.AtTime(c.ask)
			s := read(t, url, map[string]any{"shards": []int{0}}, ask)
			if got, want := s.Parts[0].Resolution(ask).Found, place(f, 0, c.group); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if noted := strings.Contains(strings.Join(s.Notes, "\n"), "whole seconds"); noted != c.note {
				t.Errorf("the notes are %q", s.Notes)
			}
		})
	}
}

func TestATimePastTheEndIsLatestWhileRecordsArrive(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	check(t, f.Inject("moving"))
	ask := providers.AtTime(time.Now().Add(time.Hour))
	for _, p := range read(t, url, nil, ask).Parts {
		if got := p.Resolution(ask).Found; got.Kind() != providers.Latest {
			t.Errorf("%s: got %s", p.Part, got)
		}
	}
}

func TestATimeBeforeTheLogReadsTheTimeOfItsStart(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	f.Expire(0, 100)
	ask := providers.AtTime(time.Now().Add(-47 * time.Hour))
	p := read(t, url, nil, ask).Parts[0]
	if p.Low != place(f, 0, 400) || p.Resolution(ask).Found != p.Low {
		t.Errorf("it begins at %s and the time is at %s", p.Low, p.Resolution(ask).Found)
	}
	if age := time.Since(p.LowTime); age < 9*time.Hour || age > 10*time.Hour {
		t.Errorf("its first record is of %s", p.LowTime)
	}
}

func TestAReadonlyShardIsAPartWithItsOwnEnd(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	parts := read(t, url, nil).Parts
	if len(parts) != 3 || parts[2].Part != shard(2) || parts[2].High != place(f, 2, 375) || parts[2].LogID == "" {
		t.Errorf("got %+v", parts)
	}
}

func TestAnExpiredShardWithACheckpointIsNoted(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	f.Vanish(2)
	s := read(t, url, nil)
	if len(s.Parts) != 2 || !strings.Contains(strings.Join(s.Notes, " "), "shard/2, which no longer exists") {
		t.Errorf("got %d parts and the notes %q", len(s.Parts), s.Notes)
	}
	if missing := read(t, url, map[string]any{"shards": []int{2}}).Missing; len(missing) != 1 || !reflect.DeepEqual(missing[0].Known,
		[]string{"shard/0", "shard/1"}) {
		t.Errorf("named, it is missing as %+v", missing)
	}
}

func TestAShardWithoutACheckpointIsUnset(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	f.Commit(aliyunslsfake.Group, "", 1, -1, time.Now())
	s := read(t, url, nil)
	if got := s.Parts[1].Committed; got.Kind() != providers.Unset || s.GroupState != providers.Committed {
		t.Errorf("it is at %s, the group is %d", got, s.GroupState)
	}
}

func TestAGroupIsAbsentOrBlankOrCommitted(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	f.Commit("fresh", "", 0, -1, time.Now())
	for name, want := range map[string]providers.GroupState{"nowhere": providers.Absent, "fresh": providers.Blank,
		aliyunslsfake.Group: providers.Committed} {
		if got := read(t, url, map[string]any{"consumerGroup": name}).GroupState; got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}
}

func TestAnotherGroupThatDoesNotExistIsMissing(t *testing.T) {
	_, url := start(t, aliyunslsfake.Options{})
	s := read(t, url, nil, providers.PlaceOf("unknown"))
	if len(s.Missing) != 1 || s.Missing[0].Name != "unknown" || s.GroupState != providers.Committed {
		t.Errorf("got %+v", s.Missing)
	}
}

// TestSharedFactsAreReadOnce counts the requests of one read of several targets.
func TestSharedFactsAreReadOnce(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	f.Commit("donor", "", 0, 20, time.Now())
	c := config(url)
	at := providers.AtTime(time.Now().Add(-time.Hour * 24))
	reqs := []providers.ReadRequest{
		{Target: goal(t, c, nil), Resolve: []providers.Position{at, providers.PlaceOf("donor")}},
		{Target: goal(t, c, map[string]any{"consumerGroup": "donor"}), Resolve: []providers.Position{at}},
		{Target: goal(t, c, map[string]any{"shards": []int{1}})},
	}
	for _, s := range connect(t, c, environment(nil)).Read(t.Context(), reqs) {
		check(t, s.Err)
	}
	want := map[string]int{"ListShards": 1, "ListConsumerGroup": 1, "GetCheckPoint": 2, "GetCursor": 3 * 3}
	if got := f.Requests(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestReadingBackReadsOnlyCheckpoints(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	s := connect(t, c, environment(nil)).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, c, nil), Only: []providers.Part{shard(2),
		shard(0)}}})[0]
	check(t, s.Err)
	if len(s.Parts) != 2 || s.Parts[0].Committed != committed(f)[shard(0)] || s.Parts[1].Committed != committed(f)[shard(2)] {
		t.Errorf("got %+v", s.Parts)
	}
	if got := f.Requests(); !reflect.DeepEqual(got, map[string]int{"GetCheckPoint": 1}) {
		t.Errorf("it requested %v", got)
	}
}

package tencentdts_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
)

// TestATimeNearAnOffset searches in the sandbox's log, in which every third record is
// a checkpoint, one in 15 minutes, and sends what it has found.
func TestATimeNearAnOffset(t *testing.T) {
	s := start(t)
	conn := connect(t, s.url, environment())
	e := environment()
	e.Now = func() time.Time { return time.Now().Add(-77 * time.Second) }
	other := connect(t, s.url, e) // at another moment it finds the same times
	for offset, want := range map[int64]struct {
		found int64
		exact bool // the service reports exactly where the time leads
	}{
		0: {0, true}, 1: {0, true}, 3: {3, true}, 100: {99, true}, 287: {285, true}, 399: {399, true}, 572: {570, true}, 573: {573, true}, 576: {573, true},
	} {
		before := s.Requests()["DescribeOffsetByTime"]
		var approach []providers.PartPosition
		for n := range 4 {
			approach = append(approach, providers.PartPosition{Part: part(n), Position: providers.AtOffset(offset)})
		}
		got := conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit), Approach: approach}})[0]
		check(t, got.Err)
		var moves []providers.PartMove
		again := other.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit), Approach: approach}})[0]
		for i, p := range got.Parts {
			r := p.Resolution(providers.AtOffset(offset))
			if moved := again.Parts[i].Resolution(providers.AtOffset(offset)); moved != r {
				t.Errorf("%s: near %d is %+v, and at another moment %+v", p.Part, offset, r, moved)
			}
			if r.Found != providers.AtOffset(want.found) || r.UpTo.IsZero() != want.exact {
				t.Errorf("%s: near %d is %+v", p.Part, offset, r)
			}
			moves = append(moves, providers.PartMove{Part: p.Part, Position: r.Send})
		}
		if n := s.Requests()["DescribeOffsetByTime"] - before; n > 120 {
			t.Errorf("%d needs %d look-ups", offset, n)
		}
		if _, err := conn.Reset(t.Context(), providers.Move{Target: goal(t, audit), To: moves}); err != nil {
			t.Error(err)
		}
		if got := s.committed(t, audit)[part(3)]; got != providers.AtOffset(want.found) {
			t.Errorf("%d: the reset leads to %s", offset, got)
		}
	}
}

func TestOffsetsThatTheLogDoesNotHave(t *testing.T) {
	s := answering(t, nil) // every look-up leads to 3
	deleted, there := providers.AtOffset(2), providers.AtOffset(4)
	got := connect(t, s.url, environment()).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit), Approach: []providers.PartPosition{
		{Part: part(0), Position: deleted}, {Part: part(0), Position: there}, {Part: part(7), Position: there}, {Part: part(0), Position: oldest}}}})[0]
	if got.Err != nil || len(got.Parts) != 1 || len(got.Parts[0].Resolved) != 2 || len(s.sent["DescribeOffsetByTime"]) > 3 {
		t.Errorf("got %+v after %d look-ups", got, len(s.sent["DescribeOffsetByTime"]))
	}
	for _, r := range got.Parts[0].Resolved {
		if r.Found != providers.AtOffset(3) {
			t.Errorf("%s: got %+v", r.Asked, r)
		}
	}
}

// TestASearchIsRepeatedFromMemory within a minute, and with the service after that.
func TestASearchIsRepeatedFromMemory(t *testing.T) {
	s := start(t)
	now := time.Now()
	e := environment()
	e.Now = func() time.Time { return now }
	conn := connect(t, s.url, e)
	search := func() int {
		before := s.Requests()["DescribeOffsetByTime"]
		got := conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit), Approach: []providers.PartPosition{{Part: part(0),
			Position: providers.AtOffset(100)}}}})[0]
		check(t, got.Err)
		if r := got.Parts[0].Resolution(providers.AtOffset(100)); r.Found != providers.AtOffset(99) {
			t.Errorf("got %+v", r)
		}
		return s.Requests()["DescribeOffsetByTime"] - before
	}
	first, second := search(), search()
	now = now.Add(time.Minute)
	if third := search(); second != 3 || third < first-5 {
		t.Errorf("searches need %d, %d and %d look-ups, want 3 for the second: the start, the end and the present", first, second, third)
	}
}

// TestThePlaceOfAnotherGroup is approached by time, whichever of its names is used.
func TestThePlaceOfAnotherGroup(t *testing.T) {
	s := start(t)
	conn := connect(t, s.url, environment())
	hour := providers.AtTime(s.now.Add(-47 * time.Hour).Add(2 * time.Second))
	if _, err := conn.Reset(t.Context(), providers.Move{Target: goal(t, extra), To: []providers.PartMove{to(1, hour)}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{extra, tencentdtsfake.FullName(extra)} {
		donor := providers.PlaceOf(name)
		got := conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit), Resolve: []providers.Position{donor, providers.PlaceOf("unknown")}}})[0]
		check(t, got.Err)
		for _, p := range got.Parts {
			r := p.Resolution(donor)
			want := providers.At(providers.Unset)
			if p.Part == part(1) {
				want = providers.AtOffset(12)
			}
			if r.Found != want || (r.Send.Kind() == providers.Time) != (p.Part == part(1)) || p.Resolution(providers.PlaceOf("unknown")).Found.Kind() != providers.Unset {
				t.Errorf("%s: got %+v", p.Part, p.Resolved)
			}
		}
	}
}

// TestASearchThatFails fails the requests that need it, and no other.
func TestASearchThatFails(t *testing.T) {
	s := answering(t, nil)
	s.refuses = time.Now().In(time.FixedZone("", 8*60*60)).Format(`"Time":"2006-01-02`)
	near := []providers.PartPosition{{Part: part(0), Position: providers.AtOffset(100)}}
	got := connect(t, s.url, environment()).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit), Approach: near}, {Target: goal(t, audit)}})
	if !errors.Is(got[0].Err, providers.ErrUnavailable) || got[0].Parts != nil || got[1].Err != nil {
		t.Errorf("got %v and %v", got[0].Err, got[1].Err)
	}
}

// A logbook answers look-ups for logs whose checkpoints it is given.
type logbook struct {
	mu      sync.Mutex
	lookUps int
	parts   []func(t time.Time) int64
}

func (l *logbook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var asked struct{ Time string }
	_ = json.Unmarshal(body, &asked)
	at, _ := time.ParseInLocation(time.DateTime, asked.Time, time.FixedZone("", 8*60*60))
	answer := `"SubscribeId": "subs-sandbox0001", "Topic": "` + topic + `"`
	switch r.Header.Get("X-TC-Action") {
	case "DescribeConsumerGroups":
		answer = `"TotalCount": 1, "Items": [` + auditAt(`{"PartitionNo": 0, "ConsumerGroupOffset": 5, "ConsumerGroupLag": 99999999}`) + `]`
	case "DescribeOffsetByTime":
		l.mu.Lock()
		l.lookUps++
		l.mu.Unlock()
		var items []string
		for n, offset := range l.parts {
			items = append(items, fmt.Sprintf(`{"PartitionNo": %d, "Offset": %d}`, n, offset(at)))
		}
		answer = `"Items": [` + strings.Join(items, ", ") + `]`
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"Response": {`+answer+`, "RequestId": "r-1"}}`)
}

// TestASearchNeedsFewLookUps in a log of a day with a checkpoint every ten seconds,
// whether it grows evenly or not.
func TestASearchNeedsFewLookUps(t *testing.T) {
	now := time.Now()
	steps := func(t time.Time) int64 { // the number of checkpoints at a time
		return max(0, min(8640, int64(t.Sub(now.Add(-24*time.Hour))/(10*time.Second))))
	}
	night := func(t time.Time) int64 { // most of the log is of two hours
		n := steps(t)
		return n + 1000*max(0, min(n-5000, 720))
	}
	l := &logbook{}
	for n := range int64(8) {
		l.parts = append(l.parts, func(t time.Time) int64 { return 20*steps(t) + n }, night)
	}
	web := httptest.NewServer(l)
	t.Cleanup(web.Close)
	conn := connect(t, web.URL, environment())
	for _, share := range []int64{1, 30, 50, 99} {
		l.lookUps = 0
		var approach []providers.PartPosition
		for n := range l.parts {
			offset := l.parts[n](now) * share / 100
			approach = append(approach, providers.PartPosition{Part: part(n), Position: providers.AtOffset(offset)})
		}
		got := conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit), Approach: approach}})[0]
		check(t, got.Err)
		for n, p := range got.Parts {
			r := p.Resolution(approach[n].Position)
			at, _ := r.Send.Time()
			wanted, _ := approach[n].Position.Offset()
			here, before, next := l.parts[n](at), l.parts[n](at.Add(-time.Second)), l.parts[n](at.Add(9*time.Second))
			if here > wanted || here < wanted && next != here || before == here || r.Found != providers.AtOffset(here) {
				t.Errorf("%d %% of %s: %d is approached by %+v, which leads to %d", share, p.Part, wanted, r, here)
			}
		}
		if l.lookUps > 80 {
			t.Errorf("%d %%: %d look-ups", share, l.lookUps)
		}
		t.Logf("%d %%: %d look-ups", share, l.lookUps)
	}
}

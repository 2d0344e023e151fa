package aliyunsls_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
)

func TestActivityIsInferredFromCheckpoints(t *testing.T) {
	const end, quietEnd = 500, 375
	for name, c := range map[string]struct {
		prepare func(*aliyunslsfake.Fake, time.Time)
		state   providers.State
		why     string
		member  string
	}{
		"no commit for hours while records wait": {func(*aliyunslsfake.Fake, time.Time) {}, providers.Idle, "for 3h0m0s", ""},
		"a commit just now": {func(f *aliyunslsfake.Fake, now time.Time) {
			f.Commit(aliyunslsfake.Group, "etl-7", 1, 310,
				now)
		}, providers.Active, "0s ago", "etl-7"},
		"a commit within timeout and interval": {func(f *aliyunslsfake.Fake, now time.Time) {
			f.Commit(aliyunslsfake.Group, "etl-7", 1, 310, now.Add(-115*time.Second))
		}, providers.Active, "ago", "etl-7"},
		"a commit before timeout and interval": {func(f *aliyunslsfake.Fake, now time.Time) {
			f.Commit(aliyunslsfake.Group, "etl-7", 1, 310, now.Add(-125*time.Second))
		}, providers.Idle, "for 2m5s", ""},
		"a reset just now, by no consumer": {func(f *aliyunslsfake.Fake, now time.Time) { f.Commit(aliyunslsfake.Group, "", 1, 310, now) },
			providers.Idle, "for 3h0m0s", ""},
		"resets everywhere": {func(f *aliyunslsfake.Fake, now time.Time) {
			for n := range 3 {
				f.Commit(aliyunslsfake.Group, "", n, 310, now)
			}
		}, providers.Idle, "no consumer has ever committed", ""},
		"no records waiting": {func(f *aliyunslsfake.Fake, now time.Time) {
			for n, at := range []int{end, end, quietEnd} {
				f.Commit(aliyunslsfake.Group, "etl-7", n, at, now.Add(-time.Hour))
			}
		}, providers.UnknownState, "no records are waiting", ""},
		"an unknown group": {nil, providers.Idle, "does not exist", ""},
		"never committed": {func(f *aliyunslsfake.Fake, now time.Time) {
			for n := range 3 {
				f.Commit(aliyunslsfake.Group, "", n, -1, now)
			}
		}, providers.UnknownState, "has no checkpoints", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, seconds := range []bool{false, true} {
				now := time.Now().Truncate(time.Second)
				f, url := start(t, aliyunslsfake.Options{Now: func() time.Time { return now }, Seconds: seconds})
				over := map[string]any{"consumerGroup": "nowhere"}
				if c.prepare != nil {
					c.prepare(f, now)
					over = nil
				}
				got := read(t, url, over).Activity
				if got.State != c.state || !strings.Contains(got.Why, c.why) || (c.member == "") != (len(got.Members) == 0) || c.member != "" &&
					got.Members[0].ID != c.member {
					t.Errorf("in seconds %t: got %+v", seconds, got)
				}
			}
		})
	}
}

// TestActivityUsesTheServicesClock sets this machine's clock ten minutes ahead, which
// the service still accepts: the commit of an active consumer must not look old.
func TestActivityUsesTheServicesClock(t *testing.T) {
	behind := func() time.Time { return time.Now().Add(-10 * time.Minute) }
	f, url := start(t, aliyunslsfake.Options{Now: behind})
	f.Commit(aliyunslsfake.Group, "etl-7", 0, 310, behind())
	if got := read(t, url, nil).Activity; got.State != providers.Active {
		t.Errorf("got %+v", got)
	}
}

func TestAnActiveConsumerIsDetectedWithoutAHeartbeatAndCommitsOverAReset(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	check(t, f.Inject("live"))
	s := read(t, url, nil)
	if s.Activity.State != providers.Active || f.Writes() != 0 {
		t.Errorf("the group is %s after %d writes", s.Activity.State, f.Writes())
	}
	c := config(url)
	conn, target := connect(t, c, environment(nil)), goal(t, c, nil)
	_, err := conn.Reset(t.Context(), providers.Move{Target: target, To: []providers.PartMove{{Part: shard(0), Position: s.Parts[0].Low}}})
	check(t, err)
	after := conn.Read(t.Context(), []providers.ReadRequest{{Target: target, Only: []providers.Part{shard(0)}}})[0]
	check(t, after.Err)
	if at := after.Parts[0].Committed; at == s.Parts[0].Low || at == s.Parts[0].Committed {
		t.Errorf("it is at %s: the consumer has not committed over it", at)
	}
}

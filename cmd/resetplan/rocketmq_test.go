package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
)

// rocketmq is the program next to an emulated service, both under one clock that can be
// set ahead.
type rocketmq struct {
	*fake.Fake
	t     *testing.T
	url   string
	dir   string
	ahead atomic.Int64
}

func (r *rocketmq) now() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }

func startRocketMQ(t *testing.T, takeUp time.Duration) *rocketmq {
	t.Helper()
	r := &rocketmq{t: t, dir: t.TempDir()}
	f, err := fake.New(fake.Options{Now: r.now, TakeUp: takeUp, CommitEvery: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	r.Fake = f
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	r.url = s.URL
	return r
}

// plan writes a plan whose step has the given keys.
func (r *rocketmq) plan(name, step string) string {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	text := fmt.Sprintf("version: 1\nname: p\nproviders: {hw: {type: huawei-rocketmq, region: cn-north-4, projectId: sandbox-project, "+
		"instanceId: sandbox-rocketmq, rateLimit: 1000, endpoint: %q}}\nsteps: [{id: s, provider: hw, %s}]\n", r.url, step)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// exec runs the program and expects an exit code.
func (r *rocketmq) exec(want int, args ...string) string {
	r.t.Helper()
	var out, stderr bytes.Buffer
	variables := map[string]string{"HUAWEICLOUD_SDK_AK": fake.AccessKey, "HUAWEICLOUD_SDK_SK": fake.Secret}
	code := run(context.Background(), process{args: append([]string{"resetplan"}, args...), stdin: &bytes.Buffer{}, stdout: &out, stderr: &stderr,
		getenv: func(name string) string { return variables[name] }, home: r.dir, now: r.now, operator: "tester@here"})
	if code != want {
		r.t.Fatalf("%v exits %d\n%s%s", args, code, &out, &stderr)
	}
	return out.String() + stderr.String()
}

// at returns the group's offset on one queue of a topic.
func (r *rocketmq) at(topic string) int64 {
	return r.Committed(fake.Group, topic)[fake.Queue{Broker: "broker-0"}]
}

// A topic that was reset is not reset again because another one was refused.
func TestOnlyTheRefusedTopicIsSentAgain(t *testing.T) {
	r := startRocketMQ(t, fake.AtOnce)
	r.CreateTopic("fresh", fake.Layout{Brokers: []string{"broker-0"}, Queues: 2, Times: []time.Time{r.now().Add(-time.Hour)}})
	p := r.plan("p.yaml", "target: {group: group_01, topics: [fresh, topic_01]}, to: earliest, guards: {allowNew: true}")
	if out := r.exec(5, "apply", p, "--auto-approve"); !strings.Contains(out, "DMS.00400902") || r.at(fake.Topic) != 0 || r.Writes() != 2 {
		t.Fatalf("topic_01 is at %d after %d writes\n%s", r.at(fake.Topic), r.Writes(), out)
	}
	r.Commit(fake.Group, "fresh", 1)
	r.Commit(fake.Group, fake.Topic, 70) // the consumers have read on
	r.ahead.Store(int64(time.Minute))
	if out := r.exec(0, "apply", p, "--auto-approve"); r.at("fresh") != 0 || r.at(fake.Topic) != 70 || r.Writes() != 3 {
		t.Errorf("fresh is at %d, topic_01 at %d after %d writes\n%s", r.at("fresh"), r.at(fake.Topic), r.Writes(), out)
	}
}

// The consumers lose a second reset that comes before they have adopted the first one.
func TestASecondResetWaitsUntilTheFirstHasSettled(t *testing.T) {
	for name, second := range map[string]string{
		"the same step in another run": "",
		"a step with another target":   "target: {group: group_01, topics: [\"topic_*\"]}, to: latest",
		"a step without a topic":       "target: {group: group_01}, to: latest",
	} {
		t.Run(name, func(t *testing.T) {
			r := startRocketMQ(t, 30*time.Second)
			r.Commit(fake.Group, fake.Topic, 100)
			first := "target: {group: group_01, topic: topic_01}, to: earliest"
			p := r.plan("p.yaml", first)
			r.exec(0, "apply", p, "--auto-approve", "--settle", "0s")
			if second != "" {
				r.plan("p.yaml", second)
			}
			r.ahead.Store(int64(28 * time.Second))
			out := r.exec(0, "apply", p, "--auto-approve", "--settle", "0s", "--run", "two")
			r.ahead.Store(int64(2 * time.Minute))
			want := int64(500)
			if second == "" {
				want = 0
			}
			if got := r.at(fake.Topic); got != want || r.Writes() != 2 || !strings.Contains(out, "until the earlier reset of this target has settled") {
				t.Errorf("it is at %d after %d writes\n%s", got, r.Writes(), out)
			}
		})
	}
}

// The service reports when the last consumed message was stored. A later time skips at
// most the lag, an earlier one replays at most what is stored before the commit.
func TestATimeIsBoundedByTheLastConsumedMessage(t *testing.T) {
	for name, c := range map[string]struct {
		to, guards string
		exit       int
		want       string
	}{
		"later, nothing may be skipped":   {"{timestamp: now-2h}", "{}", 4, "would skip up to 2,000 records"},
		"later, the lag may be skipped":   {"{timestamp: now-2h}", "{maxSkip: 2000}", 0, "1,000 together"},
		"later, less may be skipped":      {"{timestamp: now-2h}", "{maxSkip: 1999}", 4, "guards.maxSkip"},
		"earlier, nothing may be skipped": {"{timestamp: now-40h}", "{}", 0, "1,000 together"},
		"earlier, less may be replayed":   {"{timestamp: now-40h}", "{maxReplay: 1999}", 4, "guards.maxReplay"},
		"earlier, all may be replayed":    {"{timestamp: now-40h}", "{maxReplay: 2000}", 0, "1,000 together"},
	} {
		t.Run(name, func(t *testing.T) {
			r := startRocketMQ(t, fake.AtOnce)
			r.Commit(fake.Group, fake.Topic, 250)
			p := r.plan("p.yaml", "target: {group: group_01, topic: topic_01}, to: "+c.to+", guards: "+c.guards)
			if out := r.exec(c.exit, "plan", p); !strings.Contains(strings.Join(strings.Fields(out), " "), c.want) {
				t.Errorf("%q is not in\n%s", c.want, out)
			}
			if c.exit == 0 {
				if out := r.exec(0, "apply", p, "--auto-approve"); !strings.Contains(out, "1 verified") {
					t.Errorf("got\n%s", out)
				}
			}
		})
	}
}

// An engine that ignores resets forward answers as if it had applied them.
func TestAResetForwardThatIsIgnoredIsNotVerified(t *testing.T) {
	r := startRocketMQ(t, fake.AtOnce)
	r.Commit(fake.Group, fake.Topic, 250)
	if err := r.Inject("no-forward"); err != nil {
		t.Fatal(err)
	}
	p := r.plan("p.yaml", "target: {group: group_01, topic: topic_01}, to: {timestamp: now-2h}, guards: {maxSkip: unlimited}")
	if out := r.exec(0, "apply", p, "--auto-approve", "--settle", "1s"); !strings.Contains(out, "1 applied") {
		t.Errorf("got\n%s", out)
	}
}

// The position of another group is reached by the time of its last consumed message:
// one message more than it has consumed.
func TestAGroupFollowsAnotherOneByTime(t *testing.T) {
	r := startRocketMQ(t, fake.AtOnce)
	r.CreateGroup("group_02")
	r.Commit("group_02", fake.Topic, 250)
	refused := r.plan("p.yaml", "target: {group: group_01}, to: {group: group_02}")
	if out := r.exec(3, "plan", refused); !strings.Contains(out, "approximate: true") {
		t.Errorf("got\n%s", out)
	}
	p := r.plan("p.yaml", "target: {group: group_01}, to: {group: group_02}, approximate: true")
	out := r.exec(0, "apply", p, "--auto-approve")
	if r.at(fake.Topic) != 249 || r.Writes() != 1 || !strings.Contains(out, "1 verified") ||
		!strings.Contains(out, "Group group_02 has consumed up to messages of") {
		t.Errorf("it is at %d after %d writes\n%s", r.at(fake.Topic), r.Writes(), out)
	}
}

// The other group has to exist and to have consumed.
func TestAGroupIsNotFollowedToWhereItHasNoPosition(t *testing.T) {
	r := startRocketMQ(t, fake.AtOnce)
	r.CreateGroup("group_02")
	for name, keys := range map[string]string{"no commit": "{group: group_02}", "no such group": "{group: gruop_02}"} {
		p := r.plan("p.yaml", "target: {group: group_01}, to: "+keys+", approximate: true")
		if out := r.exec(4, "apply", p, "--auto-approve"); r.Writes() != 0 || !strings.Contains(out, "Blocked") {
			t.Errorf("%s: %d writes\n%s", name, r.Writes(), out)
		}
	}
}

// A topic that the group has subscribed to since the review makes the plan stale.
func TestANewSubscriptionIsNotResetUnreviewed(t *testing.T) {
	r := startRocketMQ(t, fake.AtOnce)
	p := r.plan("p.yaml", "target: {group: group_01}, to: {timestamp: now-24h}")
	saved := filepath.Join(r.dir, "saved.json")
	r.exec(0, "plan", p, "--out", saved)
	r.CreateTopic("new", fake.Layout{Brokers: []string{"broker-0"}, Queues: 1, Times: []time.Time{r.now().Add(-time.Hour)}})
	r.Commit(fake.Group, "new", 1)
	if out := r.exec(4, "apply", saved, "--auto-approve"); r.Writes() != 0 || !strings.Contains(out, "new/broker-0/0") {
		t.Errorf("%d writes\n%s", r.Writes(), out)
	}
}

// A rollback by time goes to the time that the slowest queue of all topics had reached.
func TestARollbackOfSeveralTopicsGoesByTime(t *testing.T) {
	r := startRocketMQ(t, fake.AtOnce)
	r.CreateTopic("other", fake.Layout{Brokers: []string{"broker-0"}, Queues: 2, Times: []time.Time{r.now().Add(-30 * time.Hour), r.now()}})
	r.Commit(fake.Group, "other", 1)
	p := r.plan("p.yaml", "target: {group: group_01}, to: earliest, approximate: true")
	r.exec(0, "apply", p, "--auto-approve")
	r.ahead.Store(int64(time.Minute))
	out := r.exec(0, "rollback", p, "--auto-approve")
	if at := r.at(fake.Topic); r.at("other") != 0 || at < 150 || at > 200 {
		t.Errorf("topic_01 is at %d, other at %d\n%s", at, r.at("other"), out)
	}
}

// The group may be behind the other one, next to it, or ahead of it.
func TestAGroupBehindAnotherOneSkipsUpToItsPosition(t *testing.T) {
	for name, c := range map[string]struct {
		at, want int64
		writes   int
	}{"behind": {100, 249, 1}, "at the start": {0, 249, 1}, "one message behind": {249, 249, 0}, "next to it": {250, 249, 1},
		"ahead": {400, 249, 1}} {
		t.Run(name, func(t *testing.T) {
			r := startRocketMQ(t, fake.AtOnce)
			r.CreateGroup("group_02")
			r.Commit("group_02", fake.Topic, 250)
			r.Commit(fake.Group, fake.Topic, c.at)
			p := r.plan("p.yaml", "target: {group: group_01}, to: {group: group_02}, approximate: true, guards: {maxSkip: 2000}")
			if out := r.exec(0, "apply", p, "--auto-approve"); r.at(fake.Topic) != c.want || r.Writes() != c.writes {
				t.Errorf("it is at %d after %d writes\n%s", r.at(fake.Topic), r.Writes(), out)
			}
		})
	}
}

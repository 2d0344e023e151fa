package plan

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/memory"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/resetplan/resetplan/schema"
)

// A rig is a document over a service in memory, whose clock moves only when the
// program sleeps.
type rig struct {
	t       *testing.T
	service *memory.Service
	caps    providers.Capabilities
	lock    string
	mu      sync.Mutex
	now     time.Time
	asleep  func()    // called at every sleep
	to      schema.To // of every step that is opened, where it is set
}

// newRig has groups a, b and c, each committed at 4 of 6 records in the two
// partitions of topic orders.
func newRig(t *testing.T) *rig {
	r := &rig{t: t, service: memory.NewService(), caps: memory.Full(), lock: filepath.Join(t.TempDir(), "p.lock.yaml"), now: now}
	r.topic("log")
	for _, g := range []string{"a", "b", "c"} {
		for n := range 2 {
			r.service.Commit(g, orders(n), 4, nil)
		}
	}
	return r
}

// topic creates the topic, or re-creates it with another id.
func (r *rig) topic(id string) {
	var times []time.Time
	for n := range 6 {
		times = append(times, now.Add(time.Duration(n-6)*time.Hour))
	}
	r.service.Topic("orders", 2, id, times...)
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) sleep(ctx context.Context, d time.Duration) error {
	r.mu.Lock()
	r.now = r.now.Add(d)
	wake := r.asleep
	r.mu.Unlock()
	if wake != nil {
		wake()
	}
	return ctx.Err()
}

// open opens a document with these steps.
func (r *rig) open(steps string) *Reconciler {
	r.t.Helper()
	kind := memory.New(r.service, r.caps)
	doc := &schema.Document{File: "p.yaml", Digest: "sha256:" + strings.Repeat("0", 64), Name: "p", OnError: "stop", History: 20,
		Providers: []schema.Provider{{Name: "m", Type: memory.Type, Timeout: time.Minute, Config: map[string]any{}}}}
	for _, line := range strings.Split(strings.TrimSpace(steps), "\n") {
		var id, group, needs string
		var offset int64
		if word, ok := strings.CutPrefix(strings.TrimSpace(line), "onError "); ok {
			doc.OnError = word
			continue
		}
		if _, err := fmt.Sscanf(line, "%s %s %d %s", &id, &group, &offset, &needs); err != nil && needs != "" {
			r.t.Fatal(err)
		}
		s := schema.Step{ID: id, Provider: "m", Target: map[string]any{"group": group, "topic": "orders"}, To: schema.To{Form: schema.ToOffset, Offset: offset}}
		if r.to.Form != "" {
			s.To = r.to
		}
		if needs != "" {
			s.Needs = strings.Split(needs, ",")
		}
		doc.Steps = append(doc.Steps, s)
	}
	rec, err := Open(doc, World{Providers: []providers.Provider{kind}, By: "tester@here", Env: providers.Process{Now: r.clock},
		Retry: retry.Policy{First: time.Second, Most: time.Second, Tries: 3, Sleep: r.sleep}})
	if err != nil {
		r.t.Fatal(err)
	}
	return rec
}

// sel selects all steps of the default run.
func (r *rig) sel() Selection { return Selection{Lock: r.lock} }

// apply plans and applies.
func (r *rig) apply(rec *Reconciler, o ApplyOptions) (*Result, error) {
	r.t.Helper()
	o.Selection = r.sel()
	p, err := rec.Plan(r.t.Context(), o.Selection)
	if err != nil {
		r.t.Fatal(err)
	}
	return rec.Apply(r.t.Context(), p, o)
}

// outcomes are what the lock holds, a word a step.
func (r *rig) outcomes() string {
	r.t.Helper()
	f, err := lock.Read(r.lock)
	if err != nil {
		r.t.Fatal(err)
	}
	var out []string
	if run := f.Runs["once"]; run != nil {
		out = append(out, string(run.Outcome))
		for _, s := range run.Steps {
			out = append(out, s.ID+"="+string(s.Outcome))
		}
	}
	return strings.Join(out, " ")
}

// stands checks that a group is committed at an offset, in both partitions.
func (r *rig) stands(group string, want int64) {
	r.t.Helper()
	for p, at := range r.service.Committed(group) {
		if at != providers.AtOffset(want) {
			r.t.Errorf("%s stands at %s on %s, want %d", group, at, p, want)
		}
	}
}

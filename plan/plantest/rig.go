// Package plantest helps to test the packages below plan. A Rig is a document with
// a service in memory and a clock that moves only when the program sleeps; the
// other functions build the readings that most tests use.
//
// The invariant: a test that uses it needs no network and no real time. Only tests
// import it.
package plantest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/memory"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/resetplan/resetplan/schema"
)

// A Rig is a service in memory, a lock and a clock that moves only when the program
// sleeps.
type Rig struct {
	T         *testing.T
	Service   *memory.Service
	Caps      providers.Capabilities
	Lock      string
	mu        sync.Mutex
	Now       time.Time
	Asleep    func()    // called at every sleep; may be nil
	To        schema.To // the target of every step, if set; else the offset of its line
	Workloads map[string]survey.Workload
	Near      bool // every step allows an approximation
}

// New returns a Rig with groups a, b and c, each committed at offset 4 of 6 records
// in the two partitions of topic orders.
func New(t *testing.T) *Rig {
	r := &Rig{T: t, Service: memory.NewService(), Caps: memory.Full(), Lock: filepath.Join(t.TempDir(), "p.lock.yaml"), Now: Now}
	r.Topic("log")
	for _, g := range []string{"a", "b", "c"} {
		for n := range 2 {
			r.Service.Commit(g, Orders(n), 4, nil)
		}
	}
	return r
}

// Topic creates the topic, or re-creates it with another id.
func (r *Rig) Topic(id string) {
	var times []time.Time
	for n := range 6 {
		times = append(times, Now.Add(time.Duration(n-6)*time.Hour))
	}
	r.Service.Topic("orders", 2, id, times...)
}

func (r *Rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Now
}

func (r *Rig) sleep(ctx context.Context, d time.Duration) error {
	r.mu.Lock()
	r.Now = r.Now.Add(d)
	wake := r.Asleep
	r.mu.Unlock()
	if wake != nil {
		wake()
	}
	return ctx.Err()
}

// Open opens a document with one step per line: an id, a group, an offset, and the
// ids of needed steps. A line "onError WORD" sets onError.
func (r *Rig) Open(steps string) *survey.Reader {
	r.T.Helper()
	kind := memory.New(r.Service, r.Caps)
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
			r.T.Fatal(err)
		}
		s := schema.Step{ID: id, Provider: "m", Target: map[string]any{"group": group, "topic": "orders"},
			To: schema.To{Form: schema.ToOffset, Offset: offset}}
		if s.Approximate = r.Near; r.To.Form != "" {
			s.To = r.To
		}
		if needs != "" {
			s.Needs = strings.Split(needs, ",")
		}
		doc.Steps = append(doc.Steps, s)
	}
	reader, err := survey.Open(doc, survey.Deps{Providers: []providers.Provider{kind}, By: "tester@here", Process: providers.Process{Now: r.clock},
		Workloads: r.Workloads,
		Retry:     retry.Policy{First: time.Second, Most: time.Second, Tries: 3, Sleep: r.sleep}})
	if err != nil {
		r.T.Fatal(err)
	}
	return reader
}

// Sel selects every step of the default run.
func (r *Rig) Sel() reconcile.Selection { return reconcile.Selection{Lock: r.Lock} }

// Apply plans and applies.
func (r *Rig) Apply(reader *survey.Reader, o reconcile.ApplyOptions) (*reconcile.Result, error) {
	r.T.Helper()
	o.Selection = r.Sel()
	p, err := reconcile.Plan(r.T.Context(), reader, o.Selection)
	if err != nil {
		r.T.Fatal(err)
	}
	return reconcile.Apply(r.T.Context(), reader, p, o)
}

// Outcomes returns the outcome of the run in the lock, and then of each step:
// "applied x=verified".
func (r *Rig) Outcomes() string {
	r.T.Helper()
	f, err := lock.Read(r.T.Context(), r.Lock)
	if err != nil {
		r.T.Fatal(err)
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

// ExpectCommitted checks that a group is committed at an offset, in both partitions.
func (r *Rig) ExpectCommitted(group string, want int64) {
	r.T.Helper()
	for p, at := range r.Service.Committed(group) {
		if at != providers.AtOffset(want) {
			r.T.Errorf("%s is committed at %s on %s, want %d", group, at, p, want)
		}
	}
}

// OpenByTime opens a document whose service accepts only one time for the whole
// target.
func (r *Rig) OpenByTime(steps string) *survey.Reader {
	reader := r.Open(steps)
	for _, c := range reader.Connections {
		c.Caps.Moves = map[providers.Kind]providers.Grain{providers.Time: providers.WholeTarget}
		c.Caps.Undo = providers.Inferred
	}
	return reader
}

package plan

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/memory"
	"github.com/resetplan/resetplan/schema"
)

// A rig is a document over a service in memory, whose clock moves only when
// somebody sleeps.
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
	rec, err := Open(doc, World{Providers: []providers.Provider{kind}, By: "tester@here", Env: providers.Env{Now: r.clock},
		Patience: providers.Patience{First: time.Second, Most: time.Second, Tries: 3, Sleep: r.sleep}})
	if err != nil {
		r.t.Fatal(err)
	}
	return rec
}

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

func (r *rig) stands(group string, want int64) {
	r.t.Helper()
	for p, at := range r.service.Committed(group) {
		if at != providers.AtOffset(want) {
			r.t.Errorf("%s stands at %s on %s, want %d", group, at, p, want)
		}
	}
}

func TestApply(t *testing.T) {
	for name, c := range map[string]struct {
		steps   string
		options ApplyOptions
		before  func(*rig)
		want    string // the lock: the run's outcome, then each step's
		err     any    // nil, or the kind of error
	}{
		"two steps are carried out in order": {steps: "x a 1\ny b 1", want: "applied x=verified y=verified"},
		"a step that stands there is kept":   {steps: "x a 4", want: "applied x=keep"},
		"the needs of a step come first":     {steps: "x a 1 y\ny b 1", want: "applied y=verified x=verified"},
		"a refused part makes it incomplete": {steps: "x a 1\ny b 1", before: func(r *rig) { r.service.RefusePart(orders(1)) }, want: "failed x=failed y=not-run", err: new(*Incomplete)},
		"a lost answer is read back":         {steps: "x a 1", before: func(r *rig) { r.service.LoseAnswer() }, want: "applied x=verified"},
		"a service that throttles is waited for": {steps: "x a 1", before: func(r *rig) {
			r.service.FailReset(providers.ErrThrottled)
			r.asleep = func() { r.service.FailReset(nil) }
		}, want: "applied x=verified"},
		"a service that is away fails before anything is changed": {steps: "x a 1\ny b 1", before: func(r *rig) { r.service.FailReset(providers.ErrUnavailable) },
			want: "failed x=failed y=not-run", err: errors.New("nothing was changed")},
		"a refusal of the service is one": {steps: "x a 1", before: func(r *rig) { r.service.FailReset(providers.ErrPrecondition) }, want: "failed x=refused", err: new(*Refusal)},
		"a doubt stays where reading does not settle it": {steps: "x a 1\ny b 1", before: func(r *rig) { r.service.FailReset(providers.ErrInDoubt) },
			want: "in-doubt x=in-doubt y=not-run", err: new(*Incomplete)},
		"an effect that shows late is waited for": {steps: "x a 1", options: ApplyOptions{Settle: ptr(30 * time.Second)}, before: func(r *rig) { r.service.Hide(3) }, want: "applied x=verified"},
		"an effect that never shows is applied, not verified": {steps: "x a 1", options: ApplyOptions{Settle: ptr(3 * time.Second)}, before: func(r *rig) { r.service.Hide(99) },
			want: "applied x=applied"},
		"onError: continue goes on with what does not depend": {steps: "onError continue\nx a 1\ny b 1 x\nz c 1", before: func(r *rig) { r.service.RefusePart(orders(0)) },
			want: "failed x=failed z=verified y=not-run", err: new(*Incomplete)},
		"while one step is blocked nothing is sent": {steps: "x a 1\ny b 1", before: func(r *rig) { r.service.Activate("b") }, want: "", err: new(*Refusal)},
		"all at once, as far as needs allow":        {steps: "x a 1\ny b 1\nz c 1 x,y", options: ApplyOptions{Parallelism: 8}, want: "applied z=verified"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			if c.before != nil {
				c.before(r)
			}
			_, err := r.apply(r.open(c.steps), c.options)
			switch want := c.err.(type) {
			case nil:
				if err != nil {
					t.Fatal(err)
				}
			case error:
				if err == nil || !strings.Contains(err.Error(), want.Error()) {
					t.Errorf("got %v", err)
				}
			default:
				if err == nil || !errors.As(err, want) {
					t.Errorf("got %T %v", err, err)
				}
			}
			got := r.outcomes()
			if c.options.Parallelism > 1 {
				got = "applied " + got[strings.LastIndexByte(got, ' ')+1:]
			}
			if got != c.want {
				t.Errorf("the lock holds %q, want %q", got, c.want)
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestASecondApplySendsNothing(t *testing.T) {
	r := newRig(t)
	rec := r.open("x a 1\ny b 1")
	if _, err := r.apply(rec, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	sent := r.service.Resets()
	r.service.Commit("a", orders(0), 3, nil)
	if _, err := r.apply(rec, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if r.service.Resets() != sent {
		t.Error("it was sent again")
	}
}

func TestOnErrorUndoTakesBackWhatWasDone(t *testing.T) {
	r := newRig(t)
	rec := r.open("onError undo\nx a 1\ny b 1")
	rec.world.Progress = func(e Event) {
		if e.Kind == Sending && e.Step == "y" {
			r.service.RefusePart(orders(1))
		}
	}
	_, err := r.apply(rec, ApplyOptions{})
	var partial *Incomplete
	if !errors.As(err, &partial) {
		t.Errorf("got %v", err)
	}
	r.stands("a", 4)
	r.stands("b", 4)
	if got := r.outcomes(); got != "failed x=undone y=undone" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestACommitOverAResetIsTold(t *testing.T) {
	r := newRig(t)
	rec := r.open("x a 1")
	p, err := rec.Plan(t.Context(), r.sel())
	if err != nil {
		t.Fatal(err)
	}
	r.service.Hide(1)
	r.asleep = func() { r.service.Commit("a", orders(0), 2, nil); r.service.Activate("a") }
	_, err = rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel(), Settle: ptr(10 * time.Second)})
	var partial *Incomplete
	if !errors.As(err, &partial) || !strings.Contains(err.Error(), "somebody committed over it: orders/0 was set to offset:1 and stands at offset:2") || !strings.Contains(err.Error(), "client at host") {
		t.Errorf("got %v", err)
	}
	if got := r.outcomes(); got != "failed x=overwritten" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestAPlanThatIsOverAgeIsReadAgain(t *testing.T) {
	for name, c := range map[string]struct {
		between func(*rig)
		want    string
	}{
		"a commit that moved":       {func(r *rig) { r.service.Commit("a", orders(1), 3, nil) }, "orders/1 stood at offset:4 when this was planned and stands at offset:3 now"},
		"a member that joined":      {func(r *rig) { r.service.Activate("a") }, "the group is active"},
		"a topic made again":        {func(r *rig) { r.topic("another") }, "deleted and made again"},
		"a log that was cut":        {func(r *rig) { r.service.Truncate(orders(0), 3) }, "records of the range are gone"},
		"nothing but a commit of b": {func(r *rig) { r.service.Commit("b", orders(1), 3, nil) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			rec := r.open("x a 1")
			p, err := rec.Plan(t.Context(), r.sel())
			if err != nil {
				t.Fatal(err)
			}
			c.between(r)
			r.now = r.now.Add(time.Hour)
			_, err = rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel()})
			var refusal *Refusal
			if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &refusal) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v", err)
			}
			if c.want != "" && (r.service.Resets() != 0 || r.outcomes() != "") {
				t.Error("something was sent or recorded")
			}
		})
	}
}

func TestUndoPutsBackWhatStoodThere(t *testing.T) {
	r := newRig(t)
	r.service.Commit("a", orders(0), 4, map[string]string{"metadata": "mine"})
	rec := r.open("x a 1\ny b 2")
	if _, err := r.apply(rec, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := rec.PlanUndo(t.Context(), r.sel())
	if err != nil {
		t.Fatal(err)
	}
	if p.Steps[0].ID != "y" || !p.Undo {
		t.Errorf("it does not begin with the newest: %s", p.Steps[0].ID)
	}
	if _, err := rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel()}); err != nil {
		t.Fatal(err)
	}
	r.stands("a", 4)
	r.stands("b", 4)
	if got := r.outcomes(); got != "applied x=undone y=undone" {
		t.Errorf("the lock holds %q", got)
	}
	if _, err := r.apply(rec, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r.stands("a", 1)
}

func TestAStopFinishesTheStepUnderWay(t *testing.T) {
	r := newRig(t)
	rec := r.open("x a 1\ny b 1")
	stop := make(chan struct{})
	rec.world.Progress = func(e Event) {
		if e.Kind == Sending && e.Step == "x" {
			close(stop)
		}
	}
	_, err := r.apply(rec, ApplyOptions{Stop: stop})
	if !errors.Is(err, ErrInterrupted) {
		t.Errorf("got %v", err)
	}
	if got := r.outcomes(); got != "interrupted x=verified y=not-run" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestACancelBeforeTheServiceHasItIsNoDoubt(t *testing.T) {
	r := newRig(t)
	rec := r.open("x a 1")
	ctx, cancel := context.WithCancel(t.Context())
	p, err := rec.Plan(ctx, r.sel())
	if err != nil {
		t.Fatal(err)
	}
	release := r.service.Block()
	defer release()
	rec.world.Progress = func(e Event) {
		if e.Kind == Sending {
			cancel()
		}
	}
	if _, err = rec.Apply(ctx, p, ApplyOptions{Selection: r.sel()}); !errors.Is(err, ErrInterrupted) {
		t.Errorf("got %v", err)
	}
	if got := r.outcomes(); got != "interrupted x=failed" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestCheckFindsWhatTheSchemaCannot(t *testing.T) {
	r := newRig(t)
	kind := memory.New(r.service, r.caps)
	step := func(id, group string, form schema.Form, needs ...string) schema.Step {
		return schema.Step{ID: id, Provider: "m", Target: map[string]any{"group": group, "topic": "orders"}, To: schema.To{Form: form}, Needs: needs}
	}
	for name, c := range map[string]struct {
		steps []schema.Step
		edit  func(*schema.Document)
		want  string
	}{
		"a circle":           {[]schema.Step{step("x", "a", schema.ToLatest, "y"), step("y", "b", schema.ToLatest, "x")}, nil, "step x waits for itself: x needs y needs x"},
		"one target twice":   {[]schema.Step{step("x", "a", schema.ToLatest), step("y", "a", schema.ToEarliest)}, nil, "memory:a/orders is moved by step x too"},
		"a form it cannot":   {[]schema.Step{step("x", "a", schema.ToDefault)}, nil, "memory has no rule of its own"},
		"a pause it has not": {[]schema.Step{step("x", "a", schema.ToLatest)}, func(d *schema.Document) { d.Steps[0].Idle.Pause = true }, "memory cannot pause"},
		"a wrong target":     {[]schema.Step{{ID: "x", Provider: "m", Target: map[string]any{"grup": "a"}, To: schema.To{Form: schema.ToLatest}}}, nil, "grup"},
		"an unknown type":    {[]schema.Step{step("x", "a", schema.ToLatest)}, func(d *schema.Document) { d.Providers[0].Type = "other" }, "is not built into this resetplan"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := &schema.Document{Providers: []schema.Provider{{Name: "m", Type: memory.Type, Config: map[string]any{}}}, Steps: c.steps}
			if c.edit != nil {
				c.edit(doc)
			}
			if faults := Check(doc, []providers.Provider{kind}); !strings.Contains(faults.Error(), c.want) {
				t.Errorf("got %v", faults)
			}
		})
	}
}

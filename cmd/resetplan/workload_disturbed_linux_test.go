//go:build linux && amd64

package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/killpoint"
)

// A disturbance is what happens while an apply with a workload is at one of its points.
type disturbance struct {
	name  string
	do    func(tr *trial, pid int) output // what it printed, if it is a command
	exits []int                           // of the apply
	every int                             // of the points, only every n-th is tried
	then  func(tr *trial, b *broken, done disturbed)
}

// disturbed is what an apply and the command at its point have printed.
type disturbed struct{ apply, other output }

func signals(n int) func(tr *trial, pid int) output {
	return func(_ *trial, pid int) output {
		for range n {
			_ = syscall.Kill(pid, syscall.SIGTERM)
		}
		return output{}
	}
}

func disturbances() []disturbance {
	command := func(words ...string) func(tr *trial, _ int) output {
		return func(tr *trial, _ int) output { return tr.run(append(words, tr.file())...) }
	}
	return []disturbance{
		{name: "SIGTERM", do: signals(1), exits: []int{0, 130}, every: 1, then: func(tr *trial, b *broken, _ disturbed) {
			if tr.paused() {
				b.add("the consumers are stopped after SIGTERM")
			}
		}},
		{name: "SIGTERM twice", do: signals(2), exits: []int{-1, 0, 5, 130}, every: 2, then: func(tr *trial, b *broken, done disturbed) {
			if tr.paused() && done.apply.code != -1 && !strings.Contains(done.apply.out, "STILL PAUSED") {
				b.add("the consumers are stopped, which is not reported: exit %d, %s", done.apply.code, done.apply.out)
			}
			if resumed := tr.run("resume", tr.file()); resumed.code != 0 || tr.paused() {
				b.add("resume does not start the consumers: exit %d, %s", resumed.code, oneLine(resumed))
			}
		}},
		{name: "resume meanwhile", do: command("resume"), exits: []int{0}, every: 1, then: func(_ *trial, b *broken, done disturbed) {
			held := done.other.code == 4 && strings.Contains(done.other.err, "is held by")
			if !held && (done.other.code != 0 || !strings.Contains(done.other.out, "nothing to do")) {
				b.add("resume exits with %d, %s%s", done.other.code, done.other.out, oneLine(done.other))
			}
		}},
		{name: "another plan with the workload meanwhile", do: func(tr *trial, _ int) output {
			return tr.run("apply", tr.dir+"-other/p.yaml", "--auto-approve")
		}, exits: []int{0}, every: 2, then: func(_ *trial, b *broken, done disturbed) {
			if done.other.code != 0 {
				b.add("the other plan exits with %d, %s", done.other.code, oneLine(done.other))
			}
		}},
	}
}

// TestWorkloadIsDisturbedAtEveryPoint disturbs an apply whose consumers a workload stops, before each system call that
// writes, syncs, renames or sends. The workload and the service have records of their own.
func TestWorkloadIsDisturbedAtEveryPoint(t *testing.T) {
	p := programs{buildProgram(t), buildShifted(t)}
	w := newWorkloadCluster(t)
	for _, d := range disturbances() {
		t.Run(strings.ReplaceAll(d.name, " ", "-"), func(t *testing.T) {
			r := &report{broken: map[string][]string{}}
			pilot := sweep{verb: "apply", open: w.workload}
			end := pilot.kill(t, p, pilot.prepare(t, p), nil)
			opened := slices.IndexFunc(end.Points, func(p killpoint.Point) bool { return p.Call == "create" })
			for i, at := range end.Points {
				if every := map[bool]int{true: thinReading, false: d.every}[i < opened]; i%every != 0 {
					r.thinned++
					continue
				}
				d.try(t, p, w, at, r)
			}
			r.print(t, d.name)
			if r.tried == 0 {
				t.Error("no point was tried")
			}
		})
	}
}

// try disturbs an apply at one point and examines how it and the workload end.
func (d disturbance) try(t *testing.T, run programs, w *workloadCluster, at killpoint.Point, r *report) {
	tr := newTrial(t, run.shifted, w.workload)
	w.otherPlan(t, tr)
	out, err := os.Create(tr.dir + ".out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	var done disturbed
	end, err := killpoint.Run(killpoint.Command{
		Path: run.real, Args: []string{"apply", "p.yaml", "--auto-approve"}, Env: append(environment(tr.dir), tr.env...), Dir: tr.dir, Output: out,
		Peers: map[int]string{tr.port: tr.name}, Sent: requestName, At: func(pid int) { done.other = d.do(tr, pid) },
	}, &at)
	if err != nil {
		t.Fatal(err)
	}
	if !end.Reached {
		return
	}
	done.apply = output{end.Code, tr.printed(t), ""}
	b := &broken{}
	if !slices.Contains(d.exits, end.Code) {
		b.add("the apply exits with %d: %s", end.Code, done.apply.out)
	}
	d.then(tr, b, done)
	tr.claims(b, "at the end")
	f, err := tr.lock()
	switch {
	case err != nil:
		b.add("the lock cannot be read: %v", err)
	case len(f.Paused()) > 0 && end.Code != -1:
		b.add("the lock still records a stop: %v", f.Paused())
	case tr.paused():
		b.add("the consumers are left stopped: %v", w.commands(tr.group))
	}
	if whole, _, _ := tr.moved(); end.Code == 0 && !whole {
		b.add("exit 0, and not everything was moved: %v", tr.all())
	}
	r.note(at.String(), b.rules)
}

// otherPlan writes a plan that names the same workload for a group of its own, with a lock of its own.
func (w *workloadCluster) otherPlan(t *testing.T, tr *trial) {
	t.Helper()
	group := w.group(t, &ledger{}, itself, "orders", 3, 300)
	w.share(group, tr.group)
	text := fmt.Sprintf("version: 1\nname: other\nproviders: {one: {type: kafka, bootstrapServers: [%q]}}\nsteps:\n  - id: move\n    provider: one\n"+
		"    target: {group: %s, topic: orders}\n    to: {offset: 100}\n    idle: {workload: consumers}\n", w.Address(), group)
	if err := os.MkdirAll(tr.dir+"-other", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(tr.dir+"-other/p.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTwoPlansWithOneWorkload has a plan that finds the consumers stopped by another plan, which starts them before the
// reset of the first one is sent: the broker refuses it, nothing is moved, and the consumers run.
func TestTwoPlansWithOneWorkload(t *testing.T) {
	p := programs{buildProgram(t), buildShifted(t)}
	w := newWorkloadCluster(t)
	pilot := sweep{verb: "apply", open: w.workload}
	points := pilot.kill(t, p, pilot.prepare(t, p), nil).Points
	sends := slices.IndexFunc(points, func(p killpoint.Point) bool { return strings.HasSuffix(p.On, "OffsetCommit") })
	if sends < 0 || sends+1 >= len(points) {
		t.Fatalf("no reset in %v", points)
	}
	holder := newTrial(t, p.shifted, w.workload) // it stops the workload
	record := &ledger{}
	group := w.group(t, record, itself, "orders", 3, 300)
	w.share(group, holder.group)
	late := newTrial(t, p.shifted, func(testing.TB, *ledger, func() time.Time) service {
		s := w.offsets(group, "orders", 3, 300, 100)
		s.group, s.name, s.provider, s.port, s.env = group, "kafka", holder.provider, holder.port, holder.env
		s.step = fmt.Sprintf("    target: {group: %s, topic: orders}\n    to: {offset: 100}\n    idle: {workload: consumers}\n", group)
		return s
	})
	start := func(tr *trial, at killpoint.Point, do func()) (killpoint.End, string) {
		out, err := os.Create(tr.dir + ".out")
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		end, err := killpoint.Run(killpoint.Command{Path: p.real, Args: []string{"apply", "p.yaml", "--auto-approve"},
			Env: append(environment(tr.dir), tr.env...), Dir: tr.dir, Output: out, Peers: map[int]string{tr.port: tr.name}, Sent: requestName,
			At: func(int) { do() }}, &at)
		if err != nil || !end.Reached {
			t.Errorf("%v, %+v", err, end)
			do() // the other plan waits for it
		}
		return end, tr.printed(t)
	}
	stopped, ready, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var first killpoint.End
	go func() {
		defer close(ended)
		first, _ = start(holder, points[sends+1], func() { close(stopped); <-ready })
	}()
	<-stopped
	second, printed := start(late, points[sends], func() { close(ready); <-ended })
	if first.Code != 0 || second.Code != 4 || !strings.Contains(printed, "nothing was changed") {
		t.Errorf("the plans exit with %d and %d: %s", first.Code, second.Code, printed)
	}
	if holder.paused() || len(record.all()) > 0 {
		t.Errorf("stopped: %v, moved: %v", holder.paused(), record.all())
	}
	if got := strings.Join(w.commands(holder.group), " "); got != "stop start" {
		t.Errorf("the workload got %q", got)
	}
}

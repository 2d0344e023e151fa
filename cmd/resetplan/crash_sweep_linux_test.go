//go:build linux && amd64

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/killpoint"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A sweep is one command of the program that is killed at each of its points, in a fresh trial each time.
type sweep struct {
	name  string
	verb  string // apply or rollback
	open  func(t testing.TB, l *ledger, now func() time.Time) service
	every int // of the points after the lock was opened, only every n-th is tried; 1 = all
}

// thinReading: of the points before the lock is opened, only every sixth is tried. Nothing has been recorded or moved by
// then, so all leave the same state.
const thinReading = 6

func crashSweeps(c *cluster, w *workloadCluster) []sweep {
	type opener = func(testing.TB, *ledger, func() time.Time) service
	kafka := func(t testing.TB, l *ledger, _ func() time.Time) service { return c.kafka(t, l, 300, 120) }
	ended := func(t testing.TB, l *ledger, _ func() time.Time) service { return c.kafkaAtEnd(t, l) }
	huawei := func(pace int64) opener {
		return func(t testing.TB, l *ledger, now func() time.Time) service { return huaweiService(t, l, now, pace) }
	}
	undo := func(open opener) opener {
		return func(t testing.TB, l *ledger, now func() time.Time) service {
			s := open(t, l, now)
			c.failing(t, &s)
			return s
		}
	}
	return []sweep{
		{name: "kafka", verb: "apply", open: kafka, every: 1},
		{name: "kafka rollback", verb: "rollback", open: kafka, every: 1},
		{name: "kafka undo", verb: "apply", open: undo(kafka), every: 1},
		{name: "kafka at the end of the log", verb: "apply", open: ended, every: 1},
		{name: "enos-pipeline with a pause", verb: "apply", open: enosService, every: 1},
		{name: "kafka with a workload", verb: "apply", open: w.workload, every: 1},
		{name: "kafka with a workload rollback", verb: "rollback", open: w.workload, every: 1},
		{name: "kafka with a replay", verb: "apply", open: w.replay("nothing"), every: 2},
		{name: "kafka with a replay, then stop", verb: "apply", open: w.replay("stop"), every: 2},
		{name: "kafka with a replay, then return", verb: "apply", open: w.replay("return"), every: 2},
		{name: "kafka with a shared workload undo", verb: "apply", open: w.shared, every: 1},
		{name: "huawei-rocketmq, slow consumers", verb: "apply", open: huawei(1), every: 1},
		{name: "huawei-rocketmq, consumers read back", verb: "apply", open: huawei(50), every: 1},
		{name: "huawei-rocketmq rollback", verb: "rollback", open: huawei(1), every: 2},
		{name: "aliyun-kafka", verb: "apply", open: c.aliyun, every: 2},
		{name: "aliyun-kafka rollback", verb: "rollback", open: c.aliyun, every: 3},
		{name: "aliyun-kafka undo", verb: "apply", open: undo(c.aliyun), every: 3},
		{name: "aliyun-sls", verb: "apply", open: slsService, every: 1},
		{name: "aliyun-sls rollback", verb: "rollback", open: slsService, every: 2},
		{name: "aliyun-sls undo", verb: "apply", open: undo(slsService), every: 3},
		{name: "tencent-dts", verb: "apply", open: c.tencent, every: 2},
	}
}

// TestCrashSweep kills the real program with SIGKILL before and after each system call that writes, syncs, renames,
// removes or sends, and compares the results of the next plan and apply with the services' own records.
func TestCrashSweep(t *testing.T) {
	p := programs{buildProgram(t), buildShifted(t)}
	c, w := newCluster(t), newWorkloadCluster(t)
	var mu sync.Mutex
	tried, thinned := 0, 0
	t.Run("sweeps", func(t *testing.T) {
		for _, s := range crashSweeps(c, w) {
			t.Run(strings.ReplaceAll(s.name, " ", "-"), func(t *testing.T) {
				t.Parallel()
				r := &report{broken: map[string][]string{}}
				s.run(t, p, r)
				r.print(t, s.name)
				mu.Lock()
				defer mu.Unlock()
				tried, thinned = tried+r.tried, thinned+r.thinned
			})
		}
	})
	t.Logf("crash sweep: killed at %d points in %d sweeps; %d points thinned out", tried, len(crashSweeps(c, w)), thinned)
}

// patient is the timeout of a request: enough for a busy machine.
const patient = "60s"

// programs are the real program, which is killed, and the same with a clock that can be set ahead, which examines the
// state afterwards.
type programs struct{ real, shifted string }

// A report is what a sweep has found.
type report struct {
	mu      sync.Mutex
	tried   int // points at which the program was killed
	thinned int
	bad     int                 // points at which a rule was broken
	broken  map[string][]string // rule -> where it was broken
}

func (r *report) note(at string, broken []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried++
	if len(broken) > 0 {
		r.bad++
	}
	for _, b := range broken {
		rule, detail, _ := strings.Cut(b, ": ")
		r.broken[rule] = append(r.broken[rule], strings.TrimSuffix(at+": "+detail, ": "))
	}
}

func (r *report) print(t *testing.T, name string) {
	t.Logf("%s: %d points, %d thinned out, %d with a broken rule", name, r.tried, r.thinned, r.bad)
	const most = 8
	for rule, at := range r.broken {
		slices.Sort(at)
		more := ""
		if len(at) > most {
			more = fmt.Sprintf("\n  and %d more", len(at)-most)
		}
		t.Errorf("%s, at %d points:\n  %s%s", rule, len(at), strings.Join(at[:min(most, len(at))], "\n  "), more)
	}
}

// workers is how many programs of one sweep run at once.
const workers = 3

func (s sweep) run(t *testing.T, run programs, r *report) {
	pilot := s.prepare(t, run)
	end := s.kill(t, run, pilot, nil)
	want := 0
	if pilot.second != "" {
		want = 5
	}
	if end.Code != want {
		t.Fatalf("without a kill, the command exits with %d, want %d:\n%s", end.Code, want, pilot.printed(t))
	}
	points := s.thin(end.Points, r)
	var wait sync.WaitGroup
	queue := make(chan killpoint.Point)
	for range workers {
		wait.Go(func() {
			for at := range queue {
				s.try(t, run, at, r)
			}
		})
	}
	for _, p := range points {
		for _, p.After = range []bool{false, true} {
			queue <- p
		}
	}
	close(queue)
	wait.Wait()
	for _, p := range last(end.Points) { // with another scheduling there may be more of a kind
		for p.N++; s.try(t, run, p, r); p.N++ {
		}
	}
}

// last returns the last occurrence of each kind of point.
func last(points []killpoint.Point) []killpoint.Point {
	var out []killpoint.Point
	for i, p := range points {
		if !slices.ContainsFunc(points[i+1:], func(q killpoint.Point) bool { return q.Call == p.Call && q.On == p.On }) {
			out = append(out, p)
		}
	}
	return out
}

// thin omits points, the same ones every time, and counts them.
func (s sweep) thin(points []killpoint.Point, r *report) []killpoint.Point {
	opened := slices.IndexFunc(points, func(p killpoint.Point) bool { return p.Call == "create" })
	var out []killpoint.Point
	for i, p := range points {
		every := s.every
		if i < opened {
			every = thinReading
		}
		if i%every != 0 {
			r.thinned += 2
			continue
		}
		out = append(out, p)
	}
	return out
}

// prepare creates a trial in which the command can run.
func (s sweep) prepare(t *testing.T, run programs) *trial {
	tr := newTrial(t, run.shifted, s.open)
	if s.verb == "rollback" {
		if done := tr.apply("apply"); done.code != 0 {
			t.Fatalf("the apply before the rollback exits with %d:\n%s%s", done.code, done.out, done.err)
		}
		tr.advance(tr.settles) // a second reset waits for that long
	}
	return tr
}

func newTrial(t *testing.T, program string, open func(testing.TB, *ledger, func() time.Time) service) *trial {
	t.Helper()
	tr := &trial{ledger: &ledger{}, shiftedClock: &shiftedClock{}, dir: t.TempDir(), program: program}
	tr.service = open(t, tr.ledger, tr.now)
	tr.write(t, patient)
	return tr
}

// kill runs the sweep's command, up to a point.
func (s sweep) kill(t *testing.T, run programs, tr *trial, at *killpoint.Point) killpoint.End {
	out, err := os.Create(tr.dir + ".out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	path, env := run.real, append(environment(tr.dir), tr.env...)
	if ahead := tr.ahead(); ahead > 0 {
		path, env = run.shifted, append(env, aheadVariable+"="+ahead.String())
	}
	end, err := killpoint.Run(killpoint.Command{
		Path: path, Args: append([]string{s.verb, "p.yaml", "--auto-approve"}, tr.flags...), Env: env, Dir: tr.dir, Output: out,
		Peers: map[int]string{tr.port: tr.name, tr.otherPort: "kafka"}, Sent: requestName,
	}, at)
	if err != nil {
		t.Error(err)
	}
	return end
}

// requestName names a request by its first bytes.
func requestName(peer string, head []byte) string {
	if peer == "kafka" {
		if len(head) < 6 {
			return "part of a request"
		}
		return kmsg.NameForKey(int16(binary.BigEndian.Uint16(head[4:])))
	}
	line, _, _ := strings.Cut(string(head), " HTTP/1.1")
	path, query, _ := strings.Cut(line, "?")
	for _, kept := range []string{"action=", "type=", "Action="} { // the action, if it is in the query
		if _, value, found := strings.Cut(query, kept); found {
			value, _, _ = strings.Cut(value, "&")
			path += " " + value
		}
	}
	if _, action, found := strings.Cut(string(head), "X-Tc-Action: "); found {
		path, _, _ = strings.Cut(action, "\r")
	}
	return path
}

func (tr *trial) printed(t *testing.T) string {
	text, err := os.ReadFile(tr.dir + ".out")
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// try kills the command at one point and examines the recovery. It reports whether the point was reached.
func (s sweep) try(t *testing.T, run programs, at killpoint.Point, r *report) bool {
	tr := s.prepare(t, run)
	end := s.kill(t, run, tr, &at)
	if !end.Reached {
		return false
	}
	r.note(at.String(), tr.recover(s.verb))
	return true
}

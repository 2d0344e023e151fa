//go:build linux && amd64

package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
)

const (
	impatient = "2s" // the timeout of a request if an answer is late
	lateBy    = 3 * time.Second
)

// A faultSweep is an apply in which each request in turn fails in each way.
type faultSweep struct {
	name string
	open func(t testing.TB, l *ledger, now func() time.Time) service
	not  []failure // ways that do not exist for this service
}

func faultSweeps(c *cluster) []faultSweep {
	return []faultSweep{
		{name: "kafka", open: func(t testing.TB, l *ledger, _ func() time.Time) service { return kafkaFront(t, l) }, not: []failure{garbageBefore}},
		{name: "aliyun-kafka", open: c.aliyun},
		{name: "aliyun-sls", open: slsService},
		{name: "huawei-rocketmq", open: func(t testing.TB, l *ledger, now func() time.Time) service { return huaweiService(t, l, now, 1) }},
		{name: "tencent-dts", open: c.tencent},
		{name: "enos-pipeline with a pause", open: enosService},
	}
}

// TestFaultSweep makes each request of an apply fail in turn, in every way, and compares exit code and lock with the
// services' own records; then the service works again, and the next apply never repeats blindly.
func TestFaultSweep(t *testing.T) {
	program := buildShifted(t)
	c := newCluster(t)
	var mu sync.Mutex
	tried, thinned := 0, 0
	t.Run("sweeps", func(t *testing.T) {
		for _, s := range faultSweeps(c) {
			t.Run(strings.ReplaceAll(s.name, " ", "-"), func(t *testing.T) {
				t.Parallel()
				r := &report{broken: map[string][]string{}}
				s.run(t, program, r)
				r.print(t, s.name)
				mu.Lock()
				defer mu.Unlock()
				tried, thinned = tried+r.tried, thinned+r.thinned
			})
		}
	})
	t.Logf("fault sweep: %d requests failed in %d sweeps; %d thinned out", tried, len(faultSweeps(c)), thinned)
}

func (s faultSweep) run(t *testing.T, program string, r *report) {
	pilot := newTrial(t, program, s.open)
	pilot.front.arm(nil, 0, "")
	if done := pilot.apply("apply"); done.code != 0 {
		t.Fatalf("the apply without faults exits with %d:\n%s%s", done.code, done.out, done.err)
	}
	made := pilot.front.rest()
	type job struct {
		at  int
		how failure
	}
	var wait sync.WaitGroup
	queue := make(chan job)
	for range workers {
		wait.Go(func() {
			for j := range queue {
				s.try(t, program, made, j.at, j.how, r)
			}
		})
	}
	first := slices.IndexFunc(made, func(r request) bool { return r.write })
	for at := range made {
		for i, how := range failures {
			switch {
			case slices.Contains(s.not, how):
			case (at < first || !made[at].write && made[at].n > 1) && (at+i)%2 != 0:
				r.thinned++ // nothing has been changed yet, or the same read has failed before: every other way is enough
			default:
				queue <- job{at, how}
			}
		}
	}
	close(queue)
	wait.Wait()
}

// try makes one request fail and examines the result.
func (s faultSweep) try(t *testing.T, program string, made []request, at int, how failure, r *report) {
	tr := newTrial(t, program, s.open)
	if how == late {
		tr.write(t, impatient)
	}
	tr.front.arm(made, at, how)
	done := tr.apply("apply")
	tr.front.rest()
	b := &broken{}
	tr.quiet(b)
	tr.judge(b, done)
	tr.write(t, patient)
	b.rules = append(b.rules, tr.recover("apply")...)
	r.note(fmt.Sprintf("%s: %s #%d", how, made[at].name, made[at].n), b.rules)
}

// judge compares the result of an apply with what the service has done.
func (tr *trial) judge(b *broken, done output) {
	whole, some, _ := tr.moved()
	s, err := tr.recorded("move")
	if err != nil {
		b.add("the lock cannot be read: %v", err)
		return
	}
	paused := tr.paused != nil && tr.paused()
	switch done.code {
	case 0:
		if !whole || s == nil || !s.Outcome.Done() {
			b.add("exit 0, and it is not all done and recorded: %+v, the service has %v", s, tr.all())
		}
		if paused {
			b.add("exit 0, and the pipeline is paused: %v", tr.all())
		}
	case 1, 4:
		if some || paused {
			b.add("exit 1 or 4, and something was changed: exit %d, %s; the service has %v", done.code, oneLine(done), tr.all())
		}
	case 5:
		known := s != nil && (s.Outcome == lock.Failed || s.Outcome == lock.Refused) && s.Paused == nil
		if known && !some && len(tr.all()) == 0 {
			b.add("exit 5, and nothing was changed, as the lock knows: %s, %s", s.Outcome, oneLine(done))
		}
	default:
		b.add("it ends with a wrong exit code: exit %d, %s", done.code, oneLine(done))
	}
	if left := tr.left(); left != nil {
		b.add("files are left behind by an apply that ended by itself: %v", left)
	}
}

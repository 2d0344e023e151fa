package reconcile_test

import (
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/html"
	"github.com/resetplan/resetplan/plan/view/markdown"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/resetplan/resetplan/providers"
)

// crowd is a service with groups on the partitions of one topic, and a document with a
// step for each group.
func crowd(t *testing.T, groups, partitions int) (*plantest.Rig, *survey.Reader) {
	t.Helper()
	r := plantest.New(t)
	r.Service.Topic("orders", partitions, "log", plantest.Now.Add(-2*time.Hour), plantest.Now.Add(-time.Hour))
	var steps strings.Builder
	for g := range groups {
		name := fmt.Sprintf("g-%05d", g)
		for n := range partitions {
			r.Service.Commit(name, plantest.Orders(n), 2, nil)
		}
		fmt.Fprintf(&steps, "%s %s 1\n", name, name)
	}
	return r, r.Open(steps.String())
}

// use is the memory that a call uses, in bytes.
type use struct{ allocated, kept int64 }

// measure runs a function and returns what it allocated, and what its result keeps.
func measure(f func() any) use {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	result := f()
	runtime.ReadMemStats(&after)
	out := use{allocated: int64(after.TotalAlloc) - int64(before.TotalAlloc)}
	runtime.GC()
	runtime.ReadMemStats(&after)
	out.kept = int64(after.HeapAlloc) - int64(before.HeapAlloc)
	runtime.KeepAlive(result)
	return out
}

// TestAPlanGrowsLinearly plans for 10,000 and 100,000 partitions, and views the plans. A
// plan that is only shown keeps at most 400 bytes for each.
func TestAPlanGrowsLinearly(t *testing.T) {
	const partitions = 100
	views := map[string]func(io.Writer, *plan.Plan) error{
		"json":     view.PlanJSON,
		"table":    func(w io.Writer, p *plan.Plan) error { return term.Plan(w, p, view.Options{}) },
		"markdown": func(w io.Writer, p *plan.Plan) error { return markdown.Plan(w, p, view.Options{}) },
		"html":     func(w io.Writer, p *plan.Plan) error { return html.Plan(w, p, view.Options{}) },
	}
	each := map[string][]int64{} // bytes for each partition, by number of groups
	for _, groups := range []int{100, 1000} {
		r, reader := crowd(t, groups, partitions)
		sel := r.Sel()
		sel.Impact, sel.ShownOnly = true, true
		var p *reconcile.Prepared
		used := measure(func() any {
			var err error
			if p, err = reconcile.Plan(t.Context(), reader, sel); err != nil {
				t.Fatal(err)
			}
			return p
		})
		if p.Summary.Partitions != groups*partitions {
			t.Fatalf("%d partitions move", p.Summary.Partitions)
		}
		each["plan"] = append(each["plan"], used.allocated/int64(groups*partitions))
		each["kept"] = append(each["kept"], used.kept/int64(groups*partitions))
		for name, show := range views {
			shown := measure(func() any {
				if err := show(io.Discard, p.Plan); err != nil {
					t.Fatal(err)
				}
				return nil
			})
			each[name] = append(each[name], shown.allocated/int64(groups*partitions))
		}
	}
	t.Logf("bytes for each partition of 10,000 and of 100,000: %v", each)
	for name, bytes := range each {
		if bytes[1] > bytes[0]+bytes[0]/5+10 {
			t.Errorf("%s: %d bytes for each of 10,000 partitions, %d for each of 100,000", name, bytes[0], bytes[1])
		}
	}
	if kept := each["kept"][1]; kept > 400 {
		t.Errorf("a plan keeps %d bytes for each partition", kept)
	}
	if allocated := each["plan"][1]; allocated > 1500 {
		t.Errorf("a plan allocates %d bytes for each partition", allocated)
	}
}

// TestAnApplyGrowsLinearly applies plans of 50 and of 500 groups.
func TestAnApplyGrowsLinearly(t *testing.T) {
	const partitions = 20
	var each []int64
	for _, groups := range []int{50, 500} {
		r, reader := crowd(t, groups, partitions)
		used := measure(func() any {
			result, err := r.Apply(reader, reconcile.ApplyOptions{Parallelism: 8})
			if err != nil {
				t.Fatal(err)
			}
			return result
		})
		each = append(each, used.allocated/int64(groups*partitions))
	}
	t.Logf("bytes for each partition of 1,000 and of 10,000: %v", each)
	if each[1] > 12_000 {
		t.Errorf("an apply allocates %d bytes for each partition", each[1])
	}
	if each[1] > each[0]+each[0]/5 {
		t.Errorf("an apply allocates %d bytes for each of 1,000 partitions, %d for each of 10,000", each[0], each[1])
	}
}

// TestAPartIsSmall holds the sizes of what a plan has for each partition.
func TestAPartIsSmall(t *testing.T) {
	for _, c := range []struct {
		of   any
		most uintptr
	}{{providers.Position{}, 16}, {providers.PartReading{}, 208}, {plan.Part{}, 272}} {
		if size := reflect.TypeOf(c.of).Size(); size > c.most {
			t.Errorf("%T has %d bytes, at most %d are planned for each partition", c.of, size, c.most)
		}
	}
}

// TestALongApplyReadsEachTargetAFewTimes applies plans of 20 and of 200 steps of which each
// takes longer than a reading is trusted.
func TestALongApplyReadsEachTargetAFewTimes(t *testing.T) {
	each := map[int]int{}
	for _, steps := range []int{20, 200} {
		r, reader := crowd(t, steps, 2)
		r.Caps.ReadsOwnWrites = true
		for _, c := range reader.Connections {
			c.Caps.ReadsOwnWrites = true
		}
		settle := 3 * time.Second
		if _, err := r.Apply(reader, reconcile.ApplyOptions{Settle: &settle}); err != nil {
			t.Fatal(err)
		}
		each[steps] = r.Service.Reads() / steps
	}
	if each[200] > each[20]+1 {
		t.Errorf("each of 20 targets is read %d times, each of 200 %d times", each[20], each[200])
	}
}

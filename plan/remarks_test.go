package plan_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

func TestRemarksAreOneSentenceForManyPartitions(t *testing.T) {
	at := func(n int) providers.Part { return providers.Part{Topic: "orders", Number: n} }
	for name, c := range map[string]struct {
		add  func(*plan.Remarks)
		want []string
	}{
		"one partition": {func(r *plan.Remarks) { r.Add(at(0), "is late.") }, []string{"orders/0 is late."}},
		"several partitions have a verb in the plural": {func(r *plan.Remarks) {
			for n := range 3 {
				r.Add(at(n), "has no commit.")
			}
			r.Add(at(3), "goes to offset:1.")
			r.Add(at(4), "goes to offset:1.")
			r.Add(at(5), "no longer exists.")
			r.Add(at(6), "no longer exists.")
		}, []string{"orders/0-2 have no commit.", "orders/3-4 go to offset:1.", "orders/5-6 no longer exist."}},
		"two sentences that differ in a number are separate": {func(r *plan.Remarks) {
			r.Add(at(0), "is at offset:%d, behind.", 7)
			r.Add(at(1), "is at offset:%d, behind.", 5)
			r.Add(at(2), "is at offset:%d, behind.", 7)
		}, []string{"orders/0, orders/2 are at offset:7, behind.", "orders/1 is at offset:5, behind."}},
		"more of them are one": {func(r *plan.Remarks) {
			for n := range 1000 {
				r.Add(at(n), "has been read past offset:%d: %s records are delivered again.", 2000-n, []string{"1,200", "900", "1,000"}[n%3])
			}
			r.Add(at(1000), "is in orders-7.")
		}, []string{"orders/0-999 have been read past offset:1001 to 2000: 900 to 1,200 records are delivered again.", "orders/1000 is in orders-7."}},
		"numbers in names, times and durations are not merged": {func(r *plan.Remarks) {
			for n := range 4 {
				r.Add(at(n), "is at group-%d, 2026-11-2%d, %dh.", n, n, n)
			}
		}, []string{"orders/0 is at group-0, 2026-11-20, 0h.", "orders/1 is at group-1, 2026-11-21, 1h.", "orders/2 is at group-2, 2026-11-22, 2h.",
			"orders/3 is at group-3, 2026-11-23, 3h."}},
		"many kinds end in a count": {func(r *plan.Remarks) {
			for n := range 12 {
				r.Add(at(n), "is in %q.", fmt.Sprint(min(n, 8)))
			}
		}, []string{`orders/0 is in "0".`, `orders/1 is in "1".`, `orders/2 is in "2".`, `orders/3 is in "3".`, `orders/4 is in "4".`,
			"The same applies to 7 more partitions."}},
	} {
		t.Run(name, func(t *testing.T) {
			var r plan.Remarks
			c.add(&r)
			if got := r.Sentences(); !slices.Equal(got, c.want) {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A slope is the figures of plans and applies of a number of groups.
type slope struct {
	work        *work
	plan, reset result
	lock        int64 // bytes
}

// slopes measures our plans and applies at numbers of groups, each on 100 partitions.
func (b *bench) slopes(ctx context.Context, sizes []int) ([]slope, error) {
	var all []slope
	for _, groups := range sizes {
		w := &work{name: fmt.Sprintf("slope%d", groups), groups: groups, partitions: 100, records: 20, byTime: true, large: true}
		if err := w.prepare(ctx, b); err != nil {
			return nil, err
		}
		own := *b
		own.lock = 0
		if own.rounds = min(b.rounds, 3); groups > 1000 {
			own.rounds = 0 // one run takes minutes
		}
		s := slope{work: w}
		for i, t := range w.tasks()[:2] {
			fmt.Fprintf(os.Stderr, "bench: %s\n", t.name)
			t.bare = nil
			r, err := own.measureTask(ctx, w, t)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.name, err)
			}
			if i == 0 {
				s.plan = r
			} else {
				s.reset, s.lock = r, own.lock
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// lockSize is the size of the lock of a work.
func (b *bench) lockSize(w *work) int64 {
	info, err := os.Stat(filepath.Join(b.dir, w.name+".lock.yaml"))
	if err != nil {
		return 0
	}
	return info.Size()
}

// reportSlopes writes how the figures grow, as Markdown.
func reportSlopes(w io.Writer, all []slope) {
	if len(all) == 0 {
		return
	}
	fmt.Fprint(w, "\n| groups × partitions | partitions | plan | CPU | memory | requests | apply | CPU | memory | requests | lock |\n"+
		"|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, s := range all {
		parts := int64(s.work.groups) * int64(s.work.partitions)
		plan, reset := s.plan.figures[theOurs], s.reset.figures[theOurs]
		fmt.Fprintf(w, "| %d × %d | %d | %s | %s | %s | %d | %s | %s | %s | %d | %.1f bytes each |\n", s.work.groups, s.work.partitions, parts,
			seconds(plan.Wall), seconds(plan.CPU), mebibytes(plan.RSS), s.plan.sent(theOurs), seconds(reset.Wall), seconds(reset.CPU),
			mebibytes(reset.RSS), s.reset.sent(theOurs), float64(s.lock)/float64(parts))
	}
}

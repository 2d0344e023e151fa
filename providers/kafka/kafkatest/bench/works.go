package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
)

// A work is a number of groups at the end of a topic, to be reset.
type work struct {
	name       string
	groups     int
	partitions int32
	records    int  // in each partition
	byTime     bool // to the middle, by its time; false = to the beginning
	preview    target
	reset      target
	again      target // of a second apply, which has nothing to do; zero = not measured
	behind     int    // records of each partition that no group has read at the start
	large      bool   // too large for Kafka's own tool, and for many rounds that are not measured
	middle     time.Time
}

// works are those of the figures to reach.
func works() []*work {
	return []*work{
		{name: "version", preview: target{wall: 6 * time.Millisecond}},
		{name: "12", groups: 1, partitions: 12, records: 1000,
			preview: target{faster: 50, peer: 1, memory: 24 << 20, requests: 12}, reset: target{faster: 50, peer: 1.2, requests: 12}},
		{name: "1000", groups: 1, partitions: 1000, records: 50, byTime: true,
			preview: target{faster: 30, peer: 0.9, memory: 40 << 20}, reset: target{faster: 30, peer: 1.1, memory: 40 << 20}},
		{name: "100x100", groups: 100, partitions: 100, records: 100, byTime: true,
			preview: target{faster: 25, bare: 1.3}, reset: target{faster: 10, bare: 1.5}},
		{name: "1000x100", groups: 1000, partitions: 100, records: 20, byTime: true, large: true,
			preview: target{bare: 1.5, memory: 100 << 20}, reset: target{bare: 0.7, memory: 150 << 20}, again: target{plan: 1, memory: 150 << 20}},
	}
}

// inFlight is how many groups ours commits at once.
const inFlight = "16"

// bareInFlight is how many groups the bare protocol commits at once: of very many, one
// after another, as a loop over groups does.
func (w *work) bareInFlight() string {
	if w.large {
		return "1"
	}
	return inFlight
}

// A task is a work's preview or its reset.
type task struct {
	name     string
	target   target
	writes   bool
	after    []string // arguments of resetplan, which does this before it is measured; nil = nothing
	tool     []string // arguments of kafka-consumer-groups; nil = it is not measured
	kcl      []string // arguments of kcl after the address; nil = it is not measured
	ours     []string // arguments of resetplan
	bare     []string // arguments of the bare protocol after the address; nil = none
	requests bool     // Kafka's requests are worth counting
}

func (w *work) tasks() []task {
	if w.groups == 0 {
		return []task{{name: "version", target: w.preview, tool: []string{"--version"}, ours: []string{"version"}}}
	}
	title := fmt.Sprintf("%d group × %d partitions", w.groups, w.partitions)
	if w.groups > 1 {
		title = strings.Replace(title, "group", "groups", 1)
	}
	tool := []string{"--reset-offsets", "--topic", w.topic()}
	for g := range w.groups {
		tool = append(tool, "--group", w.group(g))
	}
	to, kclTo := "earliest", "start"
	if w.byTime {
		kclTo = "@" + strconv.FormatInt(w.middle.UnixMilli(), 10)
		to = strconv.FormatInt(w.middle.UnixMilli(), 10)
		tool = append(tool, "--to-datetime", w.middle.UTC().Format("2006-01-02T15:04:05.000"))
	} else {
		tool = append(tool, "--to-earliest")
	}
	bare := []string{w.topic(), to, w.bareInFlight(), "bench-" + w.name + "-"}
	apply := []string{"apply", w.file(), "--auto-approve"}
	if w.groups > 1 {
		apply = append(apply, "--parallelism", inFlight)
	}
	preview := task{name: title + ", preview", target: w.preview, requests: true, tool: with(tool, "--dry-run"), ours: []string{"plan", w.file()},
		bare: with([]string{"preview"}, bare...)}
	reset := task{name: title + ", reset", target: w.reset, requests: true, writes: true, tool: with(tool, "--execute"), ours: apply,
		bare: with([]string{"reset"}, bare...)}
	if w.groups == 1 {
		kcl := []string{"group", "seek", w.group(0), "--topics", w.topic(), "--to", kclTo}
		preview.kcl, reset.kcl = with(kcl, "--dry-run"), with(kcl, "--yes")
	}
	if !w.large {
		return []task{preview, reset}
	}
	preview.tool, reset.tool = nil, nil
	return []task{preview, reset,
		{name: title + previewOfDone, requests: true, writes: true, after: apply, ours: preview.ours},
		{name: title + doneAgain, target: w.again, requests: true, writes: true, after: apply, ours: apply}}
}

// The names of tasks on what is done already.
const (
	doneAgain     = ", done again"
	previewOfDone = ", preview of what is done"
)

func with(a []string, more ...string) []string { return append(a[:len(a):len(a)], more...) }

func (w *work) topic() string      { return "bench-" + w.name }
func (w *work) group(g int) string { return fmt.Sprintf("bench-%s-%05d", w.name, g) }
func (w *work) file() string       { return w.name + ".yaml" }

// prepare makes a work's topic, groups and plan.
func (w *work) prepare(ctx context.Context, b *bench) error {
	if w.groups == 0 {
		return nil
	}
	from := time.Now().Add(-time.Hour).Truncate(time.Second)
	w.middle = from.Add(time.Duration(w.records/2) * time.Second)
	err := b.broker.Seed(ctx, kafkatest.Topic{Name: w.topic(), Partitions: w.partitions, Records: w.records, From: from})
	if err != nil {
		return err
	}
	return w.rewind(ctx, b)
}

// plan is the document for ours.
func (w *work) plan(bootstrap string) string {
	to, groups := "earliest", "group: "+w.group(0)
	if w.byTime {
		to = fmt.Sprintf("{timestamp: %q}", w.middle.UTC().Format(time.RFC3339))
	}
	if w.groups > 1 {
		groups = fmt.Sprintf(`groups: ["bench-%s-*"]`, w.name)
	}
	return fmt.Sprintf(`version: 1
name: bench
providers:
  real: {type: kafka, bootstrapServers: [%q]}
steps:
  - id: back
    provider: real
    target: {%s, topic: %s}
    to: %s
`, bootstrap, groups, w.topic(), to)
}

// rewind undoes a reset: every group is at the end again and no lock
// remembers anything.
func (w *work) rewind(ctx context.Context, b *bench) error {
	locks, err := filepath.Glob(filepath.Join(b.dir, "*.lock*"))
	if err != nil {
		return err
	}
	for _, lock := range locks {
		if err := os.Remove(lock); err != nil {
			return err
		}
	}
	var ends kadm.Offsets
	for p := range w.partitions {
		ends.AddOffset(w.topic(), p, int64(w.records-w.behind), -1)
	}
	var names []string
	for g := range w.groups {
		names = append(names, w.group(g))
	}
	return commit(ctx, b.admin, names, ends, 8)
}

// checkPositions checks the position of every group.
func (w *work) checkPositions(ctx context.Context, b *bench, reset bool) error {
	want := int64(w.records - w.behind)
	if reset && w.byTime {
		want = int64(w.records / 2)
	} else if reset {
		want = 0
	}
	var names []string
	for g := range w.groups {
		names = append(names, w.group(g))
	}
	for some := range slices.Chunk(names, 500) {
		read := b.admin.FetchManyOffsets(ctx, some...)
		if err := read.Error(); err != nil {
			return err
		}
		for _, group := range some {
			for p := range w.partitions {
				if o, ok := read[group].Fetched.Lookup(w.topic(), p); !ok || o.At != want {
					return fmt.Errorf("%s is at %d on partition %d, not at %d", group, o.At, p, want)
				}
			}
		}
	}
	return nil
}

package main

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
)

// A target is what ours is to reach; zero = no target.
type target struct {
	faster   float64 // at least so many times faster than kafka-consumer-groups
	peer     float64 // at most so many times the time of kcl
	bare     float64 // at most so many times the time of the bare protocol
	plan     float64 // at most so many times the time of our own preview of the same work
	wall     time.Duration
	memory   int64 // bytes
	requests int
}

// programs are the programs in the order of the tables.
func programs() []string { return []string{theTool, theKcl, theBare, theOurs} }

// report writes the figures and which targets are met, as Markdown.
func report(w io.Writer, b *bench, results []result) {
	fmt.Fprintf(w, "Apache Kafka %s, one node on loopback, warm; %d cores; whole processes, in turns; %d rounds. CPU is the median of what the\n"+
		"process itself used. Memory is the most that it held, with the pages of the program file that it touched: for resetplan about 26 MiB, which\n"+
		"processes share, and up to 7 MiB more, depending on the page cache. resetplan commits %s groups at once, and so does the bare protocol, except\n"+
		"for 1,000 groups, which it commits one after another. One call of kafka-consumer-groups names all groups; it is its class with all flags of its\n"+
		"start script, whose own time is left out.\n",
		kafkatest.Newest.Version(), runtime.NumCPU(), b.rounds, inFlight)
	if b.quick {
		fmt.Fprint(w, "\nkafka-consumer-groups is left out (`-quick`).\n")
	}
	if b.kcl == "" {
		fmt.Fprint(w, "\nkcl is left out: it is not installed here (`PEER_KCL=PATH make bench` measures it).\n")
	}
	fmt.Fprint(w, "\n| work | program | median | shortest | longest | CPU | memory | requests |\n|---|---|---:|---:|---:|---:|---:|---:|\n")
	for _, r := range results {
		for _, program := range programs() {
			f, measured := r.figures[program]
			if !measured {
				continue
			}
			requests := "–"
			if r.requests[program] != nil {
				requests = fmt.Sprint(r.sent(program))
			}
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", r.task.name, program, seconds(f.Wall), seconds(f.Min), seconds(f.Max),
				seconds(f.CPU), mebibytes(f.RSS), requests)
		}
	}
	fmt.Fprint(w, "\n| target | at most | measured | met |\n|---|---:|---:|---|\n")
	for i, r := range results {
		r.verdicts(w, results[:i])
	}
	fmt.Fprint(w, "\n| work | requests of resetplan by kind |\n|---|---|\n")
	for _, r := range results {
		if counts := r.requests[theOurs]; counts != nil {
			fmt.Fprintf(w, "| %s | %s |\n", r.task.name, byKind(counts))
		}
	}
}

// byKind lists numbers of requests: "OffsetCommit 1, OffsetFetch 2".
func byKind(counts map[string]int) string {
	var out []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf("%s %d", kind, counts[kind]))
	}
	return strings.Join(out, ", ")
}

// over is how many times longer ours takes than another program; 0 if that was not
// measured.
func (r result) over(program string) float64 {
	if r.figures[program].Wall == 0 {
		return 0
	}
	return float64(r.figures[theOurs].Wall) / float64(r.figures[program].Wall)
}

// verdicts writes the task's targets next to the measured figures. The results before it
// include our preview of the same work.
func (r result) verdicts(w io.Writer, before []result) {
	ours, t := r.figures[theOurs], r.task.target
	line := func(asked bool, want, have string, met bool) {
		if asked {
			fmt.Fprintf(w, "| %s | %s | %s | %s |\n", r.task.name, want, have, map[bool]string{true: "yes", false: "**no**"}[met])
		}
	}
	ratio := func(most float64, program string) {
		over := r.over(program)
		line(most > 0 && over > 0, times(most)+" "+program, times(over), over <= most)
	}
	if t.faster > 0 {
		ratio(1/t.faster, theTool)
	}
	ratio(t.peer, theKcl)
	ratio(t.bare, theBare)
	for _, other := range []string{", preview", previewOfDone} {
		at := slices.IndexFunc(before, func(b result) bool { return b.task.name == strings.Replace(r.task.name, doneAgain, other, 1) })
		if at < 0 {
			continue
		}
		over := float64(ours.Wall) / float64(before[at].figures[theOurs].Wall)
		line(t.plan > 0, times(t.plan)+" our"+strings.TrimPrefix(other, ","), times(over), over <= t.plan)
	}
	line(t.wall > 0, seconds(t.wall), seconds(ours.Wall), ours.Wall <= t.wall)
	line(t.memory > 0, mebibytes(t.memory), mebibytes(ours.RSS), ours.RSS <= t.memory)
	line(t.requests > 0, fmt.Sprintf("%d requests", t.requests), fmt.Sprint(r.sent(theOurs)), r.sent(theOurs) <= t.requests)
}

func times(x float64) string { return fmt.Sprintf("%.2g ×", x) }

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

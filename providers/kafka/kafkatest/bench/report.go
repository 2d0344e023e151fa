package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
)

// A target is a figure to reach; zero = no target.
type target struct {
	faster   float64 // at least so many times faster than kafka-consumer-groups
	wall     time.Duration
	memory   int64 // bytes
	requests int
}

// report prints the figures and which targets are met.
func report(w io.Writer, rounds int, results []result) error {
	fmt.Fprintf(w, "Apache Kafka %s, one node on loopback, warm; %d cores; whole processes; medians of %d rounds.\n", kafkatest.Newest.Version(),
		runtime.NumCPU(), rounds)
	fmt.Fprintf(w, "With 100 groups, resetplan (--parallelism) and the bare protocol commit %s at once; "+
		"one kafka-consumer-groups call names all groups.\n", inFlight)
	fmt.Fprintf(w, "kafka-consumer-groups is its class with all flags of its start script, whose own time is left out.\n\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WORK\tPROGRAM\tTIME\tFASTER\tMEMORY\tREQUESTS")
	for _, r := range results {
		for _, program := range []string{theTool, theBare, theOurs} {
			f, measured := r.figures[program]
			if !measured {
				continue
			}
			requests := "–"
			if n, counted := r.requests[program]; counted {
				requests = fmt.Sprint(n)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", r.task.name, program, seconds(f.Wall), times(r.faster(program)), mebibytes(f.RSS), requests)
		}
	}
	fmt.Fprintln(table, "\nTARGET\tASKED\tMEASURED\tMET\t\t")
	for _, r := range results {
		r.verdicts(table)
	}
	return table.Flush()
}

// faster is how many times faster a program is than Kafka's own.
func (r result) faster(program string) float64 {
	return float64(r.figures[theTool].Wall) / float64(r.figures[program].Wall)
}

// verdicts prints the task's targets next to the measured figures.
func (r result) verdicts(w io.Writer) {
	ours, t := r.figures[theOurs], r.task.target
	line := func(asked bool, want, have string, met bool) {
		if asked {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t\t\n", r.task.name, want, have, map[bool]string{true: "yes", false: "NO"}[met])
		}
	}
	line(t.faster > 0, "≥ "+times(t.faster)+" faster", times(r.faster(theOurs)), r.faster(theOurs) >= t.faster)
	line(t.wall > 0, "≤ "+seconds(t.wall), seconds(ours.Wall), ours.Wall <= t.wall)
	line(t.memory > 0, "≤ "+mebibytes(t.memory), mebibytes(ours.RSS), ours.RSS <= t.memory)
	line(t.requests > 0, fmt.Sprintf("≤ %d requests", t.requests), fmt.Sprint(r.requests[theOurs]), r.requests[theOurs] <= t.requests)
}

func times(x float64) string { return fmt.Sprintf("%.4g ×", x) }

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

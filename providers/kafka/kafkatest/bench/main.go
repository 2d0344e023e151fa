// Command bench measures whole processes side by side on a real broker:
// resetplan, Kafka's own kafka-consumer-groups, and the bare protocol as a
// program of its own that only reads and commits.
//
// The invariant: all that is compared is measured in the same run, in turns,
// from the same positions, and each reset's effect is read back before its
// figure counts. A missed target is printed and is not a failure; a program that
// could not be run, or did something else, is.
//
// Usage: bench [-rounds N] PATH-OF-RESETPLAN
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is one of three programs: the bench, the small process between it and
// what is measured, and the bare protocol.
func run(ctx context.Context) error {
	rounds := flag.Int("rounds", 7, "measure each program `N` times")
	flag.Parse()
	switch args := flag.Args(); {
	case len(args) > 2 && args[0] == "measure":
		return measureHere(args[1], args[2:])
	case len(args) > 0 && args[0] == "bare":
		return bare(ctx, args[1:])
	case len(args) == 1 && *rounds > 0:
		ours, err := filepath.Abs(args[0])
		if err != nil {
			return err
		}
		return compare(ctx, ours, *rounds)
	}
	return fmt.Errorf("usage: bench [-rounds N] PATH-OF-RESETPLAN, not %q", strings.Join(os.Args[1:], " "))
}

// compare is the bench.
func compare(ctx context.Context, ours string, rounds int) error {
	dir, err := os.MkdirTemp("", "resetplan-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	broker, err := kafkatest.Launch(ctx, kafkatest.Options{JVM: []string{"-Xms1g", "-Xmx1g"}})
	if err != nil {
		return err
	}
	defer broker.Close()
	b := &bench{broker: broker, dir: dir, ours: ours, rounds: rounds}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.admin, err = broker.Admin(); err != nil {
		return err
	}
	defer b.admin.Close()

	all := works()
	for _, w := range all {
		if err := w.prepare(ctx, b); err != nil {
			return err
		}
	}
	var results []result
	for _, w := range all {
		for _, t := range w.tasks() {
			fmt.Fprintf(os.Stderr, "bench: %s\n", t.name)
			r, err := b.measureTask(ctx, w, t)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			results = append(results, r)
		}
	}
	return report(os.Stdout, rounds, results)
}

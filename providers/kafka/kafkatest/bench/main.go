// Command bench measures whole processes side by side on a real broker:
// resetplan, Kafka's own kafka-consumer-groups, and the bare protocol as a
// program of its own that only reads and commits.
//
// The invariant: all that is compared is measured in the same run, in turns,
// from the same positions, and each reset's effect is read back before its
// figure counts. A missed target is printed and is not a failure; a program that
// could not be run, or did something else, is.
//
// Usage: bench [-rounds N] [-quick] [-groups N,…] [-page FILE] [-cluster N] PATH-OF-RESETPLAN
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/providers/internal/figures"
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
	quick := flag.Bool("quick", false, "leave out kafka-consumer-groups, of which each call takes seconds")
	page := flag.String("page", "", "write the figures into `FILE` too")
	groups := flag.String("groups", "10,100,1000,10000", "measure plans and applies of `N` groups, too")
	nodes := flag.Int("cluster", 1, "with `N` nodes, kill one during an apply and count the effects, instead of the figures")
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
		if *nodes > 1 {
			return failover(ctx, ours, *nodes)
		}
		sizes, err := numbers(*groups)
		if err != nil {
			return err
		}
		measured, err := compare(ctx, ours, *rounds, sizes, *quick)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(os.Stdout, measured); err != nil || *page == "" {
			return err
		}
		return figures.Write(*page, "figures", measured)
	}
	return fmt.Errorf("usage: bench [-rounds N] [-quick] [-groups N,…] [-page FILE] [-cluster N] PATH-OF-RESETPLAN, not %q",
		strings.Join(os.Args[1:], " "))
}

// numbers reads a list such as "10,100".
func numbers(list string) (all []int, _ error) {
	for text := range strings.SplitSeq(list, ",") {
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-groups requires numbers such as 10,100, got %q", list)
		}
		all = append(all, n)
	}
	return all, nil
}

// compare is the bench: it returns the figures as Markdown.
func compare(ctx context.Context, ours string, rounds int, sizes []int, quick bool) (string, error) {
	dir, err := os.MkdirTemp("", "resetplan-bench-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	broker, err := kafkatest.Launch(ctx, kafkatest.Options{JVM: []string{"-Xms1g", "-Xmx2g"}})
	if err != nil {
		return "", err
	}
	defer broker.Close()
	b := &bench{broker: broker, dir: dir, ours: ours, rounds: rounds, kcl: findKcl(), quick: quick}
	if b.self, err = os.Executable(); err != nil {
		return "", err
	}
	if b.admin, err = broker.Admin(); err != nil {
		return "", err
	}
	defer b.admin.Close()

	results, err := b.works(ctx)
	if err != nil {
		return "", err
	}
	grown, err := b.slopes(ctx, sizes)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	report(&out, b, results)
	reportSlopes(&out, grown)
	return out.String(), nil
}

// works measures all works.
func (b *bench) works(ctx context.Context) (results []result, _ error) {
	all := works()
	for _, w := range all {
		if err := w.prepare(ctx, b); err != nil {
			return nil, err
		}
	}
	for _, w := range all {
		for _, t := range w.tasks() {
			fmt.Fprintf(os.Stderr, "bench: %s\n", t.name)
			r, err := b.measureTask(ctx, w, t)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.name, err)
			}
			results = append(results, r)
		}
	}
	return results, nil
}

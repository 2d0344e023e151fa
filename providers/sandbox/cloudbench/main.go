// Command cloudbench measures plans and applies of many steps on emulated clouds that
// answer each call after a delay, as the real ones do over a network.
//
// The invariant: calls are counted by the services, and a run that did not reset all
// steps has no figures. A missed target is printed and is not a failure.
//
// Usage: cloudbench [-steps N] [-latency D] [-rate N] [-page FILE] PATH-OF-RESETPLAN
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers/internal/figures"
	"golang.org/x/sync/errgroup"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "cloudbench:", err)
		os.Exit(1)
	}
}

// settings are what all clouds share.
type settings struct {
	steps   int
	latency time.Duration // of each answer
	rate    float64       // the most calls a second: whole; 0 = what each provider sends without rateLimit
}

func run(ctx context.Context) error {
	var s settings
	flag.IntVar(&s.steps, "steps", 200, "reset `N` groups, a step each")
	flag.DurationVar(&s.latency, "latency", 50*time.Millisecond, "answer each call after `D`")
	flag.Float64Var(&s.rate, "rate", 0, "at most `N` calls a second; 0 = the default of rateLimit of each service")
	page := flag.String("page", "", "write the figures into `FILE` too")
	flag.Parse()
	if flag.NArg() != 1 || s.steps < 1 || s.rate < 0 {
		return fmt.Errorf("usage: cloudbench [-steps N] [-latency D] [-rate N] [-page FILE] PATH-OF-RESETPLAN, not %q", strings.Join(os.Args[1:], " "))
	}
	ours, err := filepath.Abs(flag.Arg(0))
	if err != nil {
		return err
	}
	services := clouds()
	results := make([][]result, len(services))
	var measures errgroup.Group // at the same time: they wait most of it
	for i, of := range services {
		measures.Go(func() (err error) {
			results[i], err = measure(ctx, ours, s, of)
			return err
		})
	}
	if err := measures.Wait(); err != nil {
		return err
	}
	all := slices.Concat(results...)
	measured := report(s, all)
	if _, err := io.WriteString(os.Stdout, measured); err != nil || *page == "" {
		return err
	}
	return figures.Write(*page, "figures of clouds", measured)
}

package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/urfave/cli/v2"
)

func sandboxCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "sandbox", Usage: "an emulated service on loopback, seeded, to try plans on",
		Description: "An embedded Kafka broker with the topic orders (3 partitions of 500 records over the last 48 hours)\n" +
			"and the group orders-billing, committed at 300. It runs until it is interrupted.\n\nFaults:\n" + faultHelp() +
			"\nExample: resetplan sandbox --write-plan try.yaml",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "kafka-listen", Usage: "where the broker listens, `HOST:PORT`; port 0 picks a free one", Value: "127.0.0.1:19092"},
			&cli.StringFlag{Name: "kafka-bootstrap", Usage: "seed the real cluster at `HOST:PORT` and use it instead"},
			&cli.StringSliceFlag{Name: "fault", Usage: "fail in the way of `NAME`; repeatable"},
			&cli.StringFlag{Name: "write-plan", Usage: "write a plan to try to `FILE`"},
		},
		Action: func(c *cli.Context) error { return sandbox(c, w) },
	}
}

func faultHelp() string {
	var out strings.Builder
	t := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(kafkafake.Faults())) {
		fmt.Fprintf(t, "  %s\t%s\n", name, kafkafake.Faults()[name])
	}
	if t.Flush() != nil {
		return ""
	}
	return out.String()
}

func sandbox(c *cli.Context, w world) error {
	for _, name := range c.StringSlice("fault") {
		if kafkafake.Faults()[name] == "" {
			return usage("there is no fault %q; `resetplan sandbox --help` lists them", name)
		}
	}
	ctx, cancel := w.interruptible(c.Context)
	defer cancel()
	address, stop, err := startKafka(ctx, c, w)
	if err != nil {
		return err
	}
	defer stop()
	file := c.String("write-plan")
	if file != "" {
		if err := writeNew(file, tryPlan(address)); err != nil {
			return err
		}
	}
	fmt.Fprintf(w.stdout, "kafka  %s  topic orders, group orders-billing\n", address)
	if file == "" {
		fmt.Fprintf(w.stdout, "\nA plan to try:\n\n%s\n", tryPlan(address))
	} else {
		fmt.Fprintf(w.stdout, "\nTry: resetplan plan %s\n", file)
	}
	fmt.Fprintln(w.stdout, "ready")
	<-ctx.Done()
	return nil
}

// startKafka runs the embedded broker, or seeds a real cluster.
func startKafka(ctx context.Context, c *cli.Context, w world) (address string, stop func(), err error) {
	if real := c.String("kafka-bootstrap"); real != "" {
		return real, func() {}, kafkafake.Seed(ctx, real, w.now())
	}
	f, err := kafkafake.Start(c.String("kafka-listen"))
	if err != nil {
		return "", nil, err
	}
	err = kafkafake.Seed(ctx, f.Address(), w.now())
	for _, name := range c.StringSlice("fault") {
		if err == nil {
			err = f.Inject(name)
		}
	}
	if err != nil {
		f.Close()
	}
	return f.Address(), f.Close, err
}

// writeNew writes a file that must not be there yet.
func writeNew(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if pathErr, ok := err.(*fs.PathError); ok && os.IsExist(pathErr) { //nolint:errorlint // the package os returns it bare
		return usage("%s is there already; name another file", name)
	}
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return f.Close()
}

func tryPlan(address string) string {
	return fmt.Sprintf(`version: 1
name: orders-replay
description: Billing reads the orders of the last day again.
providers:
  kafka: {type: kafka, bootstrapServers: ["%s"]}
steps:
  - id: rewind-orders
    provider: kafka
    target: {group: orders-billing, topic: orders}
    to: {timestamp: now-36h}
    guards: {maxReplay: 2000}
`, address)
}

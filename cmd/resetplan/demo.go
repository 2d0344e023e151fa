package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/urfave/cli/v2"
)

func demoCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "demo", Usage: "sandbox, plan, apply, status and rollback in one go",
		Description: "Everything runs in this process and a temporary folder; nothing else is touched.\n\nExample: resetplan demo",
		Action:      func(c *cli.Context) error { return demo(c, w) },
	}
}

func demo(c *cli.Context, w world) error {
	ctx, cancel := w.interruptible(c.Context)
	defer cancel()
	broker, err := kafkafake.Start("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer broker.Close()
	if err := kafkafake.Seed(ctx, broker.Address(), w.now()); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "resetplan-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	file := filepath.Join(dir, "orders-replay.yaml")
	if err := writeNew(file, tryPlan(broker.Address())); err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "An embedded Kafka listens on %s: topic orders, 3 partitions of 500 records;\ngroup orders-billing has read up to 300. The plan:\n\n%s", broker.Address(), indent(tryPlan(broker.Address())))
	for _, s := range []struct{ why, command string }{
		{"What would happen? Nothing is changed.", "plan"},
		{"Do it, read it back and write the lock.", "apply --auto-approve"},
		{"Once more: this run has done it, so nothing is sent.", "apply --auto-approve"},
		{"The lock beside the positions now.", "status"},
		{"Take it back: the lock knows where the group stood.", "rollback --auto-approve"},
	} {
		if err := demoStep(ctx, w, s.why, s.command, file); err != nil {
			return err
		}
	}
	return nil
}

// demoStep runs one command of this program in this process.
func demoStep(ctx context.Context, w world, why, command, file string) error {
	name := filepath.Base(file)
	words := strings.Fields(command)
	fmt.Fprintf(w.stdout, "\n# %s\n$ resetplan %s %s\n\n", why, command, name)
	step := w
	step.args = append(append([]string{"resetplan"}, words...), file)
	if code := run(ctx, step); code != 0 {
		return fmt.Errorf("resetplan %s ended with %d", command, code)
	}
	return nil
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ") + "\n"
}

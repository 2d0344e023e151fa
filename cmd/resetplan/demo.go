package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/resetplan/resetplan/providers/sandbox"
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
	box, err := sandbox.Start(ctx, sandbox.Options{Listen: anywhere(), Now: w.now})
	if err != nil {
		return err
	}
	defer box.Close()
	dir, err := os.MkdirTemp("", "resetplan-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	file := filepath.Join(dir, "sandbox.yaml")
	if err := writeNew(file, box.Plan()); err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "Six services are emulated on loopback, each with its vendor's own protocol. The plan:\n\n%s", indent(box.Plan()))
	w.getenv = letIn(w.getenv)
	for _, s := range []struct{ why, command string }{
		{"What would happen? Nothing is changed.", "plan"},
		{"Do it, read it back and write the lock. RocketMQ's consumers take a reset up seconds later.", "apply --auto-approve"},
		{"Once more: this run has done it, so nothing is sent.", "apply --auto-approve"},
		{"The lock beside the positions now.", "status"},
		{"Take back what can be put back exactly: the lock knows where it stood.", "rollback --auto-approve --step rewind-orders --step rewind-by-offset --step reread-logs"},
	} {
		if err := demoStep(ctx, w, s.why, s.command, file); err != nil {
			return err
		}
	}
	return nil
}

// anywhere lets every service pick a free port.
func anywhere() map[string]string {
	listen := map[string]string{}
	for _, kind := range sandbox.Types() {
		listen[kind] = "127.0.0.1:0"
	}
	return listen
}

// letIn adds to the environment what the sandbox asks of its clients.
func letIn(getenv func(string) string) func(string) string {
	set := map[string]string{}
	for _, v := range sandbox.Environment() {
		set[v.Name] = v.Value
	}
	return func(name string) string { return cmp.Or(set[name], getenv(name)) }
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

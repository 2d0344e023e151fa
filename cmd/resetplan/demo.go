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

func demoCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "demo", Usage: "run plan, apply, status and rollback against the sandbox",
		Description: "Everything runs in this process and in a temporary folder; nothing else is changed.\n\nExample: resetplan demo",
		Action:      func(c *cli.Context) error { return demo(c, proc) },
	}
}

func demo(c *cli.Context, proc process) error {
	ctx, cancel := proc.interruptible(c.Context)
	defer cancel()
	box, err := sandbox.Start(ctx, sandbox.Options{Listen: freePorts(), Now: proc.now})
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
	fmt.Fprintf(proc.stdout, "Six services are emulated on loopback, each with its vendor's own protocol. The plan:\n\n%s", indent(box.Plan()))
	proc.getenv = withSandboxCredentials(proc.getenv)
	for _, s := range []struct{ why, command string }{
		{"What would happen? This changes nothing.", "plan"},
		{"Apply it, verify it and record it in the lock. RocketMQ's consumers perform a reset seconds later.", "apply --auto-approve"},
		{"Again: this run has already been applied, so nothing is sent.", "apply --auto-approve"},
		{"Compare the lock with the current positions.", "status"},
		{"Roll back the steps whose positions can be restored exactly; the lock has the previous ones.",
			"rollback --auto-approve --step rewind-orders --step rewind-by-offset --step reread-logs"},
	} {
		if err := demoStep(ctx, proc, s.why, s.command, file); err != nil {
			return err
		}
	}
	return nil
}

// freePorts lets every service pick a free port.
func freePorts() map[string]string {
	listen := map[string]string{}
	for _, kind := range sandbox.Types() {
		listen[kind] = "127.0.0.1:0"
	}
	return listen
}

// withSandboxCredentials adds to the environment the credentials of the sandbox.
func withSandboxCredentials(getenv func(string) string) func(string) string {
	set := map[string]string{}
	for _, v := range sandbox.Environment() {
		set[v.Name] = v.Value
	}
	return func(name string) string { return cmp.Or(set[name], getenv(name)) }
}

// demoStep runs one command of this program in this process.
func demoStep(ctx context.Context, proc process, why, command, file string) error {
	name := filepath.Base(file)
	words := strings.Fields(command)
	fmt.Fprintf(proc.stdout, "\n# %s\n$ resetplan %s %s\n\n", why, command, name)
	step := proc
	step.args = append(append([]string{"resetplan"}, words...), file)
	if code := run(ctx, step); code != 0 {
		return fmt.Errorf("resetplan %s exited with %d", command, code)
	}
	return nil
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ") + "\n"
}

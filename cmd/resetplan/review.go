package main

import (
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// reviewed is how a plan for a review looks: with the file and the flags that the
// commands after the review repeat.
func (proc process) reviewed(c *cli.Context, run string) view.Options {
	o := proc.fileLook(c)
	o.Version = version()
	if c.NArg() != 1 || c.Args().First() == "-" {
		return o
	}
	o.File = c.Args().First()
	repeat := func(name string, values ...string) {
		for _, v := range values {
			o.Flags = append(o.Flags, "--"+name, v)
		}
	}
	repeat("set", c.StringSlice("set")...)
	for _, name := range []string{"params", "lock"} {
		if c.IsSet(name) {
			repeat(name, c.String(name))
		}
	}
	repeat("step", c.StringSlice("step")...)
	if run != schema.DefaultRun {
		repeat("run", run)
	}
	if c.IsSet("wait") {
		repeat("wait", text.Duration(c.Duration("wait")))
	}
	if c.Bool("retry-overwritten") {
		o.Flags = append(o.Flags, "--retry-overwritten")
	}
	return o
}

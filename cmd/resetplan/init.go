package main

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/adhoc"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/urfave/cli/v2"
)

//go:embed init/*.yaml
var starters embed.FS

func initCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "init", Usage: "write a commented plan as a starting point", ArgsUsage: "[FILE]",
		Description: "FILE defaults to resetplan.yaml; `-` prints the plan. An existing file is never replaced.\n\n" +
			"With --from-group, the connection and the target are described by flags, and the plan has the group's topics and\n" +
			"its present positions as comments. Its target position is where the group is, until you write another.\n\n" +
			"Example: resetplan init --provider kafka orders-replay.yaml\n\n" +
			"Exit codes: 0 written; 1 failed; 3 bad input; 4 the target does not exist.",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "from-group", Usage: "read the target that flags describe, and fill in what exists"}, configFlag(),
			cmdline.Later(func(*cli.Command) []cli.Flag { return adhoc.CLI(true) })},
		Action: func(c *cli.Context) error { return initAction(c, proc) },
	}
}

func initAction(c *cli.Context, proc process) error {
	if c.NArg() > 1 && c.Bool("from-group") {
		return usage("init --from-group accepts one FILE, got %d arguments; name the group with --group NAME", c.NArg())
	}
	if c.NArg() > 1 {
		return usage("init accepts one FILE, got %d", c.NArg())
	}
	if c.Bool("from-group") {
		return initFromGroup(c, proc)
	}
	call, err := proc.adhocCall(c)
	if err == nil && call != nil && (len(call.Values) > 0 || call.To != "" || call.Uses != "") {
		err = usage("init: the flags of a connection and a target require --from-group")
	}
	if err != nil {
		return err
	}
	kind := cmp.Or(c.String("provider"), "kafka")
	var types []string
	for _, p := range all.Providers() {
		types = append(types, p.Type())
	}
	text, err := starters.ReadFile("init/" + kind + ".yaml")
	if err != nil {
		hint := "; valid types are " + strings.Join(types, ", ")
		if near := diag.Nearest(kind, types); near != "" {
			hint = " (did you mean " + near + "?)"
		}
		return usage("unknown provider type %q%s", kind, hint)
	}
	return initFile(proc, c.Args().First(), text)
}

// initFromGroup writes a plan for a target that exists.
func initFromGroup(c *cli.Context, proc process) error {
	ctx, cancel := proc.interruptible(c.Context)
	defer cancel()
	file := cmp.Or(c.Args().First(), defaultPlan)
	if err := checkNew(file); err != nil {
		return err
	}
	p, err := proc.adhoc(c, false)
	if p == nil && err == nil {
		err = usage("init: --from-group requires --provider TYPE or --connection NAME and the flags of a target")
	}
	if err != nil {
		return err
	}
	r, err := proc.connect(c, p.doc, nil)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // nothing was written through it
	p.one.Head = []string{"Written by `resetplan init --from-group`. Write the target position under `to`, then run `resetplan plan`."}
	if err := p.one.Fill(ctx, r); err != nil {
		return err
	}
	own, err := proc.configuration(c)
	if err != nil {
		return err
	}
	text := p.one.YAML()
	if _, invalid := check.ExamineWith("the plan to be written", text, nil, all.Providers(), own.Connections); len(invalid) > 0 {
		return errors.Join(errors.New("refusing to write an invalid plan"), invalid)
	}
	return initFile(proc, file, text)
}

const defaultPlan = "resetplan.yaml"

// initFile writes a plan to a new file, or to standard output for "-".
func initFile(proc process, file string, text []byte) error {
	file = cmp.Or(file, defaultPlan)
	if file == "-" {
		_, err := proc.stdout.Write(text)
		return err
	}
	if err := writeNew(file, string(text)); err != nil {
		return err
	}
	fmt.Fprintf(proc.stdout, "Wrote %s. Adapt it, then run: resetplan plan %s\n", file, file)
	return nil
}

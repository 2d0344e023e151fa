package main

import (
	"embed"
	"fmt"
	"strings"

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
			"Example: resetplan init --provider kafka orders-replay.yaml",
		Flags:  []cli.Flag{&cli.StringFlag{Name: "provider", Usage: "the `TYPE` of the service", Value: "kafka"}},
		Action: func(c *cli.Context) error { return initAction(c, proc) },
	}
}

func initAction(c *cli.Context, proc process) error {
	if c.NArg() > 1 {
		return usage("init accepts one FILE, got %d", c.NArg())
	}
	kind := c.String("provider")
	var types []string
	for _, p := range all.Providers() {
		types = append(types, p.Type())
	}
	text, err := starters.ReadFile("init/" + kind + ".yaml")
	if err != nil {
		hint := "; valid types are " + strings.Join(types, ", ")
		if near := diag.Nearest(kind, types); near != "" {
			hint = ", did you mean " + near + "?"
		}
		return usage("unknown provider type %q%s", kind, hint)
	}
	switch file := c.Args().First(); file {
	case "-":
		_, err := proc.stdout.Write(text)
		return err
	case "":
		return initFile(proc, "resetplan.yaml", text)
	default:
		return initFile(proc, file, text)
	}
}

func initFile(proc process, file string, text []byte) error {
	if err := writeNew(file, string(text)); err != nil {
		return err
	}
	fmt.Fprintf(proc.stdout, "Wrote %s. Adapt it, then run: resetplan plan %s\n", file, file)
	return nil
}

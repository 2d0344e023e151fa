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

func initCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "init", Usage: "write a commented plan to start from", ArgsUsage: "[FILE]",
		Description: "FILE is resetplan.yaml unless named; `-` prints the plan. An existing file is not replaced.\n\nExample: resetplan init --provider kafka orders-replay.yaml",
		Flags:       []cli.Flag{&cli.StringFlag{Name: "provider", Usage: "the `TYPE` of service", Value: "kafka"}},
		Action:      func(c *cli.Context) error { return initAction(c, w) },
	}
}

func initAction(c *cli.Context, w world) error {
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
		hint := "; the types are " + strings.Join(types, ", ")
		if near := diag.Nearest(kind, types); near != "" {
			hint = ", did you mean " + near + "?"
		}
		return usage("unknown provider type %q%s", kind, hint)
	}
	switch file := c.Args().First(); file {
	case "-":
		_, err := w.stdout.Write(text)
		return err
	case "":
		return initFile(w, "resetplan.yaml", text)
	default:
		return initFile(w, file, text)
	}
}

func initFile(w world, file string, text []byte) error {
	if err := writeNew(file, string(text)); err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "Wrote %s. Adapt it, then run: resetplan plan %s\n", file, file)
	return nil
}

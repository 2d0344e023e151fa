package main

import (
	"fmt"
	"runtime/debug"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func providersCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "providers", Usage: "print what each kind of service can do",
		Description: "Example: resetplan providers --format json",
		Flags:       []cli.Flag{formatFlag()},
		Action: func(c *cli.Context) error {
			asJSON, err := wantsJSON(c)
			if err != nil {
				return err
			}
			if asJSON {
				return view.JSON(w.stdout, plan.Matrix(all.Providers()))
			}
			return view.Providers(w.stdout, plan.Matrix(all.Providers()))
		},
	}
}

func schemaCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "schema", Usage: "print a JSON Schema: plan, lock or saved", ArgsUsage: "[plan|lock|saved]",
		Description: "Example: resetplan schema > plan.v1.schema.json",
		Action: func(c *cli.Context) error {
			kind := schema.Plan
			if c.NArg() > 0 {
				kind = schema.Kind(c.Args().First())
			}
			text := schema.JSON(kind)
			if text == nil || c.NArg() > 1 {
				return usage("schema prints plan, lock or saved")
			}
			_, err := w.stdout.Write(text)
			return err
		},
	}
}

func versionCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version",
		Action: func(*cli.Context) error {
			_, err := fmt.Fprintln(w.stdout, "resetplan", version())
			return err
		},
	}
}

// version is the module's version, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && info.Main.Version == "(devel)" {
			return "devel " + s.Value
		}
	}
	return info.Main.Version
}

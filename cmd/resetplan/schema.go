package main

import (
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

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

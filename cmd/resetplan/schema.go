package main

import (
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func schemaCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "schema", Usage: "print the JSON Schema of plans, locks, saved plans or the configuration", ArgsUsage: "[plan|lock|saved|config]",
		Description: "Example: resetplan schema > plan.v1.schema.json",
		Action: func(c *cli.Context) error {
			kind := schema.Plan
			if c.NArg() > 0 {
				kind = schema.Kind(c.Args().First())
			}
			text := schema.JSON(kind)
			if text == nil || c.NArg() > 1 {
				return usage("schema accepts one of plan, lock, saved or config")
			}
			_, err := proc.stdout.Write(text)
			return err
		},
	}
}

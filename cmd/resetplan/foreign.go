package main

import (
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/exchange"
	"github.com/urfave/cli/v2"
)

func asFlag() cli.Flag {
	var names []string
	for _, f := range exchange.Formats() {
		names = append(names, string(f))
	}
	return &choiceFlag{choices: names, StringFlag: &cli.StringFlag{Name: "as", Usage: "the other tool's `FORMAT`: " + strings.Join(names, ", "),
		Action: func(_ *cli.Context, f string) error {
			if !slices.Contains(names, f) {
				return usage("--as is one of %s, not %q", strings.Join(names, ", "), f)
			}
			return nil
		}}}
}

// foreign returns the format of --as.
func foreign(c *cli.Context) (exchange.Format, error) {
	if c.String("as") == "" {
		return "", usage("%s: --as FORMAT is missing", c.Command.Name)
	}
	return exchange.Format(c.String("as")), nil
}

package main

import (
	"strings"
	"time"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/plan/exchange"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "no-color", Usage: "disable colours, like NO_COLOR"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "do not show progress"},
		&cli.BoolFlag{Name: "verbose", Usage: "log each request with its address, name and duration; secrets are never logged"},
		cmdline.Either(&cli.StringFlag{Name: "log-format", Usage: "the `FORMAT` of --verbose: text or json", Value: "text"}, "text", "json"),
	}
}

func paramFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "set", KeepSpace: true, Usage: "set a parameter: `NAME=VALUE`; repeatable"},
		&cli.StringFlag{Name: "params", Usage: "read parameters from a `FILE`, a mapping of names to values"},
		configFlag(),
	}
}

func configFlag() cli.Flag {
	return &cli.StringFlag{Name: "config", Usage: "the operator's configuration `FILE`; see `resetplan config show`",
		DefaultText: "RESETPLAN_CONFIG, or the user's configuration directory"}
}

func stepFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "step", KeepSpace: true, Usage: "select only this step `ID`, or one of its targets, ID[NAME]; repeatable"}
}

func selectionFlags() []cli.Flag {
	return append(paramFlags(),
		stepFlag(),
		&cli.StringFlag{Name: "run", Value: schema.DefaultRun,
			Usage: "the `KEY` of the run; each key is applied once; @date and @hour are the UTC date and hour"},
		&cli.StringFlag{Name: "lock", Usage: "the `PATH` or the URL of the lock", DefaultText: "FILE.lock.yaml next to the plan"},
	)
}

// formatFlag offers a result in several formats; the first is the default.
func formatFlag(formats ...string) cli.Flag {
	if formats == nil {
		formats = []string{"table", "json"}
	}
	last := len(formats) - 1
	usage := "the `FORMAT` of the result: " + strings.Join(formats[:last], ", ") + " or " + formats[last]
	return cmdline.Either(&cli.StringFlag{Name: "format", Usage: usage, Value: formats[0]}, formats...)
}

// wantsJSON reports whether the result is for a program.
func wantsJSON(c *cli.Context) bool { return c.String("format") == "json" }

func wideFlag() cli.Flag {
	return &cli.BoolFlag{Name: "wide", Usage: "show one line per group and partition, with unabridged names"}
}

func approveFlag() cli.Flag {
	return &cli.BoolFlag{Name: "auto-approve", Usage: "do not ask for confirmation"}
}

func waitFlag() cli.Flag {
	return &cli.DurationFlag{Name: "wait", Action: notNegative("wait"),
		Usage: "wait up to `DURATION` until the consumers are idle, or active if the service requires it; overrides idle.wait"}
}

func retryFlag() cli.Flag {
	return &cli.BoolFlag{Name: "retry-overwritten", Usage: "send steps of this run again that another client has committed over"}
}

func adoptFlag() cli.Flag {
	return &cli.BoolFlag{Name: "adopt", Usage: "accept a lock that was written under another plan name, after the plan was renamed"}
}

func outFlag() cli.Flag {
	return &cli.StringFlag{Name: "out", Usage: "write the plan to a new `FILE` instead of standard output"}
}

func bootstrapFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "bootstrap", Usage: "Kafka bootstrap server `HOST:PORT`; several are separated by commas; repeatable"}
}

// bootstrapServers returns the servers that --bootstrap names.
func bootstrapServers(c *cli.Context) []any {
	var out []any
	for _, list := range c.StringSlice("bootstrap") {
		for _, server := range strings.Split(list, ",") {
			if server = strings.TrimSpace(server); server != "" {
				out = append(out, server)
			}
		}
	}
	return out
}

// exchangeFlag is the format of another tool.
func exchangeFlag(formats []exchange.Format) cli.Flag {
	var names []string
	for _, f := range formats {
		names = append(names, string(f))
	}
	return cmdline.Either(&cli.StringFlag{Name: "as", Usage: "the `FORMAT` of the other tool: " + strings.Join(names, ", ")}, names...)
}

// exchangeFormat returns the format of --as.
func exchangeFormat(c *cli.Context) (exchange.Format, error) {
	if c.String("as") == "" {
		return "", usage("%s: --as FORMAT is required", c.Command.Name)
	}
	return exchange.Format(c.String("as")), nil
}

// notNegative refuses a negative duration.
func notNegative(flag string) func(*cli.Context, time.Duration) error {
	return func(_ *cli.Context, d time.Duration) error {
		if d < 0 {
			return usage("--%s must not be negative, got %v", flag, d)
		}
		return nil
	}
}

package main

import (
	"bytes"
	"fmt"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/exchange"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/urfave/cli/v2"
)

func importCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "import", Usage: "convert another tool's offsets to a plan", ArgsUsage: "FILE",
		Description: "kafka-csv is what kafka-consumer-groups writes with --export and reads with --from-file, with or without\n" +
			"the group; kafka-describe is the text of `kafka-consumer-groups --describe`, also with --all-groups; rpk is the\n" +
			"text of `rpk group describe` or of `rpk group seek --to-file`; kcl is the JSON of `kcl group describe --format\n" +
			"json` or of `kcl group seek --to-file`. If the file has an error, no plan is written.\n\n" +
			"Example: resetplan import --as kafka-csv --bootstrap broker:9092 offsets.csv\n\n" +
			"Exit codes: 0 written; 1 failed; 3 bad input.",
		Flags: []cli.Flag{
			exchangeFlag(exchange.Formats()),
			bootstrapFlag(),
			&cli.StringFlag{Name: "group", Usage: "the consumer group `NAME`, if the file does not contain it"},
			&cli.StringFlag{Name: "name", Usage: "the `NAME` of the plan", Value: "imported"},
			outFlag(),
		},
		Action: func(c *cli.Context) error { return importAction(c, proc) },
	}
}

func importAction(c *cli.Context, proc process) error {
	format, err := exchangeFormat(c)
	if err != nil {
		return err
	}
	name, err := onlyArgument(c, "FILE")
	if err != nil {
		return err
	}
	servers := bootstrapServers(c)
	if len(servers) == 0 {
		return usage("import: the file does not name the cluster; add --bootstrap HOST:PORT")
	}
	if err := checkNew(c.String("out")); err != nil {
		return err
	}
	raw, err := proc.source(name, files.Saved)
	if err != nil {
		return err
	}
	f, errs := exchange.Parse(format, displayName(name), raw)
	if len(errs) > 0 {
		return shortened(errs, format, raw)
	}
	for _, note := range f.Notes {
		fmt.Fprintln(proc.stderr, view.Plain(note))
	}
	connection := schema.Provider{Name: "kafka", Type: "kafka", Config: map[string]any{"bootstrapServers": servers}}
	d, err := f.Draft(connection, c.String("name"), c.String("group"))
	if err != nil {
		return usage("import: %v", err)
	}
	d.Head = []string{"Written by `resetplan import --as " + string(format) + "` of " + displayName(name) + "."}
	return proc.writeDraft(d, c.String("out"))
}

// shortened returns the errors of a file that are shown. If no line of it is valid,
// it is in another format, which is reported once and not line by line.
func shortened(errs diag.Errors, format exchange.Format, raw []byte) diag.Errors {
	lines, invalid := 0, map[int]bool{}
	for line := range bytes.Lines(raw) {
		if len(bytes.TrimSpace(line)) > 0 {
			lines++
		}
	}
	for _, f := range errs {
		invalid[f.Line] = true
	}
	if lines > 1 && len(invalid) == lines {
		first := errs[0]
		first.Reason = fmt.Sprintf("not in %s format: none of the %d lines is valid: %s", format, lines, first.Reason)
		return diag.Errors{first}
	}
	return errs.Report()
}

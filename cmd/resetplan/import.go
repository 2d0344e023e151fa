package main

import (
	"fmt"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/exchange"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func importCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "import", Usage: "make a plan of another tool's offsets", ArgsUsage: "FILE",
		Description: "kafka-csv is what kafka-consumer-groups writes with --export and reads with --from-file, with or without\n" +
			"the group; rpk is the text of `rpk group describe` or of `rpk group seek --to-file`; kcl is the JSON of\n" +
			"`kcl group describe --format json` or of `kcl group seek --to-file`. A file with an error becomes no plan.\n\n" +
			"Example: resetplan import --as kafka-csv --bootstrap broker:9092 --group orders-billing offsets.csv --out restore.yaml\n\n" +
			"Exit codes: 0 written; 1 failed; 3 bad input, every error with its line.",
		Flags: []cli.Flag{
			asFlag(),
			bootstrapFlag(),
			&cli.StringFlag{Name: "group", Usage: "whose offsets these are, if the file does not name the group: `NAME`"},
			&cli.StringFlag{Name: "name", Usage: "the plan's `NAME`", Value: "imported"},
			outFlag(),
		},
		Action: func(c *cli.Context) error { return importAction(c, w) },
	}
}

func importAction(c *cli.Context, w world) error {
	format, err := foreign(c)
	if err != nil {
		return err
	}
	name, err := one(c, "FILE")
	if err != nil {
		return err
	}
	servers := brokers(c)
	if len(servers) == 0 {
		return usage("import: the file does not name the cluster of these offsets; add --bootstrap HOST:PORT")
	}
	if err := vacant(c.String("out")); err != nil {
		return err
	}
	raw, err := w.source(name, files.Saved)
	if err != nil {
		return err
	}
	f, faults := exchange.Parse(format, shown(name), raw)
	if len(faults) > 0 {
		return faults
	}
	for _, note := range f.Notes {
		fmt.Fprintln(w.stderr, view.Plain(note))
	}
	connection := schema.Provider{Name: "kafka", Type: "kafka", Config: map[string]any{"bootstrapServers": servers}}
	d, err := f.Draft(connection, c.String("name"), c.String("group"))
	if err != nil {
		return usage("import: %v", err)
	}
	d.Head = []string{"Written by `resetplan import --as " + string(format) + "` of " + shown(name) + "."}
	return w.writeDraft(d, c.String("out"))
}

package main

import (
	"fmt"

	"github.com/resetplan/resetplan/plan/doctor"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func doctorCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "doctor", Usage: "find commits out of range, on vanished partitions or near retention", ArgsUsage: "[FILE]",
		Description: "It looks at the targets of a plan FILE, at every group of its connections with --all-groups, or without\n" +
			"a FILE at every group of the service that --provider, --bootstrap and --set describe. It changes nothing.\n\n" +
			"Near retention: what is read next was written so long ago that it is within the last --near percent of\n" +
			"the time for which its log keeps records. Where that time or the record's age cannot be read, or the log is\n" +
			"limited by size: retention has removed records already, and the position lies in the oldest --near percent\n" +
			"of the log. --out writes the plan with the smallest loss: below the log's begin goes to the begin, beyond\n" +
			"its end goes to the end; what no reset heals is told and left out.\n\n" +
			"Example: resetplan doctor --provider kafka --bootstrap broker:9092 --all-groups --out healing.yaml\n\n" +
			"Exit codes: 0 looked at; 1 failed, or a target could not be read; 2 something was found (with --detailed-exitcode); 3 bad input.",
		Flags: append(paramFlags(),
			&cli.StringFlag{Name: "provider", Usage: "without FILE: the `TYPE` of service; --set KEY=VALUE gives its keys, such as tls.caFile=ca.pem"},
			bootstrapFlag(),
			&cli.BoolFlag{Name: "all-groups", Usage: "look at every group that the service lists"},
			&cli.IntFlag{Name: "near", Usage: "how near retention is too near, in `PERCENT` of what is kept", Value: 10},
			&cli.StringSliceFlag{Name: "step", Usage: "only this step `ID`, or one group of it, ID[GROUP]; repeatable"},
			&cli.StringFlag{Name: "out", Usage: "write the plan that heals to a new `FILE`"},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 where something was found"},
			formatFlag(), wideFlag(),
		),
		Action: func(c *cli.Context) error { return doctorAction(c, w) },
	}
}

func doctorAction(c *cli.Context, w world) error {
	ctx, cancel := w.interruptible(c.Context)
	defer cancel()
	if n := c.Int("near"); n < 0 || n > 100 {
		return usage("--near is a share from 0 to 100, not %d", n)
	}
	if err := vacant(c.String("out")); err != nil {
		return err
	}
	r, err := w.patients(c)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // no records were written through it
	d, err := doctor.Diagnose(ctx, r, c.StringSlice("step"), doctor.Options{Near: c.Int("near"), All: c.Bool("all-groups")})
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		err = view.JSON(w.stdout, d)
	} else {
		err = term.Diagnosis(w.stdout, d, view.Options{Wide: c.Bool("wide"), Colour: w.colour(c)})
	}
	if err == nil && c.String("out") != "" {
		err = w.writeHealing(d, c.String("out"))
	}
	switch {
	case err != nil:
		return err
	case d.Unread > 0:
		return ended(1)
	case c.Bool("detailed-exitcode") && !d.Healthy:
		return ended(2)
	}
	return nil
}

func (w world) writeHealing(d *doctor.Diagnosis, out string) error {
	if healing := d.Healing(); healing != nil {
		return w.writeDraft(healing, out)
	}
	fmt.Fprintf(w.stderr, "nothing is there that a plan could heal: %s is not written\n", view.Plain(out))
	return nil
}

// patients opens what the call wants looked at.
func (w world) patients(c *cli.Context) (*survey.Reader, error) {
	kind := c.String("provider")
	switch {
	case kind == "" && c.NArg() == 0:
		return nil, usage("doctor: a plan FILE, or --provider TYPE with --all-groups, is missing")
	case kind != "" && c.NArg() > 0:
		return nil, usage("doctor takes a plan FILE or --provider, not both")
	case kind == "" && len(c.StringSlice("bootstrap")) > 0:
		return nil, usage("--bootstrap goes with --provider; a plan FILE names its brokers itself")
	case kind != "" && !c.Bool("all-groups"):
		return nil, usage("--provider wants --all-groups beside it: to look at some groups, name them in a plan and give the FILE")
	case kind != "":
		connection, err := w.connection(c, kind)
		if err != nil {
			return nil, err
		}
		return w.everyGroup(c, "doctor", []schema.Provider{connection})
	}
	name, err := one(c, "plan FILE")
	if err != nil {
		return nil, err
	}
	doc, err := w.document(c, name)
	if err != nil {
		return nil, err
	}
	if !c.Bool("all-groups") {
		return w.connect(c, doc, c.StringSlice("step"))
	}
	return w.everyGroup(c, doc.Name, doc.Providers)
}

func (w world) everyGroup(c *cli.Context, name string, connections []schema.Provider) (*survey.Reader, error) {
	doc, err := doctor.EveryGroup(name, connections, all.Providers())
	if err != nil {
		return nil, usage("--all-groups: %v", err)
	}
	return w.connect(c, doc, c.StringSlice("step"))
}

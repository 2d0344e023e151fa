package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/adhoc"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/plan/doctor"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func doctorCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "doctor", Usage: "find commits that are out of range, on deleted partitions or close to retention", ArgsUsage: "[FILE]",
		UsageText: "resetplan doctor [options] FILE\nresetplan doctor [options] --provider TYPE ...",
		Description: "Checks the targets of a plan FILE; with --all-groups every group of its connections; without FILE the\n" +
			"target, or every group, that flags describe. Changes nothing.\n\n" +
			"A position is close to retention if the age of its next record is in the last --near percent of the retention\n" +
			"time. If that time or the age is unknown, or retention is limited by size, a position is close if retention has\n" +
			"already deleted records and the position is in the oldest --near percent of the log.\n\n" +
			"--out writes a plan that fixes the positions with the smallest loss: those before the start of the log go to\n" +
			"the start, those beyond its end to the end. What no reset can fix is reported and left out.\n\n" +
			"Example: resetplan doctor --provider kafka --bootstrap b:9092 --all-groups\n\n" +
			"Exit codes: 0 checked; 1 failed, or a target could not be read; 2 a problem was found (with --detailed-exitcode);\n" +
			"3 bad input, or the services report no positions that can be checked.",
		Flags: append(paramFlags(),
			&cli.BoolFlag{Name: "all-groups", Usage: "check every group that the service lists"},
			cmdline.Between(&cli.IntFlag{Name: "near", Usage: "the last `PERCENT` of retention that counts as close", Value: 10}, 0, 100),
			stepFlag(),
			&cli.StringFlag{Name: "out", Usage: "write a plan that fixes the positions to a new `FILE`"},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 if a problem was found"},
			formatFlag(), wideFlag(), laterTargetFlags(),
		),
		Action: func(c *cli.Context) error { return doctorAction(c, proc) },
	}
}

func doctorAction(c *cli.Context, proc process) error {
	ctx, cancel := proc.interruptible(c.Context)
	defer cancel()
	if err := checkNew(c.String("out")); err != nil {
		return err
	}
	r, err := proc.examinedTargets(c)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // no records were written through it
	o := doctor.Options{Near: c.Int("near"), All: c.Bool("all-groups")}
	d, err := doctor.Diagnose(ctx, r, c.StringSlice("step"), o)
	var blind *doctor.Blind
	if errors.As(err, &blind) {
		return &inputError{blind.Error()}
	}
	if err != nil {
		return err
	}
	if wantsJSON(c) {
		err = view.JSON(proc.stdout, d)
	} else {
		err = term.Diagnosis(proc.stdout, d, proc.look(c))
	}
	if err == nil && c.String("out") != "" {
		err = proc.writeHealing(d, c.String("out"))
	}
	switch {
	case err != nil:
		return err
	case d.Unread > 0:
		return fmt.Errorf("%s could not be read", text.Plural(d.Unread, "target"))
	case c.Bool("detailed-exitcode") && len(d.Found) > 0:
		return exitStatus(2)
	}
	return nil
}

func (proc process) writeHealing(d *doctor.Diagnosis, out string) error {
	if healing := d.Healing(); healing != nil {
		return proc.writeDraft(healing, out)
	}
	why := "no problems were found, so there is nothing to fix"
	switch {
	case len(d.Found) > 0:
		why = "the problems that were found have no nearest valid position; doctor explains what to do about each kind"
	case d.Unread > 0:
		why = "no problems were found in the targets that could be read; fix the errors of the others, and run doctor again"
	}
	fmt.Fprintf(proc.stderr, "%s was not written: %s\n", view.Plain(out), why)
	return nil
}

// examinedTargets opens the connections of the targets to check.
func (proc process) examinedTargets(c *cli.Context) (*survey.Reader, error) {
	if c.Bool("all-groups") && c.NArg() == 0 {
		connection, err := proc.connection(c)
		if err != nil {
			return nil, err
		}
		return proc.everyGroup(c, "doctor", []schema.Provider{*connection})
	}
	p, err := proc.adhoc(c, false)
	switch {
	case err != nil:
		return nil, err
	case p != nil:
		return proc.connect(c, p.doc, c.StringSlice("step"))
	case c.NArg() == 0:
		return nil, usage("doctor requires a plan FILE, or --provider TYPE or --connection NAME with the flags of a target or --all-groups")
	}
	name, err := onlyArgument(c, "plan FILE")
	if err != nil {
		return nil, err
	}
	doc, err := proc.document(c, name)
	if err != nil {
		return nil, err
	}
	if !c.Bool("all-groups") {
		return proc.connect(c, doc, c.StringSlice("step"))
	}
	return proc.everyGroup(c, doc.Name, doc.Providers)
}

func (proc process) everyGroup(c *cli.Context, name string, connections []schema.Provider) (*survey.Reader, error) {
	doc, err := doctor.EveryGroup(name, connections, all.Providers())
	if err != nil {
		return nil, usage("--all-groups: %v", err)
	}
	return proc.connect(c, doc, c.StringSlice("step"))
}

// connection returns the connection that flags describe.
func (proc process) connection(c *cli.Context) (*schema.Provider, error) {
	call, err := proc.adhocCall(c)
	if err == nil && call == nil {
		err = usage("doctor: --all-groups requires a plan FILE, --connection NAME, or --provider TYPE with the flags of a connection")
	}
	if err != nil {
		return nil, err
	}
	if call.Uses != "" {
		return proc.namedConnection(c, call)
	}
	connection, errs := call.Connection()
	if len(errs) > 0 {
		return nil, errs
	}
	return connection, nil
}

// namedConnection returns the connection of --connection.
func (proc process) namedConnection(c *cli.Context, call *adhoc.Call) (*schema.Provider, error) {
	for _, name := range slices.Sorted(maps.Keys(call.Values)) {
		return nil, usage("--%s describes a connection or a target, and --connection with --all-groups checks every group; remove one of them", name)
	}
	own, err := proc.configuration(c)
	if err != nil {
		return nil, err
	}
	one, _ := own.Connection(call.Uses)
	return &one, nil
}

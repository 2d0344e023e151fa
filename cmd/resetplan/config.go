package main

import (
	"strings"

	"github.com/resetplan/resetplan/plan/operator"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/urfave/cli/v2"
)

// An operatorFile is the operator's configuration of one command, read once.
type operatorFile struct {
	read *operator.Configuration
	gate *operator.Gate
	err  error
}

// configuration returns the operator's configuration.
func (proc process) configuration(c *cli.Context) (*operator.Configuration, error) {
	f := proc.operatorFile
	if f.read != nil || f.err != nil {
		return f.read, f.err
	}
	if c.IsSet("config") && c.String("config") == "" {
		f.err = usage("--config is empty; name a file, or omit the flag")
		return nil, f.err
	}
	f.read, f.err = operator.Load(operator.Search{Flag: c.String("config"), Getenv: proc.getenv, Folder: proc.configDir})
	if f.err == nil {
		f.gate = f.read.Gate()
	}
	return f.read, f.err
}

// refusedContact is the error of a command that failed after an address was refused: a
// client may have hidden the reason behind its own.
type refusedContact struct{ failed, refusal error }

func (e *refusedContact) Error() string {
	if text := e.failed.Error(); strings.Contains(text, e.refusal.Error()) {
		return text
	}
	return strings.TrimPrefix(e.failed.Error()+"\n"+e.refusal.Error(), "\n")
}

func (e *refusedContact) Unwrap() error { return e.refusal }

// becauseOfGate adds to the error of a command that changed nothing that an address was
// refused.
func (f *operatorFile) becauseOfGate(err error) error {
	if f.gate == nil || exitCode(err) != 1 {
		return err
	}
	if refusal := f.gate.Refused(); refusal != nil {
		return &refusedContact{err, refusal}
	}
	return err
}

func configCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "config", Usage: "show the operator's configuration",
		Subcommands: []*cli.Command{{
			Name: "show", Usage: "show which connections, permissions, limits and notifications are in force, and why",
			Description: "The configuration is the file that --config names, or the variable RESETPLAN_CONFIG, or " + operator.Name + " in\n" +
				"the user's configuration directory, or in the folder resetplan there. The current folder and the folder of a plan\n" +
				"are never searched. `resetplan schema config` prints its JSON Schema, whose descriptions are the manual.\n\n" +
				"Example: resetplan config show --config /etc/resetplan.config.yaml\n\nExit codes: 0 shown; 3 the file is not valid or does not exist.",
			Flags: []cli.Flag{configFlag(), formatFlag()},
			Action: func(c *cli.Context) error {
				own, err := proc.configuration(c)
				if err != nil {
					return err
				}
				shown := own.InForce(proc.getenv("RESETPLAN_ALLOW_ENV"))
				if wantsJSON(c) {
					return view.JSON(proc.stdout, shown)
				}
				return term.Configuration(proc.stdout, shown)
			},
		}},
	}
}

package main

import (
	"fmt"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

func versionCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version",
		Description: "Example: resetplan version",
		Action: func(*cli.Context) error {
			_, err := fmt.Fprintln(proc.stdout, "resetplan", version())
			return err
		},
	}
}

// version returns the version of the module, or the commit it was built from.
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

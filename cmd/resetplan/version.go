package main

import (
	"fmt"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

func versionCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version",
		Description: "Example: resetplan version",
		Action: func(*cli.Context) error {
			_, err := fmt.Fprintln(w.stdout, "resetplan", version())
			return err
		},
	}
}

// version is the module's version, or the commit that it was built from.
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

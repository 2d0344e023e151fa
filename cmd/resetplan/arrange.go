package main

import (
	"strings"

	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// arrange puts flags before arguments, since the library takes a flag behind
// an argument for another argument. `--` ends the flags, `-` is an argument.
func arrange(app *cli.App, args []string) ([]string, error) {
	var command, flags, rest []string
	commands, known := app.Commands, flagKinds(commonFlags(), app.Flags)
	for i := 1; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			rest = append(rest, args[i+1:]...)
			i = len(args)
		case len(arg) > 1 && arg[0] == '-' && !isNumber(arg):
			flags = append(flags, arg)
			name, _, joined := strings.Cut(strings.TrimLeft(arg, "-"), "=")
			if known[name] && !joined && i+1 < len(args) {
				i++
				flags = append(flags, args[i])
			}
		case len(commands) > 0:
			c := find(commands, arg)
			if c == nil {
				return nil, usage("there is no command %q%s", arg, nearest(arg, commands))
			}
			command, commands = append(command, arg), c.Subcommands
			known = flagKinds(commonFlags(), c.Flags)
		default:
			rest = append(rest, arg)
		}
	}
	out := append([]string{args[0]}, command...)
	out = append(out, flags...)
	if len(rest) > 0 {
		out = append(append(out, "--"), rest...)
	}
	return out, nil
}

func isNumber(s string) bool { return len(s) > 1 && s[1] >= '0' && s[1] <= '9' }

// flagKinds returns, by name, whether a flag takes a value.
func flagKinds(lists ...[]cli.Flag) map[string]bool {
	out := map[string]bool{}
	for _, list := range lists {
		for _, f := range list {
			_, isBool := f.(*cli.BoolFlag)
			for _, name := range f.Names() {
				out[name] = !isBool
			}
		}
	}
	return out
}

func find(commands []*cli.Command, name string) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

func nearest(name string, commands []*cli.Command) string {
	var known []string
	for _, c := range commands {
		known = append(known, c.Name)
	}
	if near := schema.Nearest(name, known); near != "" {
		return ", did you mean " + near + "?"
	}
	return ""
}

package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// A call is a command line in parts.
type call struct {
	command []string // "lock", "show"
	flags   []string // each followed by its value, where it takes one
	rest    []string // arguments

	commands []*cli.Command  // those that may come next
	known    map[string]bool // the flags that may come next, and whether they take a value
}

// arrange puts flags before arguments, since the library takes a flag behind
// an argument for another argument. `--` ends the flags, `-` is an argument.
// The call is as far as it was understood when there is an error.
func arrange(app *cli.App, args []string) (*call, error) {
	c := &call{commands: app.Commands, known: flagKinds(commonFlags(), app.Flags)}
	for i := 1; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			c.rest = append(c.rest, args[i+1:]...)
			return c, nil
		case len(c.command) == 0 && arg == "--version":
			c.command, c.commands = []string{"version"}, nil
		case len(c.command) == 0 && arg == "--man":
			c.command, c.commands, c.flags = []string{"man"}, nil, nil // `help --man` is no call for help
		case len(arg) > 1 && arg[0] == '-' && !isNumber(arg):
			taken, err := c.flag(arg, args[i+1:])
			if err != nil {
				return c, err
			}
			i += taken
		case len(c.command) == 0 && arg == "help":
			c.flags = append(c.flags, "--help")
		case len(c.commands) > 0:
			if err := c.next(arg); err != nil {
				return c, err
			}
		default:
			c.rest = append(c.rest, arg)
		}
	}
	return c, nil
}

// flag takes a flag, and its value from what follows. It returns how many of
// the following words it took.
func (c *call) flag(arg string, following []string) (int, error) {
	written, _, joined := strings.Cut(arg, "=")
	name := strings.TrimLeft(written, "-")
	takes, ok := c.known[name]
	if !ok {
		return 0, usage("there is no flag %s%s", written, didYouMean("--", name, slices.Sorted(maps.Keys(c.known))))
	}
	c.flags = append(c.flags, arg)
	if !takes || joined {
		return 0, nil
	}
	if len(following) == 0 {
		return 0, usage("%s wants a value", written)
	}
	c.flags = append(c.flags, following[0])
	return 1, nil
}

// next takes the name of a command.
func (c *call) next(name string) error {
	var names []string
	for _, known := range c.commands {
		if known.HasName(name) {
			c.command, c.commands = append(c.command, name), known.Subcommands
			c.known = flagKinds(commonFlags(), known.Flags)
			return nil
		}
		names = append(names, known.Name)
	}
	return usage("there is no command %q%s", name, didYouMean("", name, names))
}

// args is the call in the library's order.
func (c *call) args(program string) []string {
	out := slices.Concat([]string{program}, c.command, c.flags)
	if len(c.rest) > 0 {
		out = slices.Concat(out, []string{"--"}, c.rest)
	}
	return out
}

func isNumber(s string) bool { return len(s) > 1 && s[1] >= '0' && s[1] <= '9' }

// flagKinds returns, by name, whether a flag takes a value.
func flagKinds(lists ...[]cli.Flag) map[string]bool {
	out := map[string]bool{"help": false, "h": false}
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

func didYouMean(prefix, name string, known []string) string {
	if near := schema.Nearest(name, known); near != "" {
		return ", did you mean " + prefix + near + "?"
	}
	return ""
}

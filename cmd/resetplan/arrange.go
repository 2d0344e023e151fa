package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/urfave/cli/v2"
)

// A call is a command line in parts.
type call struct {
	command []string // "lock", "show"
	flags   []string // each followed by its value, where it takes one
	rest    []string // arguments

	help     bool                // help is requested, whatever else is written
	commands []*cli.Command      // those that may come next
	known    map[string]bool     // the flags that may come next, and whether they take a value
	kinds    map[string]cli.Flag // the same flags
}

// arrange puts flags before arguments, since the library takes a flag behind
// an argument for another argument. `--` ends the flags, `-` is an argument.
// The call is as far as it was understood when there is an error.
func arrange(app *cli.App, args []string) (*call, error) {
	c := &call{commands: app.Commands, known: flagKinds(commonFlags(), app.Flags), kinds: flagsByName(commonFlags(), app.Flags)}
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
			c.flags, c.help = append(c.flags, "--help"), true
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
	written, value, joined := strings.Cut(arg, "=")
	name := strings.TrimLeft(written, "-")
	takes, ok := c.known[name]
	if !ok {
		return 0, usage("unknown flag %s%s", written, didYouMean("--", name, slices.Sorted(maps.Keys(c.known))))
	}
	c.help = c.help || name == "help" || name == "h"
	if !takes {
		if joined && value != "true" && value != "false" {
			return 0, usage("%s takes no value, got %q; write %s alone", written, value, written)
		}
		c.flags = append(c.flags, arg)
		return 0, nil
	}
	taken := 0
	if !joined {
		if len(following) == 0 {
			return 0, usage("%s requires a value", written)
		}
		value, taken = following[0], 1
	}
	value, err := flagValue(c.kinds[name], written, value)
	switch {
	case err != nil:
		return 0, err
	case joined:
		c.flags = append(c.flags, written+"="+value)
	default:
		c.flags = append(c.flags, written, value)
	}
	return taken, nil
}

// flagValue returns a flag's value as the library reads it: whole numbers and
// durations are written as in a plan.
func flagValue(f cli.Flag, written, value string) (string, error) {
	switch f.(type) {
	case *cli.IntFlag:
		n, err := literal.ParseWhole(value)
		if err == nil && (n < 0 || n > math.MaxInt32) {
			err = fmt.Errorf("%d is out of range; write a number from 0 to %d", n, math.MaxInt32)
		}
		if err != nil {
			return "", usage("%s: %v", written, err)
		}
	case *cli.DurationFlag:
		if strings.HasPrefix(value, "-") {
			return "", usage("%s: %s is negative; write for example 30s or 5m", written, value)
		}
		if value == "0" {
			return value, nil
		}
		d, err := literal.ParseDuration(value, "s")
		if err != nil {
			return "", usage("%s: %v", written, err)
		}
		return d.String(), nil
	case *cli.StringFlag, *choiceFlag, *cli.StringSliceFlag:
		if name := strings.TrimLeft(written, "-"); value == "" && name != "expect-digest" && name != "set" {
			return "", usage("%s is empty; give a value, or leave the flag out", written)
		}
	}
	if strings.TrimLeft(written, "-") == "log-format" && value != "text" && value != "json" {
		return "", usage("--log-format is text or json, not %q", value)
	}
	return value, nil
}

// next takes the name of a command.
func (c *call) next(name string) error {
	var names []string
	for _, known := range c.commands {
		if known.HasName(name) {
			c.command, c.commands = append(c.command, name), known.Subcommands
			c.known, c.kinds = flagKinds(commonFlags(), known.Flags), flagsByName(commonFlags(), known.Flags)
			return nil
		}
		names = append(names, known.Name)
	}
	return usage("unknown command %q%s", name, didYouMean("", name, names))
}

// args is the call in the library's order.
func (c *call) args(program string) []string {
	if c.help {
		return slices.Concat([]string{program}, c.command, []string{"--help"})
	}
	out := slices.Concat([]string{program}, c.command, c.flags)
	if len(c.rest) > 0 {
		out = slices.Concat(out, []string{"--"}, c.rest)
	}
	return out
}

// wantsJSON reports whether the result is for a program. A call that was not
// understood to its end counts as written.
func (c *call) wantsJSON(args []string) bool {
	if f, ok := c.kinds["format"].(*choiceFlag); len(c.command) > 0 && (!ok || !slices.Contains(f.choices, "json")) {
		return false
	}
	wanted := ""
	for i, arg := range args {
		name, value, joined := strings.Cut(arg, "=")
		switch {
		case arg == "--":
			return wanted == "json"
		case name != "--format" && name != "-format":
		case joined:
			wanted = value
		case i+1 < len(args):
			wanted = args[i+1]
		}
	}
	return wanted == "json"
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

func flagsByName(lists ...[]cli.Flag) map[string]cli.Flag {
	out := map[string]cli.Flag{}
	for _, list := range lists {
		for _, f := range list {
			for _, name := range f.Names() {
				out[name] = f
			}
		}
	}
	return out
}

func didYouMean(prefix, name string, known []string) string {
	if near := diag.Nearest(name, known); near != "" {
		return ", did you mean " + prefix + near + "?"
	}
	return ""
}

// Package cmdline reads a command line before the library does: flags may follow
// arguments, values are written as in a plan, and unknown names are reported with
// the nearest known one. The invariant: what the library receives has its flags
// before its arguments, and each value has been checked. The package runs no
// command.
package cmdline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/schema/diag"
	"github.com/resetplan/resetplan/schema/literal"
	"github.com/urfave/cli/v2"
)

// A UsageError is a command line that cannot be understood.
type UsageError struct{ Text string }

func (e *UsageError) Error() string { return e.Text }

// Usagef returns a UsageError.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// A Line is a command line in parts.
type Line struct {
	Command []string // "lock", "show"
	flags   []string // each followed by its value, if it takes one
	rest    []string // arguments

	help   bool                // help is requested, whatever else is written
	next   []*cli.Command      // the commands that may come next
	common []cli.Flag          // the flags of every command
	known  map[string]cli.Flag // the flags that may come next, by name
	chosen *cli.Command        // whose flags they are; nil = no command was read
	given  map[string]string   // the values of the flags that must not be given twice
}

// Parse puts flags before arguments, because the library takes a flag after an
// argument for another argument. `--` ends the flags, `-` is an argument. If
// there is an error, the Line has the parts before it.
func Parse(app *cli.App, common []cli.Flag, args []string) (*Line, error) {
	l := &Line{next: app.Commands, common: common, known: flagsByName(common, app.Flags)}
	for i := 1; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			l.rest = append(l.rest, args[i+1:]...)
			return l, nil
		case len(l.Command) == 0 && arg == "--version":
			l.Command, l.next = []string{"version"}, nil
		case len(l.Command) == 0 && arg == "--man":
			l.Command, l.next, l.flags = []string{"man"}, nil, nil // `help --man` does not request help
		case len(arg) > 1 && arg[0] == '-' && !isNumber(arg):
			consumed, err := l.flag(arg, args[i+1:])
			if err != nil {
				return l, err
			}
			i += consumed
		case len(l.Command) == 0 && arg == "help":
			l.flags, l.help = append(l.flags, "--help"), true
		case len(l.next) > 0:
			if err := l.command(arg, args[i+1:]); err != nil {
				return l, err
			}
		default:
			l.rest = append(l.rest, arg)
		}
	}
	return l, nil
}

// Help reports whether help is requested instead of the command.
func (l *Line) Help() bool { return l.help }

// Value returns the last value that is given for a flag, "" if there is none.
func (l *Line) Value(name string) string {
	value := ""
	for i, word := range l.flags {
		if v, ok := strings.CutPrefix(word, "--"+name+"="); ok {
			value = v
		} else if word == "--"+name && i+1 < len(l.flags) {
			value = l.flags[i+1]
		}
	}
	return value
}

// flag reads a flag, and its value from the words that follow. It returns how
// many of those are its value.
func (l *Line) flag(arg string, following []string) (int, error) {
	written, value, joined := strings.Cut(arg, "=")
	name := strings.TrimLeft(written, "-")
	f, ok := l.flagNamed(name)
	if !ok {
		if remedy := ofKafka[name]; remedy != "" {
			return 0, Usagef("unknown flag %s; %s", written, remedy)
		}
		return 0, Usagef("unknown flag %s%s", written, didYouMean("--", name, slices.Sorted(maps.Keys(l.known))))
	}
	l.help = l.help || name == "help" || name == "h"
	if _, isBool := f.(*cli.BoolFlag); isBool {
		if joined && value != "true" && value != "false" {
			return 0, Usagef("%s takes no value, got %q; write only %s", written, value, written)
		}
		l.flags = append(l.flags, arg)
		return 0, nil
	}
	consumed := 0
	if !joined {
		if len(following) == 0 {
			return 0, Usagef("%s requires a value", written)
		}
		value, consumed = following[0], 1
	}
	value, err := checkedValue(f, written, value)
	switch {
	case err != nil:
		return 0, err
	case l.twice(f, value):
		return 0, Usagef("--%s is given twice; keep one of them", name)
	case joined:
		l.flags = append(l.flags, written+"="+value)
	default:
		l.flags = append(l.flags, written, value)
	}
	return consumed, nil
}

// flagNamed returns the flag with a name. The first one that is not known makes the
// flags of the command complete.
func (l *Line) flagNamed(name string) (cli.Flag, bool) {
	if _, ok := l.known[name]; !ok && l.chosen != nil {
		Derive(l.chosen)
		l.known = flagsByName(l.common, l.chosen.Flags)
	}
	f, ok := l.known[name]
	return f, ok
}

// decisive are flags that decide what is applied, where it is recorded and what was
// approved.
var decisive = []string{"run", "lock", "params", "expect-digest", "out"}

// twice reports whether a flag that describes a plan is given a second time, or one that
// decides what is done a second time with another value. Of other flags the last value
// counts, so that a script can add one.
func (l *Line) twice(f cli.Flag, value string) bool {
	name := f.Names()[0]
	g, ok := f.(cli.CategorizableFlag)
	_, repeatable := f.(*Value)
	decides := slices.Contains(decisive, name)
	if !decides && (!ok || repeatable || g.GetCategory() == "") {
		return false
	}
	first, again := l.given[name]
	if l.given == nil {
		l.given = map[string]string{}
	}
	l.given[name] = value
	return again && (!decides || first != value)
}

// checkedValue returns a flag's value as the library reads it: whole numbers and
// durations are written as in a plan.
func checkedValue(f cli.Flag, written, value string) (string, error) {
	switch f := f.(type) {
	case *Whole:
		n, err := literal.ParseWhole(value)
		if err == nil && (n < f.Least || n > f.Most) {
			err = fmt.Errorf("%d is out of range; write a number from %d to %d", n, f.Least, f.Most)
		}
		if err != nil {
			return "", Usagef("%s: %v", written, err)
		}
	case *cli.DurationFlag:
		if strings.HasPrefix(value, "-") {
			return "", Usagef("%s: %s is negative; write a duration such as 30s or 5m", written, value)
		}
		if value == "0" {
			return value, nil
		}
		d, err := literal.ParseDuration(value, "s")
		if err != nil {
			return "", Usagef("%s: %v", written, err)
		}
		return d.String(), nil
	case *cli.StringFlag, *Choice, *cli.StringSliceFlag, *Value:
		if name := strings.TrimLeft(written, "-"); value == "" && name != "expect-digest" && name != "set" {
			return "", Usagef("%s is empty; give a value, or omit the flag", written)
		}
	}
	return value, nil
}

// command reads the name of a command. An unknown word after a command that has
// commands of its own is no error if help follows it: that command's is printed.
func (l *Line) command(name string, following []string) error {
	var names []string
	for _, c := range l.next {
		if c.HasName(name) {
			l.Command, l.next, l.chosen, l.known = append(l.Command, name), c.Subcommands, c, flagsByName(l.common, c.Flags)
			return nil
		}
		names = append(names, c.Name)
	}
	if len(l.Command) > 0 && (l.help || requestsHelp(following)) {
		l.help = true
		return nil
	}
	return Usagef("unknown command %q%s", name, didYouMean("", name, names))
}

func requestsHelp(args []string) bool {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return slices.ContainsFunc(args, func(arg string) bool { return slices.Contains([]string{"--help", "-help", "-h"}, arg) })
}

// Args returns the command line in the library's order.
func (l *Line) Args(program string) []string {
	if l.help {
		return slices.Concat([]string{program}, l.Command, []string{"--help"})
	}
	out := slices.Concat([]string{program}, l.Command, l.flags)
	if len(l.rest) > 0 {
		out = slices.Concat(out, []string{"--"}, l.rest)
	}
	return out
}

// WantsJSON reports whether the result is for a program. A call that was not
// read to its end is judged by its arguments.
func (l *Line) WantsJSON(args []string) bool {
	if f, ok := l.known["format"].(*Choice); len(l.Command) > 0 && (!ok || !slices.Contains(f.Words, "json")) {
		return false
	}
	format := ""
	for i, arg := range args {
		name, value, joined := strings.Cut(arg, "=")
		switch {
		case arg == "--":
			return format == "json"
		case name != "--format" && name != "-format":
		case joined:
			format = value
		case i+1 < len(args):
			format = args[i+1]
		}
	}
	return format == "json"
}

func isNumber(s string) bool { return len(s) > 1 && s[1] >= '0' && s[1] <= '9' }

// Has reports whether one of the flags has a name.
func Has(flags []cli.Flag, name string) bool {
	_, ok := flagsByName(flags)[name]
	return ok
}

// flagsByName returns the flags by each of their names, the one for help included.
func flagsByName(lists ...[]cli.Flag) map[string]cli.Flag {
	help := &cli.BoolFlag{Name: "help", Aliases: []string{"h"}}
	out := map[string]cli.Flag{"help": help, "h": help}
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
		return " (did you mean " + prefix + near + "?)"
	}
	return ""
}

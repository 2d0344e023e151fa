package cmdline

import (
	"flag"
	"slices"

	"github.com/urfave/cli/v2"
)

// Later represents flags of a command that take long to derive. Most command lines
// have none of them, so they are derived when one is read, or when all flags are
// listed. Until then it is a flag without a name.
type Later func() []cli.Flag

var _ cli.Flag = Later(nil)

// String returns nothing.
func (Later) String() string { return "" }

// Names returns no names.
func (Later) Names() []string { return nil }

// IsSet reports that it is not set.
func (Later) IsSet() bool { return false }

// Apply defines no flag.
func (Later) Apply(*flag.FlagSet) error { return nil }

// Derive makes the flags of commands complete, those of their own commands included.
func Derive(commands ...*cli.Command) {
	for _, c := range commands {
		c.Flags = derived(c.Flags)
		Derive(c.Subcommands...)
	}
}

// derived returns flags with those that were left for later in their place.
func derived(flags []cli.Flag) []cli.Flag {
	out := flags
	for i := len(flags) - 1; i >= 0; i-- {
		if later, ok := flags[i].(Later); ok {
			out = slices.Concat(out[:i], later(), out[i+1:])
		}
	}
	return out
}

package cmdline

import (
	"flag"
	"slices"

	"github.com/urfave/cli/v2"
)

// Later represents flags of a command that take long to derive. Most command lines
// have none of them, so they are derived when one is read, or when help lists all
// flags. Until then it is a flag without a name. It may also complete the command's
// description.
type Later func(*cli.Command) []cli.Flag

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
		for i := len(c.Flags) - 1; i >= 0; i-- {
			if later, ok := c.Flags[i].(Later); ok {
				c.Flags = slices.Concat(c.Flags[:i], later(c), c.Flags[i+1:])
			}
		}
		Derive(c.Subcommands...)
	}
}

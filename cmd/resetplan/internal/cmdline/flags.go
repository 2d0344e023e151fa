package cmdline

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// A Choice is a flag that accepts one of a few words, which a shell can offer.
type Choice struct {
	*cli.StringFlag
	Words []string
}

// Either returns a flag that accepts only these words.
func Either(f *cli.StringFlag, words ...string) *Choice {
	f.Action = func(_ *cli.Context, value string) error {
		if !slices.Contains(words, value) {
			last := len(words) - 1
			return Usagef("--%s must be %s or %s, got %q", f.Name, strings.Join(words[:last], ", "), words[last], value)
		}
		return nil
	}
	return &Choice{StringFlag: f, Words: words}
}

// A Whole is a flag that accepts a whole number within limits.
type Whole struct {
	*cli.IntFlag
	Least, Most int64
}

// Between returns a flag that accepts only the numbers from least to most.
func Between(f *cli.IntFlag, least, most int64) *Whole {
	return &Whole{IntFlag: f, Least: least, Most: most}
}

// A Value is a flag for a key of a plan. It may be repeated, and its text is checked
// with the plan.
type Value struct {
	*cli.StringSliceFlag
	What  string   // what its value is, in capitals
	Words []string // what a shell can offer
}

// Written returns how a flag is typed: its names, and what its value is.
func Written(f cli.Flag) string {
	if v, ok := f.(*Value); ok {
		return "--" + v.Name + " " + v.What
	}
	names := make([]string, 0, len(f.Names()))
	for _, n := range f.Names() {
		names = append(names, strings.Repeat("-", min(len(n), 2))+n)
	}
	slices.SortStableFunc(names, func(a, b string) int { return len(a) - len(b) })
	text := strings.Join(names, ", ")
	d, ok := f.(cli.DocGenerationFlag)
	if !ok || !d.TakesValue() {
		return text
	}
	if parts := strings.SplitN(d.GetUsage(), "`", 3); len(parts) == 3 {
		return text + " " + parts[1]
	}
	return text + " VALUE"
}

// Default returns what a flag's value is if it is not given; "" if it is none.
func Default(f cli.Flag) string {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok || !d.TakesValue() {
		return ""
	}
	if text := strings.Trim(d.GetDefaultText(), `"`); text != "0s" {
		return text
	}
	return ""
}

// ofKafka are flags of kafka-consumer-groups, and what to write instead.
var ofKafka = map[string]string{
	"reset-offsets":  "remove it",
	"dry-run":        "use the command plan, which changes nothing",
	"execute":        "use the command apply",
	"to-earliest":    "write --to earliest",
	"to-latest":      "write --to latest",
	"to-current":     "write --to current",
	"to-offset":      "write --to offset:N",
	"shift-by":       "write --to shift:N",
	"to-datetime":    "write --to with a time, such as 2026-11-18T00:00:00Z",
	"by-duration":    "write --to now-2h",
	"delete-offsets": "write --to unset",
	"from-file":      "use the command import",
	"export":         "use the command export",
	"all-topics":     "remove it; without --topic, every topic of the group is reset",
	"command-config": "write the connection as flags, such as --tls and --sasl-mechanism",
}

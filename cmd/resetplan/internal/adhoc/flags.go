// Package adhoc turns flags into a plan with one step: a flag for each key that
// the plan's JSON Schema gives a provider, a target, guards and the like.
//
// The invariant: the flags become the text of a plan, which is read, checked and
// applied like a file. This package decides nothing about a plan; it only names the
// flag if the plan has an error.
package adhoc

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// A Flag is a flag for one key. Types of providers may have the key in different
// sections.
type Flag struct {
	Name   string
	Inputs []schema.Input
}

// Of returns the key that the flag sets for a type of provider.
func (f Flag) Of(kind string) (in schema.Input, ok bool) {
	i := slices.IndexFunc(f.Inputs, func(in schema.Input) bool { return slices.Contains(in.Types, kind) })
	if i < 0 {
		return schema.Input{}, false
	}
	return f.Inputs[i], true
}

// Types returns the types of providers that have the key.
func (f Flag) Types() []string {
	var out []string
	for _, in := range f.Inputs {
		out = append(out, in.Types...)
	}
	return out
}

func (f Flag) boolean() bool { return f.Inputs[0].Boolean || f.Inputs[0].Mapping }

// Flags returns the flags of all keys, in the order of the schema.
var Flags = sync.OnceValue(func() []Flag {
	var out []Flag
	for _, in := range schema.Inputs() {
		name := nameOf(in)
		if name == "" {
			continue
		}
		if i := slices.IndexFunc(out, func(f Flag) bool { return f.Name == name }); i >= 0 {
			out[i].Inputs = append(out[i].Inputs, in)
			continue
		}
		out = append(out, Flag{Name: name, Inputs: []schema.Input{in}})
	}
	return out
})

// named returns the flag with a name.
func named(name string) (f Flag, ok bool) {
	i := slices.IndexFunc(Flags(), func(f Flag) bool { return f.Name == name })
	if i < 0 {
		return Flag{}, false
	}
	return Flags()[i], true
}

// nameOf returns the name of a key's flag: the keys that lead to it, with dashes. A
// key of `to` is a part of --to, except those that accompany a time.
func nameOf(in schema.Input) string {
	path := in.Path
	switch in.Section {
	case schema.OfTo:
		if path[0] != "timezone" && path[0] != "whenPastEnd" {
			return ""
		}
	case schema.OfIdle, schema.OfStart:
		path = slices.Concat([]string{string(in.Section)}, path)
	}
	var out []string
	for _, key := range path {
		out = append(out, kebab(key))
	}
	switch name := strings.Join(out, "-"); name {
	case "bootstrap-servers":
		return "bootstrap"
	case "idle-wait":
		return "wait"
	default:
		return name
	}
}

// kebab writes caFile as ca-file, and tokenURL as token-url.
func kebab(key string) string {
	var out strings.Builder
	runes := []rune(key)
	for i, r := range runes {
		starts := i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if starts {
			out.WriteByte('-')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

// The groups of flags in help texts.
const (
	General    = "PLAN WITHOUT A FILE"
	Connection = "CONNECTION AND TARGET"
)

// CLI returns the flags of a command that accepts a plan from flags. Without a
// target position, only those of the connection and the target are returned.
func CLI(withPosition bool) []cli.Flag {
	out := []cli.Flag{&cli.StringFlag{Name: "provider", Category: General, Usage: "describe the plan by flags, for a service of this `TYPE`: " +
		strings.Join(types(), ", ")},
		&cli.StringFlag{Name: "connection", Category: General,
			Usage: "describe the plan by flags, for this connection `NAME` of the operator's configuration"}}
	if withPosition {
		out = append(out, &cli.StringFlag{Name: "to", Category: General, Usage: "the `TARGET` position: " + Positions})
	}
	flags := slices.Clone(Flags())
	slices.SortStableFunc(flags, func(a, b Flag) int { return a.importance() - b.importance() })
	for _, f := range flags {
		in := f.Inputs[0]
		if f.Name == "wait" || !withPosition && in.Section != schema.OfProvider && in.Section != schema.OfTarget {
			continue
		}
		out = append(out, f.cli())
	}
	slices.SortStableFunc(out, func(a, b cli.Flag) int { return rank(a) - rank(b) })
	return out
}

// importance orders the flags of a group: required ones first, credentials last.
func (f Flag) importance() int {
	in := f.Inputs[0]
	switch {
	case f.required():
		return 0
	case in.Section == schema.OfTarget, in.Section == schema.OfTo, in.Section == schema.OfGuards:
		return 1
	case len(in.Path) == 1:
		return 2
	}
	return 3
}

// required reports whether every type that has the key requires it.
func (f Flag) required() bool {
	return !slices.ContainsFunc(f.Inputs, func(in schema.Input) bool { return len(in.Required) < len(in.Types) })
}

// rank orders flags by their groups: what holds for one type of provider comes last.
func rank(f cli.Flag) int {
	switch group := f.(cli.CategorizableFlag).GetCategory(); group {
	case General:
		return -2
	case Connection:
		return -1
	default:
		return slices.Index(types(), strings.TrimPrefix(group, Connection+" OF "))
	}
}

// Positions is what --to accepts.
const Positions = "earliest, latest, current, unset, default, now-2h, 2026-11-18T00:00:00Z, epoch milliseconds, offset:42, " +
	"offsets:0=100,1=250, shift:-500, checkpoints:0=CURSOR, group:OTHER, or lock:FILE[,run=KEY][,step=ID]"

// somePositions are the most frequent ones, for errors.
const somePositions = "latest, now-2h, offset:42, shift:-500, group:OTHER or another form that --help lists"

func types() []string {
	var out []string
	for _, in := range schema.Inputs() {
		if in.Section == schema.OfGuards {
			return in.Types
		}
	}
	return out
}

// cli returns the flag for the library.
func (f Flag) cli() cli.Flag {
	in := f.Inputs[0]
	usage := usageOf(in.Description)
	category := General
	switch kinds := f.Types(); {
	case len(kinds) < len(types()):
		category = Connection
		usage += " (" + strings.Join(kinds, ", ") + ")"
		if len(kinds) == 1 {
			category, usage = Connection+" OF "+kinds[0], usageOf(in.Description)
		}
		if f.required() {
			usage += "; required"
		}
	case in.Section == schema.OfTarget:
		category = Connection
	}
	if f.boolean() {
		return &cli.BoolFlag{Name: f.Name, Category: category, Usage: usage}
	}
	what := "VALUE"
	switch {
	case in.List:
		what = "LIST"
	case in.Duration:
		what = "DURATION"
	case in.Number:
		what = "N"
	case slices.Contains(in.Path, "env"):
		what = "NAME"
	case strings.HasSuffix(f.Name, "-file"):
		what = "FILE"
	}
	v := &cmdline.Value{Words: in.Words, What: what,
		StringSliceFlag: &cli.StringSliceFlag{Name: f.Name, KeepSpace: true, Category: category, Usage: usage}}
	if f.Name == "until" {
		v.Usage = "after the reset, watch until every partition has passed this `POSITION`, then do what --then names: " + untilForms
	}
	if f.Name == "bootstrap" {
		v.Aliases = []string{"bootstrap-server"} // as Kafka's own tools call it
	}
	return v
}

// listed is a list as a plan has it.
var listed = pattern.New(`\[[^\]]+\]`)

// Foreign reports whether a flag belongs only to other types of providers.
func Foreign(name, kind string) bool {
	f, ok := named(name)
	if !ok || !slices.Contains(types(), kind) {
		return false
	}
	_, has := f.Of(kind)
	return !has
}

// Examples returns the words that --to accepts, and how its other forms begin.
func Examples() []string {
	out := append([]string{"now-1h"}, schema.Words()...)
	for _, in := range schema.Inputs() {
		if in.Section == schema.OfTo && nameOf(in) == "" && in.Path[0] != "run" && in.Path[0] != "step" {
			out = append(out, in.Path[0]+":")
		}
	}
	return out
}

// properName is a name of two words, such as Confluent Cloud.
var properName = pattern.New(`^[A-Z]\S+ [A-Z]`)

// usageOf returns the first sentence of a description, as a usage begins.
func usageOf(description string) string {
	first, _, _ := strings.Cut(strings.ReplaceAll(description, "`", ""), ". ")
	first, _, _ = strings.Cut(strings.TrimSuffix(first, "."), "; ")
	first = listed.ReplaceAllStringFunc(first, func(list string) string { return strings.ReplaceAll(strings.Trim(list, "[]"), ", ", ",") })
	if head, rest, ok := strings.Cut(first, " "); ok && strings.ToLower(head[1:]) == head[1:] && !properName.MatchString(first) {
		first = strings.ToLower(head) + " " + rest
	}
	return text.Safe(first)
}

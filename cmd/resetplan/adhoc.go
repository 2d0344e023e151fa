package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/adhoc"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// fromFlags is what messages call a plan from flags that is in no file.
const fromFlags = "<flags>"

// hasFile reports whether a plan is in a file, next to which it can have a lock. A pipe,
// such as the <(…) of a shell, is none.
func hasFile(name string) bool {
	if name == "<stdin>" || name == fromFlags {
		return false
	}
	info, err := os.Stat(name)
	return err != nil || info.Mode()&os.ModeNamedPipe == 0
}

// An adhocPlan is a plan from flags.
type adhocPlan struct {
	one  *draft.OneStep
	doc  *schema.Document
	save string // the file to write; may be ""
}

// laterAdhocFlags represents adhocFlags among the flags of a command.
func laterAdhocFlags() cli.Flag {
	return cmdline.Later(func(*cli.Command) []cli.Flag { return adhocFlags() })
}

// laterTargetFlags represents the flags of a connection and a target.
func laterTargetFlags() cli.Flag {
	return cmdline.Later(func(*cli.Command) []cli.Flag { return adhoc.CLI(false) })
}

// adhocFlags are the flags of a plan with one step that can be saved.
func adhocFlags() []cli.Flag {
	save := &cli.StringFlag{Name: "save", Category: adhoc.General,
		Usage: "write the plan that the flags describe to a new `FILE`; its lock is next to it"}
	return slices.Insert(adhoc.CLI(true), 3, cli.Flag(save)) // after --provider, --connection and --to
}

// adhocCall returns the flags of the command line that describe a plan, nil if
// there are none.
func (proc process) adhocCall(c *cli.Context) (*adhoc.Call, error) {
	if !cmdline.Has(c.Command.Flags, "provider") {
		return nil, nil // the command line has none of them
	}
	call := &adhoc.Call{Type: c.String("provider"), To: c.String("to"), Values: map[string][]string{}}
	own := describing(c, call)
	if c.IsSet("connection") {
		if err := proc.useConnection(c, call); err != nil {
			return nil, err
		}
	}
	switch {
	case call.Type == "" && len(own) == 0:
		return nil, nil
	case call.Type == "" && c.NArg() > 0 && takesPlan(c):
		return nil, usage("--%s describes a plan without a FILE; remove it and write the value in %s, or remove the file and add --provider TYPE",
			own[0], displayName(c.Args().First()))
	case call.Type == "":
		return nil, usage("--%s describes a plan without a FILE, which requires --provider TYPE or --connection NAME; %s", own[0], typesWith(own[0]))
	case c.NArg() > 0 && takesPlan(c):
		return nil, usage("%s accepts a plan FILE or --%s, not both", c.Command.Name, when(call.Uses != "", "connection", "provider"))
	}
	for _, name := range []string{"set", "params"} {
		if c.IsSet(name) {
			return nil, usage("--%s gives parameters of a plan FILE; with --provider, each key has a flag, such as --timeout 5s", name)
		}
	}
	given := []string{call.To}
	for _, values := range call.Values {
		given = append(given, values...)
	}
	slices.Sort(given)
	if i := slices.IndexFunc(given, func(s string) bool { return !utf8.ValidString(s) }); i >= 0 {
		return nil, usage("%s is not UTF-8; write the value in UTF-8", text.Quote(given[i]))
	}
	if d := c.Duration("wait"); d > 0 {
		call.Wait = text.Duration(d)
	}
	return call, nil
}

// useConnection makes the connection of a call one of the operator's configuration.
func (proc process) useConnection(c *cli.Context, call *adhoc.Call) error {
	own, err := proc.configuration(c)
	if err != nil {
		return err
	}
	name := c.String("connection")
	one, ok := own.Connection(name)
	switch {
	case c.IsSet("provider"):
		return usage("--provider describes a connection and --connection names one; remove one of them")
	case !ok:
		return &inputError{own.NoConnection(name)}
	}
	call.Type, call.Uses, call.Shared = one.Type, name, own.Connections
	return nil
}

func when(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// describing reads the flags that describe a plan, and returns their names.
func describing(c *cli.Context, call *adhoc.Call) []string {
	own := []string{}
	for _, f := range adhoc.Flags() {
		if f.Name == "wait" || !c.IsSet(f.Name) || !cmdline.Has(c.Command.Flags, f.Name) {
			continue
		}
		if values := c.StringSlice(f.Name); len(values) > 0 {
			call.Values[f.Name] = values
		} else if c.Bool(f.Name) {
			call.Values[f.Name] = []string{"true"}
		}
		own = append(own, f.Name)
	}
	for _, name := range []string{"to", "save"} {
		if c.IsSet(name) {
			own = append(own, name)
		}
	}
	return own
}

// takesPlan reports whether the argument of a command is a plan to read.
func takesPlan(c *cli.Context) bool { return c.Command.Name != "init" }

// typesWith returns which types of providers have a flag.
func typesWith(name string) string {
	for _, f := range adhoc.Flags() {
		if f.Name == name {
			return "types with this flag: " + strings.Join(f.Types(), ", ")
		}
	}
	return "for example --provider kafka"
}

// adhoc returns the plan that the flags of the command line describe, nil if they
// describe none. A command that only reads needs no target position.
func (proc process) adhoc(c *cli.Context, position bool) (*adhocPlan, error) {
	call, err := proc.adhocCall(c)
	if call == nil || err != nil {
		return nil, err
	}
	call.Position, call.Save, call.Anywhere = position, c.String("save"), anywhere(call.Type)
	one, errs := call.Plan()
	if one == nil {
		return nil, errs
	}
	p := &adhocPlan{one: one, save: call.Save}
	name := fromFlags
	if p.save != "" {
		name = p.save
	}
	doc, invalid := check.ExamineWith(name, one.YAML(), nil, all.Providers(), call.Shared)
	if errs = adhoc.Merged(errs, adhoc.Translate(one, invalid)); len(errs) > 0 {
		return nil, errs
	}
	p.doc = doc
	for i := range doc.Providers {
		doc.Providers[i].Operator = true
	}
	return p, p.checkSave()
}

// anywhere returns a position that a plan which is only read may have.
func anywhere(kind string) string {
	for _, row := range check.Matrix(all.Providers()) {
		switch {
		case row.Type != kind || len(row.To) == 0:
		case slices.Contains(row.To, string(schema.ToCurrent)):
			return string(schema.ToCurrent)
		default:
			return row.To[0]
		}
	}
	return string(schema.ToEarliest)
}

// checkSave refuses, before any service is contacted, a file that cannot be
// written, or that exists and is another plan.
func (p *adhocPlan) checkSave() error {
	switch _, err := os.Lstat(p.save); {
	case p.save == "":
		return nil
	case p.save == "-":
		return usage("--save - is not a file; name a FILE, next to which the lock can be")
	case errors.Is(err, fs.ErrNotExist):
		if checkFolder(p.save) != nil {
			return usage("--save %s: the folder does not exist; create it, or name another file", p.save)
		}
		return nil
	}
	if p.isSaved() {
		return nil
	}
	return usage("--save %s: the file exists and is not this plan; name another file, or run the plan in it: resetplan plan %s", p.save, p.save)
}

// isSaved reports whether the file is this plan already, as after an apply that
// was interrupted.
func (p *adhocPlan) isSaved() bool {
	existing, err := files.Read(p.save, files.Plan)
	return err == nil && bytes.Equal(existing, p.doc.Source)
}

// write saves the plan, if that is requested and it is not saved yet.
func (p *adhocPlan) write() error {
	if p == nil || p.save == "" || p.isSaved() {
		return nil
	}
	return writeNew(p.save, string(p.doc.Source))
}

// saveFor saves the plan and prints how to go on with it.
func (p *adhocPlan) saveFor(proc process, blocked bool) error {
	if p == nil || p.save == "" {
		return nil
	}
	name := view.Plain(p.save)
	if blocked {
		fmt.Fprintf(proc.stderr, "%s was not written, because the step is blocked.\n", name)
		return nil
	}
	if err := p.write(); err != nil {
		return err
	}
	fmt.Fprintf(proc.stderr, "The plan is in %s. Apply it with: resetplan apply %s\n", name, name)
	return nil
}

// next prints, after an apply, which file the plan is in; if it was not completed, how
// to see what is left.
func (p *adhocPlan) next(proc process, lockPath string, err error) {
	if p == nil {
		return
	}
	name := view.Plain(p.save)
	switch {
	case p.save != "" && err != nil:
		fmt.Fprintf(proc.stderr, "The plan is in %s. See what is left of it with:\nresetplan plan %s\n", name, name)
	case p.save != "":
		fmt.Fprintf(proc.stderr, "The plan is in %s.\n", name) // the result names the next commands
	case err == nil:
		fmt.Fprintf(proc.stderr, "The plan is in no file. Roll it back with the same flags and --to lock:%s\n", view.Plain(lockPath))
	}
}

// nameFlags writes flags instead of keys into the sentences of a plan from flags.
func (p *adhocPlan) nameFlags(shown *plan.Plan) {
	if p == nil {
		return
	}
	for i := range shown.Steps {
		s := &shown.Steps[i]
		s.Why = adhoc.Words(p.one.Type, s.Why)
		for j := range s.Warnings {
			s.Warnings[j] = adhoc.Words(p.one.Type, s.Warnings[j])
		}
	}
}
